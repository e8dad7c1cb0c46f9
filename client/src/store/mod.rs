//! What the page remembers between two visits: the newest event of each topic with its position,
//! the watchlist, the chart's choice. All of it is disposable: losing it costs a reload, never a
//! user's work.
//!
//! [`Keep`] is the place to keep it; [`IndexedDb`] and [`Memory`] are two such places; [`Keeper`]
//! writes events down in batches.
//!
//! What must never be here: anything the user could not do without.

mod indexed_db;
mod keeper;
mod memory;

use std::future::Future;
use std::pin::Pin;

pub(crate) use indexed_db::IndexedDb;
pub(crate) use keeper::Keeper;
pub(crate) use memory::Memory;
use thiserror::Error;

/// What is kept apart from what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shelf {
    /// The newest event of each topic, as JSON, under the topic's name.
    Events,
    /// What the user chose, as JSON, under a name.
    Choices,
    /// The bars that a chart last showed, as JSON, under the name of their topic.
    Bars,
}

impl Shelf {
    /// All of them.
    pub(crate) const ALL: [Shelf; 3] = [Shelf::Events, Shelf::Choices, Shelf::Bars];

    /// Its name in a database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Shelf::Events => "events",
            Shelf::Choices => "choices",
            Shelf::Bars => "bars",
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
}
