//! The page's state and what can be done with it. Components read its signals and call its
//! methods; the connection and the store are behind it.
//!
//! | file | |
//! | --- | --- |
//! | [`account`] | whose page this is |
//! | [`signing_in`] | the sign-in of the page's user, its end, and a newer one |
//! | [`start`] | opens the store, finds the relay, puts it all together |
//! | [`taking_over`] | what pages of before this one kept |
//! | [`receiver`] | what the relay says, on its way to the next frame |
//! | [`frames`] | what one animation frame shows |
//! | [`topics`] | which topics the screen needs |
//! | [`actions`] | what the user does |
//! | [`questions`] | what is asked once: searches, history |
//! | [`lists`] | the watchlist that is shown |
//! | [`choices`] | what is remembered of the user's choices |
//! | [`wishes`] | theme and language |
//! | [`sheets`] | what is open in the dialog |
//! | [`inspection`] | `window.tidemark`, for tests and support |
//!
//! What must never be here: markup.

pub(crate) mod account;
mod actions;
mod choices;
mod frames;
mod inspection;
mod lists;
mod questions;
mod receiver;
mod sheets;
mod signing_in;
mod start;
mod taking_over;
mod theme;
mod toasts;
mod topics;
mod wishes;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use account::Unsent;
pub(crate) use choices::{Chosen, first_language};
use leptos::prelude::*;
pub(crate) use lists::{Known, Lists};
pub(crate) use sheets::Sheet;
pub(crate) use signing_in::Entry;
pub(crate) use start::{Start, Threshold, open};
pub(crate) use theme::Theme;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{FeedStatus, Instrument, Interval, Symbol};
use tidemark_shared::protocol::{Event, Overview, Pattern, Position, Topic};
use tidemark_shared::session::Status;
pub(crate) use toasts::{Toast, Toasts};

use crate::board::{Ledger, Pending, Reach, Rows};
use crate::browser::clock;
use crate::browser::frame::FrameLoop;
use crate::bus::{AppEvent, Bus, Happening, StorageState};
use crate::desk::Desk;
use crate::i18n::{Language, Text};
use crate::pwa::Pwa;
use crate::queue::{Documents, QueueShell};
use crate::store::{Keep, Keeper};
use crate::tabs::Line;
use crate::watchlist::Watchlist;

/// The page's state. A handle: cheap to copy into every closure.
#[derive(Clone, Copy)]
pub(crate) struct App {
    /// The connection's status.
    pub(crate) status: RwSignal<Status>,
    /// How the page's user is known to the relay.
    pub(crate) entry: Entry,
    /// How late prices are for this user; absent for those who see them as they come.
    pub(crate) delayed: Memo<Option<Duration>>,
    /// Whether the relay is reached.
    pub(crate) reach: Memo<Reach>,
    /// The time by the relay's clock, twice a second.
    pub(crate) now: RwSignal<UnixMillis>,
    /// The user's own data.
    pub(crate) desk: Desk,
    /// The user's watchlists.
    pub(crate) lists: Lists,
    /// The instruments on the list that is shown.
    pub(crate) watchlist: Memo<Watchlist>,
    /// The instrument that the chart shows.
    pub(crate) selected: RwSignal<Option<Instrument>>,
    /// The chart's interval.
    pub(crate) interval: RwSignal<Interval>,
    /// The state of every feed that has reported.
    pub(crate) feeds: RwSignal<BTreeMap<String, FeedStatus>>,
    /// The feeds that bring nothing now.
    pub(crate) feeds_down: Memo<BTreeSet<String>>,
    /// The state of the whole market.
    pub(crate) overview: RwSignal<Option<Overview>>,
    /// What happened, newest first, for people.
    pub(crate) log: RwSignal<Vec<Arc<Happening>>>,
    /// What the user has written: notes, lists, rules, layouts, settings.
    pub(crate) documents: Documents,
    /// Where values are kept.
    pub(crate) storage: RwSignal<StorageState>,
    /// Light or dark.
    pub(crate) theme: RwSignal<Theme>,
    /// The language.
    pub(crate) language: RwSignal<Language>,
    /// Short messages.
    pub(crate) toasts: Toasts,
    /// Whether the help is open.
    pub(crate) help_open: RwSignal<bool>,
    /// The page as an installed app.
    pub(crate) pwa: Pwa,
    /// What of the user's own is open.
    pub(crate) sheet: RwSignal<Option<Sheet>>,
    parts: StoredValue<Rc<Parts>, LocalStorage>,
}

/// A sentence that follows the language.
pub(crate) type Said = Box<dyn Fn() -> &'static str + Send + Sync>;

/// A text that follows what it is computed from: of one type for the same reason.
pub(crate) type Shown = Box<dyn Fn() -> String + Send + Sync>;

/// Stands where there is nothing to say.
const NOTHING: &str = "–";

/// A figure that may be missing, as a value of the view.
pub(crate) fn shown(figure: impl Fn() -> Option<String> + Send + Sync + 'static) -> Shown {
    Box::new(move || figure().filter(|text| !text.is_empty()).unwrap_or_else(|| NOTHING.into()))
}

/// What is no signal.
struct Parts {
    line: OnceCell<Line>,
    queue: Rc<QueueShell>,
    rows: Rows,
    bus: Bus,
    place: Rc<dyn Keep>,
    keeper: Keeper,
    ledger: RefCell<Ledger>,
    pending: RefCell<Pending>,
    frames: OnceCell<FrameLoop>,
    wanted: RefCell<BTreeSet<Pattern>>,
    /// The status that the next frame shows.
    new_status: RefCell<Option<Status>>,
    /// Where the last visit ended.
    saved: RefCell<HashMap<Topic, Position>>,
    on_bar: RefCell<Option<BarListener>>,
    on_reset: RefCell<Option<ResetListener>>,
    sparklines: RefCell<questions::SparklineQueue>,
    /// The page is about to be another user's: nothing more is kept for this one.
    is_leaving: Cell<bool>,
}

type BarListener = Box<dyn Fn(&Event)>;
type ResetListener = Box<dyn Fn(&Topic)>;

impl App {
    /// The app of this page.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// A sentence in the user's language; follows a change of it.
    pub(crate) fn say(self, text: Text) -> &'static str {
        text.say(self.language.get())
    }

    /// A sentence as a value of the view, which follows the language by itself. All of them have
    /// one type, so that the view code is made once for all and not once for each.
    pub(crate) fn said(self, text: Text) -> Said {
        Box::new(move || self.say(text))
    }

    /// The signals of an instrument.
    pub(crate) fn row(self, symbol: &Symbol) -> crate::board::Row {
        self.parts().rows.of(symbol)
    }

    /// Where the relay is, for people.
    pub(crate) fn relay(self) -> String {
        self.line().map(|line| line.relay().as_str().to_owned()).unwrap_or_default()
    }

    fn parts(self) -> Rc<Parts> {
        self.parts.with_value(Rc::clone)
    }

    fn line(self) -> Option<Line> {
        self.parts().line.get().cloned()
    }

    fn publish(self, what: AppEvent) {
        let now = clock::now();
        self.parts().bus.publish(what, now.moment, now.unix);
    }
}
