//! What can happen in the page.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{FeedState, Symbol};
use tidemark_shared::protocol::{Notice, Pattern, WireError};
use tidemark_shared::session::Note;

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Happening {
    /// By the page's wall clock.
    pub(crate) at: UnixMillis,
    /// What.
    pub(crate) what: AppEvent,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AppEvent {
    /// The connection has something to say.
    Connection(Note),
    /// A feed is in another state than before.
    Feed {
        /// Which.
        feed: String,
        /// Its state now.
        state: FeedState,
    },
    /// The operator says something to everybody.
    Notice(Notice),
    /// The relay refused a topic.
    Refused {
        /// Which.
        topic: Pattern,
        /// Why.
        error: WireError,
    },
    /// Where values are kept is different now.
    Storage(StorageState),
    /// The user changed the watchlist.
    Watchlist {
        /// The instrument.
        symbol: Symbol,
        /// Whether it is on the list now.
        listed: bool,
    },
    /// The screen shows newer prices.
    Painted {
        /// How many rows changed.
        rows: usize,
    },
}

/// By what subscribers choose and the history is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Connection,
    Feed,
    Notice,
    Refused,
    Storage,
    Watchlist,
    Painted,
}

impl Kind {
    /// What a log for people shows.
    pub(crate) const LOGGED: [Kind; 5] =
        [Kind::Connection, Kind::Feed, Kind::Notice, Kind::Refused, Kind::Storage];
}

impl AppEvent {
    /// Its kind.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            AppEvent::Connection(_) => Kind::Connection,
            AppEvent::Feed { .. } => Kind::Feed,
            AppEvent::Notice(_) => Kind::Notice,
            AppEvent::Refused { .. } => Kind::Refused,
            AppEvent::Storage(_) => Kind::Storage,
            AppEvent::Watchlist { .. } => Kind::Watchlist,
            AppEvent::Painted { .. } => Kind::Painted,
        }
    }
}

/// Where the last values are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StorageState {
    /// Not known yet.
    #[default]
    Opening,
    /// In the browser's database.
    Durable,
    /// The browser refuses: in memory only, until the page is closed.
    MemoryOnly,
}
