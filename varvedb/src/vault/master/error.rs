//! Why there is no master key.

use std::fmt;
use std::path::PathBuf;

/// Why a master key could not be had. No message holds any part of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// The environment variable is not set.
    #[error(
        "the environment variable `{variable}` is not set; set it to the master key, 64 hexadecimal digits"
    )]
    Unset {
        /// Its name.
        variable: String,
    },
    /// There is nothing there.
    #[error("{origin} is empty; it must hold the master key, 64 hexadecimal digits")]
    Empty {
        /// Where the key was looked for.
        origin: String,
    },
    /// It is no key, by its length.
    #[error(
        "{origin} is no master key: a key is 64 hexadecimal digits, and there are {bytes} bytes"
    )]
    Length {
        /// Where the key was looked for.
        origin: String,
        /// How long it is, without the end of the line.
        bytes: usize,
    },
    /// It is as long as a key, and no key.
    #[error(
        "{origin} is no master key: a key is 64 hexadecimal digits, and these are other characters"
    )]
    NotHex {
        /// Where the key was looked for.
        origin: String,
    },
    /// Bytes were given, and not as many as a key has.
    #[error("a master key is 32 bytes, and {found} were given")]
    Bytes {
        /// How many.
        found: usize,
    },
    /// The file could not be read or written.
    #[error("could not {attempt} the master key file {}: {what}", path.display())]
    File {
        /// What was attempted.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// There is no file, but a directory, a pipe or a device.
    #[error("{} is no regular file, so no master key is read from it", path.display())]
    NotAFile {
        /// What it is instead of a file.
        path: PathBuf,
    },
    /// Others than the file's owner may read or change it.
    #[error(
        "the master key file {} has mode {mode:04o}, so others than its owner may read or change it; \
         give it mode 0600 or 0400, and think of the key as known to whoever could read it", path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The system gave no random bytes.
    #[error("could not make a master key: the system gave no random bytes: {what}")]
    NoRandom {
        /// What it said.
        what: String,
    },
    /// What keeps the master keys failed: a key service, a keyring.
    #[error("what keeps the master keys gave none: {what}")]
    Provider {
        /// What it said.
        what: String,
    },
}

impl MasterKeyError {
    /// What a key service said; for implementations of [`MasterKeys`](super::MasterKeys).
    ///
    /// The text is kept and shown: it must not hold a key.
    pub fn provider(said: impl fmt::Display) -> Self {
        Self::Provider {
            what: said.to_string(),
        }
    }
}
