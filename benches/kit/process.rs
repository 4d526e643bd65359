//! What the operating system has counted of this process.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

/// How long a tail is left alone before it is folded, and a little more.
const PATIENCE: Duration = Duration::from_millis(2_200);

/// How long nothing is written before the process counts as quiet.
const QUIET: Duration = Duration::from_millis(150);

/// Waits until the store has carried what was appended into its index: what is measured next shall
/// not pay for it.
pub fn wait_until_folded() {
    sleep(PATIENCE);
    let mut written = bytes("write_bytes");
    loop {
        sleep(QUIET);
        let now = bytes("write_bytes");
        if now == written {
            return;
        }
        written = now;
    }
}

/// Bytes that came from the disk, not from the page cache; through maps as well.
pub fn bytes_read() -> u64 {
    bytes("read_bytes")
}

fn bytes(name: &str) -> u64 {
    let counts = fs::read_to_string("/proc/self/io").unwrap();
    let mut lines = counts.lines().filter_map(|line| line.split_once(": "));
    let (_, count) = lines.find(|(found, _)| *found == name).unwrap();
    count.parse().unwrap()
}
