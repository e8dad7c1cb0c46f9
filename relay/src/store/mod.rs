//! What must survive: records on disk, changed all at once or not at all.
//!
//! A store is a sorted map from keys to values. Many may read, each from a [`Store::snapshot`] that
//! nothing changes any more; one at a time may write, in a [`Transaction`], whose changes are
//! durable when [`Transaction::commit`] returns, and were never made when it does not.
//!
//! | file | |
//! | --- | --- |
//! | [`read`] | what a snapshot and a transaction both can |
//! | [`transaction`] | changes that become true together |
//! | [`embedded`] | the store in a file, by redb |
//! | [`seal`] | each record's own checksum |
//! | [`probation`] | a file that is not changed before it has proved to be ours and whole |
//! | [`backup`] | copies for a bad day, and the way back |
//! | [`door`] | the way to the store of a running relay |
//! | [`copy`](mod@copy) | all records, carried from one store to another |
//! | [`memory`] | the store in memory, for tests and models |
//! | [`error`] | what can go wrong, each with what is safe and what to do |
//!
//! What must never be here: what records mean. That is the rooms' who keep something here.

mod backup;
mod copy;
mod door;
mod embedded;
mod error;
mod memory;
mod probation;
mod read;
mod seal;
mod transaction;

use std::sync::Mutex;

use tidemark_shared::protocol::Epoch;

pub use backup::{BackupError, Copied, backup_at_rest, backup_running, restore};
pub use copy::{CopyError, look_through};
pub use door::Door;
pub use embedded::{EmbeddedSnapshot, EmbeddedStore};
pub use error::{OpenError, StoreError};
pub use memory::MemoryStore;
pub use read::{Keys, Order, Read, Visit};
pub use transaction::{Changes, Transaction};

/// A place that keeps records.
pub trait Store: Send + Sync + 'static {
    /// All records as they were at one instant.
    type Snapshot: Read;

    /// Which life of the store this is. It changes when an older state is restored.
    fn epoch(&self) -> Epoch;

    /// All records as they are committed now.
    ///
    /// # Errors
    /// When the store fails.
    fn snapshot(&self) -> Result<Self::Snapshot, StoreError>;

    /// Makes all changes durable, or none. Transactions call it, nobody else.
    ///
    /// # Errors
    /// When the store fails. Whether the changes were made is known only after opening it again.
    fn write(&self, changes: &Changes) -> Result<(), StoreError>;

    /// Held by whoever writes.
    fn turn(&self) -> &Mutex<()>;
}
