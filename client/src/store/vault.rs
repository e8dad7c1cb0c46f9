//! The place of the user's unsent writes: small, precious, and never emptied by us.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use thiserror::Error;
use tidemark_shared::documents::MutationId;
use tidemark_shared::outbox::{Done, Item, Meta, ROWS_SCHEMA, Write, WriteRefused};

/// A place of the queue's rows. All tabs of a user share one.
pub(crate) trait Vault {
    /// The row about the queue; absent where there are no rows.
    fn peek(&self) -> Guarded<'_, Option<Meta>>;
    /// All rows, read at one time.
    fn load(&self) -> Guarded<'_, Rows>;
    /// Changes rows in one transaction. Answered when that is safe.
    fn perform(&self, write: Write) -> Guarded<'_, Done>;
    /// Begins with these rows: those of an empty queue, or those that memory has and the browser
    /// has lost. Where there are rows, they stay. Answers what is there now.
    fn begin_with(&self, rows: Rows) -> Guarded<'_, Rows>;
    /// Calls `action` when the rows may be gone: it is time to look.
    fn when_lost(&self, action: Box<dyn Fn()>);
    /// Removes the whole place. It must not be used after that.
    fn remove(&self) -> Guarded<'_, ()>;
}

/// What a vault answers, later.
pub(crate) type Guarded<'a, T> = Pin<Box<dyn Future<Output = Result<T, VaultError>> + 'a>>;

/// All rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// The row about the queue.
    pub(crate) meta: Meta,
    /// The writes.
    pub(crate) items: Vec<Item>,
}

/// Why rows could not be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum VaultError {
    /// The rows do not allow it.
    #[error(transparent)]
    Refused(#[from] WriteRefused),
    /// There are no rows any more.
    #[error("the browser has thrown away what this page had stored")]
    Wiped,
    /// The device is full, or the browser gives the page no more room.
    #[error("there is no room left on this device")]
    Full,
    /// A newer version of the page has changed the shape of the rows.
    #[error("a newer version of this page has taken over what is stored")]
    Newer,
    /// The connection to the database was lost; it may come back.
    #[error("the browser's database does not answer: {reason}")]
    Lost {
        /// What the platform said.
        reason: String,
    },
    /// There is no such place in this browser.
    #[error("the browser refuses to store anything: {reason}")]
    Unavailable {
        /// What the platform said.
        reason: String,
    },
}

/// What a change makes of the rows: the part of a transaction that both vaults share.
pub(super) fn transact(
    meta: Option<Meta>,
    rows: BTreeMap<MutationId, Item>,
    write: &Write,
) -> Result<Done, VaultError> {
    let meta = meta.ok_or(VaultError::Wiped)?;
    if meta.schema > ROWS_SCHEMA {
        return Err(VaultError::Newer);
    }
    Ok(write.perform(&meta, rows)?)
}
