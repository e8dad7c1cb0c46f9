//! How much one user may have.

use std::time::Duration;

/// How much one user may have. What is over a limit is refused with a receipt that says so: it
/// stays in the queue of the device that wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most documents of one user; those that were deleted count, because late writes of them
    /// must still be recognised.
    pub documents_per_user_max: u64,
    /// Most bytes of one user's documents, as they are stored, without their history.
    pub bytes_per_user_max: u64,
    /// Most queues (browser profiles, devices) of one user.
    pub groups_per_user_max: u64,
    /// Versions kept of each document, the newest among them.
    pub history_max: u64,
    /// Bytes of one user's history from which on a document that is written keeps only its newest
    /// few versions.
    pub history_bytes_per_user_max: u64,
    /// Most receipts of one queue that its client has not said to have kept.
    pub receipts_per_group_max: u64,
    /// Newest receipts of one queue that are kept although its client has them: a copy of the queue
    /// (a browser profile that was cloned or put back) that comes later is given them, and so does
    /// not send as new what was done long ago.
    pub receipts_kept: u64,
    /// How long a client that was refused waits before it asks again.
    pub retry_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            documents_per_user_max: 10_000,
            bytes_per_user_max: 32 * 1024 * 1024,
            groups_per_user_max: 1_000,
            history_max: 100,
            history_bytes_per_user_max: 64 * 1024 * 1024,
            receipts_per_group_max: 10_000,
            receipts_kept: 1_000,
            retry_after: Duration::from_secs(1),
        }
    }
}
