//! What the page keeps in the browser, in two databases per relay and user.
//!
//! | | the cache | the vault |
//! | --- | --- | --- |
//! | what | the newest event of each topic with its position, confirmed documents, the chart's choice | the user's unsent writes |
//! | losing it | costs a reload | loses the user's work |
//! | when room runs out | is emptied first | is never emptied by us |
//! | the place | [`Keep`]: [`IndexedDb`], [`Memory`] | [`Vault`]: [`IndexedVault`], [`MemoryVault`] |
//!
//! [`Keeper`] writes events down in batches, [`Archive`] documents in their order.
//!
//! What must never be here: what a write means (that is `shared::outbox`'s).

mod archive;
mod database;
mod indexed_db;
mod indexed_vault;
mod keeper;
pub(crate) mod legacy;
mod memory;
mod memory_vault;
mod places;
mod vault;

use std::future::Future;
use std::pin::Pin;

pub(crate) use archive::Archive;
pub(crate) use indexed_db::IndexedDb;
pub(crate) use indexed_vault::IndexedVault;
pub(crate) use keeper::Keeper;
pub(crate) use memory::Memory;
pub(crate) use memory_vault::MemoryVault;
pub(crate) use places::{OpenedVault, Places};
use thiserror::Error;
pub(crate) use vault::{Rows, Vault, VaultError};

/// What is kept apart from what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shelf {
    /// The newest event of each topic, as JSON, under the topic's name.
    Events,
    /// What the user chose, as JSON, under a name.
    Choices,
    /// The bars that a chart last showed, as JSON, under the name of their topic.
    Bars,
    /// Documents as the relay has confirmed them, as JSON, under their names.
    Documents,
}

impl Shelf {
    /// Their names in a database.
    pub(crate) const NAMES: [&'static str; 4] = ["events", "choices", "bars", "documents"];

    /// Those that are emptied when room runs out: what the relay can give again.
    pub(crate) const DISPOSABLE: [Shelf; 3] = [Shelf::Events, Shelf::Bars, Shelf::Documents];

    /// Its name in a database.
    pub(crate) const fn as_str(self) -> &'static str {
        let [events, choices, bars, documents] = Shelf::NAMES;
        match self {
            Shelf::Events => events,
            Shelf::Choices => choices,
            Shelf::Bars => bars,
            Shelf::Documents => documents,
        }
    }
}

/// Why nothing could be read or written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum KeepError {
    /// The browser has no database for this page, or refuses it (private mode, settings).
    #[error("the browser refuses to store anything: {reason}")]
    Refused {
        /// What the platform said.
        reason: String,
    },
    /// A read or a write failed (quota, disk).
    #[error("the browser's database failed: {reason}")]
    Failed {
        /// What the platform said.
        reason: String,
    },
}

/// A name and a text; no text: forget the name.
pub(crate) type Entry = (String, Option<String>);

/// What a place to keep things answers, later.
pub(crate) type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, KeepError>> + 'a>>;

/// A place to keep texts under names.
pub(crate) trait Keep {
    /// Everything on a shelf.
    fn read(&self, shelf: Shelf) -> Later<'_, Vec<(String, String)>>;
    /// Writes all entries or none. Answered when they are safe.
    fn write(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()>;
    /// As [`Keep::write`], after everything that was on the shelf is forgotten, in one step.
    fn replace(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()>;
    /// Removes the whole place. It must not be used after that.
    fn remove(&self) -> Later<'_, ()>;
}
