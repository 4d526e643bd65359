//! Disks that are soon full.

use std::path::Path;
use std::process::Command;

/// A small disk mounted at a directory, gone when dropped.
pub struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// `None` where this process may not mount.
    pub fn mount(at: &'a Path, kib: u32) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"]);
        let output = mount.arg(at).output().ok()?;
        output.status.success().then_some(Self(at))
    }

    /// Gives it more room.
    pub fn grow(&self, kib: u32) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,size={kib}k")]);
        assert!(mount.arg(self.0).status().unwrap().success());
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}
