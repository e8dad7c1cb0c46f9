//! What can go wrong with a store. Every sentence says what happened, what is safe and what to do.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A store that failed while it was used. Nothing is confirmed to anybody after that: the relay
/// stops.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The disk, or what is in between.
    #[error(
        "the store failed: {reason}; every write that was confirmed is safe, and clients keep the \
         others: see that the disk has room and works, then start the relay again"
    )]
    Failed {
        /// In the words of what failed.
        reason: String,
    },
    /// A record is not what was written.
    #[error(
        "the store is damaged: the record {key:?} is not what was written; nothing was changed: \
         start again from a backup with `tidemark-relay restore`"
    )]
    Damaged {
        /// Which, as far as it is readable.
        key: String,
    },
}

impl StoreError {
    pub(super) fn failed(reason: impl Into<redb::Error>) -> Self {
        StoreError::Failed { reason: reason.into().to_string() }
    }

    /// A record that cannot be what was written.
    #[must_use]
    pub fn damaged(key: &[u8]) -> Self {
        StoreError::Damaged { key: key.escape_ascii().to_string() }
    }
}

/// Why a store was not opened. The file is as it was.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The disk refuses.
    #[error("cannot use the store {}: {error}; it was not changed", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Somebody else has it.
    #[error("the store {} is in use by another process; nothing was changed", path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// Not one of ours.
    #[error(
        "{} is not a Tidemark store; it was not changed: move it away, or set `data_dir`",
        path.display()
    )]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// From the future.
    #[error(
        "the store {} was written by a newer version (format {format}, this one knows up to \
         {known}); it was not changed: start that version, or restore a backup made by this one",
        path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u64,
        /// Ours.
        known: u64,
    },
    /// Ours, but not whole.
    #[error(
        "the store {} is damaged ({reason}); it was not changed: keep a copy of it, then start \
         again from a backup with `tidemark-relay restore`",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where it shows.
        reason: String,
    },
}

impl OpenError {
    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        OpenError::Io { path: path.to_owned(), error }
    }

    pub(super) fn damaged(path: &Path, reason: impl ToString) -> Self {
        OpenError::Damaged { path: path.to_owned(), reason: reason.to_string() }
    }
}
