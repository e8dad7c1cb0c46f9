//! Opens the store, finds the relay, puts it all together.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use tidemark_shared::documents::{GroupId, UserName};
use tidemark_shared::market::Interval;
use tidemark_shared::protocol::Event;
use tidemark_shared::session::{Input, Settings, Transport};

use super::receiver::Receiver;
use super::{App, Chosen, Entry, Known, Lists, Parts, Theme, Toasts, account, choices, topics};
use crate::board::{Evidence, Freshness, Reach, Ticker, is_down};
use crate::browser::frame::FrameLoop;
use crate::browser::timer::Interval as Repeating;
use crate::browser::{clock, random};
use crate::bus::{AppEvent, Batch, Filter, Happening, Kind, StorageState, Subscription};
use crate::desk::Desk;
use crate::entrance::{
    Arrival, Door, DoorError, Mode, Secret, SessionInfo, TokenUrl, arrival, take_secret,
};
use crate::i18n::wording;
use crate::link::address::{Query, RelayAddress, find_relay};
use crate::link::{Leaving, PageEvents};
use crate::pwa::Pwa;
use crate::queue::{Documents, QueueShell, Setup, StoreState};
use crate::store::legacy;
use crate::store::{Archive, Keep, Keeper, OpenedVault, Places, VaultError};
use crate::tabs::{self, Line, Seat};

/// Ages are shown to a tenth of a second: twice a second is as fast as they can be read.
const TICK: Duration = Duration::from_millis(500);

/// What a crash of the browser may lose of the last values.
const FLUSH: Duration = Duration::from_secs(1);

/// How soon a write is found by others whose own tab died in the very moment.
const LOOK: Duration = Duration::from_secs(15);

/// Entries of the log on the screen; the bus keeps more.
const LOG_MAX: usize = 200;

/// How the page starts.
pub(crate) enum Start {
    /// As somebody's page.
    Page(Box<Opened>),
    /// As a place to sign in.
    SignIn(Threshold),
}

/// What a place to sign in must know.
pub(crate) struct Threshold {
    /// Where.
    pub(crate) relay: RelayAddress,
    /// What the relay said, if it was reached.
    pub(crate) info: Option<SessionInfo>,
    /// What a printed link allows.
    pub(crate) secret: Option<Secret>,
}

/// What must be there before the first picture.
pub(crate) struct Opened {
    query: Query,
    relay: RelayAddress,
    entry: Opening,
    place: Rc<dyn Keep>,
    storage: StorageState,
    chosen: Chosen,
    /// What a page of before this one kept, if it is still there.
    legacy: Option<Chosen>,
    known: Known,
    events: Vec<Event>,
    queue: Setup,
    seat: Seat,
}

/// What is known of the sign-in before there is a page.
struct Opening {
    mode: Mode,
    info: Option<SessionInfo>,
    token: Option<String>,
    token_url: Option<TokenUrl>,
}

/// Finds the relay, who is signed in, and opens the store. Never fails: what is refused is done
/// without.
pub(crate) async fn open() -> Start {
    let secret = take_secret();
    let query = Query::of_page();
    let (relay, token_url) = find_relay(&query).await;
    let door = Door::of(relay.clone(), None);
    if account::is_leaving(&relay) {
        match door.sign_out().await {
            // A relay without sign-ins has no session to end.
            Ok(()) | Err(DoorError::NotARelay { status: ..500 }) => account::has_left(&relay),
            Err(_) => {}
        }
    }
    let remembered = account::remembered(&relay);
    let mut said = door.session().await;
    let mut token = None;
    // Who it is, a token says. Who was here before need not wait for it.
    if let (Ok(info), Some(url), None) = (&said, &token_url, &remembered.user)
        && info.mode == Mode::Tokens
        && let Ok(newest) = url.ask().await
    {
        if let Ok(info) = Door::of(relay.clone(), Some(&newest)).session().await {
            said = Ok(info);
        }
        token = Some(newest);
    }
    let (mode, user, info) = match arrival(said, remembered) {
        Arrival::SignIn { info } => return Start::SignIn(Threshold { relay, info, secret }),
        Arrival::Page { info, .. } if secret.is_some() || account::is_leaving(&relay) => {
            return Start::SignIn(Threshold { relay, info, secret });
        }
        Arrival::Page { mode, user, info } => (mode, user.unwrap_or_else(account::nobody), info),
    };
    account::remember(&relay, mode, &user);
    let entry = Opening { mode, info, token, token_url };
    Start::Page(Box::new(open_page(query, relay, entry, user).await))
}

async fn open_page(query: Query, relay: RelayAddress, entry: Opening, user: UserName) -> Opened {
    let places = Places::of(relay.as_str(), &user);
    let (place, refused) = places.open_cache().await;
    let storage = match refused {
        None => StorageState::Durable,
        Some(_) => StorageState::MemoryOnly,
    };
    // What cannot be read is as good as not there: the page then starts as at the first visit.
    let (mut chosen, mut known) = Chosen::load(&*place).await.unwrap_or_default();
    let legacy = legacy::choices().await.map(|text| Chosen::of_legacy(&text));
    if chosen == Chosen::default()
        && let Some(legacy) = &legacy
    {
        chosen = legacy.clone();
        known = Known::of(legacy);
    }
    let events = Keeper::new(place.clone()).load().await.unwrap_or_default();
    let queue = open_queue(&places, user, place.clone()).await;
    let seat = tabs::take_seat(seat_name(&query, &relay, &queue.user)).await;
    Opened { query, relay, entry, place, storage, chosen, legacy, known, events, queue, seat }
}

/// Tabs of one relay and user share a connection. A tab that was asked for a transport keeps to
/// those that were asked for the same.
fn seat_name(query: &Query, relay: &RelayAddress, user: &UserName) -> String {
    let transport = query.transport.map(|transport| format!(":{transport:?}")).unwrap_or_default();
    format!("tidemark:{}:{user}{transport}", relay.as_str())
}

async fn open_queue(places: &Places, user: UserName, place: Rc<dyn Keep>) -> Setup {
    let group = GroupId::from_bits(random::bits());
    let OpenedVault { vault, rows, refused } = places.open_vault(user.clone(), group).await;
    let state = match refused {
        None => StoreState::Ready,
        Some(VaultError::Newer) => StoreState::NewerVersion,
        Some(error) => StoreState::MemoryOnly { why: error.to_string() },
    };
    let archive = Archive::new(place);
    let (documents, position) = archive.load().await;
    let seed = random::bits() as u64;
    Setup { user, vault, rows, state, archive, documents, position, seed }
}

impl App {
    /// Makes the page's state and connects. To be called once, within the page's reactive owner.
    pub(crate) fn start(opened: Opened) -> Self {
        let Opened {
            query,
            relay,
            entry: Opening { mode, info, token, token_url },
            place,
            storage,
            chosen,
            legacy,
            known,
            events,
            queue,
            seat,
        } = opened;
        let entry = Entry::new(mode, info, token_url);
        let app = App::new(place, storage, &chosen, known, QueueShell::new(queue), entry);
        provide_context(app);
        let frames = FrameLoop::new(move || app.show_frame());
        let parts = app.parts();
        // Set here and nowhere else.
        let _ = parts.frames.set(frames.clone());
        app.keep_log();
        app.restore(events);
        let user = app.documents.user();
        let receiver = Rc::new(Receiver(app));
        let line = Line::new(
            seat,
            relay,
            settings(&query, (mode == Mode::Demo).then(|| user.clone()), token),
            user,
            query.seed.unwrap_or_else(random_seed),
            receiver.clone(),
            receiver,
        );
        let _ = parts.line.set(line.clone());
        parts.queue.connect(line.clone());
        app.desk.begin();
        app.follow_lists();
        app.follow_wishes();
        app.follow_topics();
        app.follow_choices();
        app.follow_sign_in();
        app.run_clocks();
        app.expose();
        let hidden_frames = frames;
        let (told, left) = (line.clone(), line.clone());
        let tell = move |input| {
            if matches!(input, Input::Shown | Input::Resumed) {
                app.catch_up_with_tabs();
            }
            told.input(input);
        };
        let page_events = PageEvents::pass_on(tell, move |leaving| {
            hidden_frames.page_hidden();
            app.flush();
            if leaving == Leaving::ForGood {
                left.leave();
            }
        });
        // Live as long as the page.
        std::mem::forget(page_events);
        if storage == StorageState::MemoryOnly {
            app.publish(AppEvent::Storage(StorageState::MemoryOnly));
        }
        let woken = line.clone();
        app.pwa.start(app.reach, move || woken.input(Input::Online));
        app.connect();
        if let Some(legacy) = legacy {
            app.take_over_list(&legacy);
        }
        app
    }

    fn new(
        place: Rc<dyn Keep>,
        storage: StorageState,
        chosen: &Chosen,
        known: Known,
        queue: Rc<QueueShell>,
        entry: Entry,
    ) -> Self {
        let status = RwSignal::<tidemark_shared::session::Status>::default();
        let feeds = RwSignal::new(std::collections::BTreeMap::<
            String,
            tidemark_shared::market::FeedStatus,
        >::new());
        let parts = Parts {
            line: OnceCell::new(),
            queue: queue.clone(),
            rows: crate::board::Rows::default(),
            bus: crate::bus::Bus::default(),
            keeper: Keeper::new(place.clone()),
            place,
            ledger: RefCell::default(),
            pending: RefCell::default(),
            frames: OnceCell::new(),
            wanted: RefCell::default(),
            new_status: RefCell::default(),
            saved: RefCell::default(),
            on_bar: RefCell::default(),
            on_reset: RefCell::default(),
            sparklines: RefCell::default(),
            is_leaving: Cell::new(false),
        };
        let documents = Documents::new(queue);
        let desk = Desk::new(documents);
        let lists = Lists::new(desk, chosen.list.clone(), known);
        App {
            status,
            entry,
            delayed: Memo::new(move |_| {
                status.with(|status| status.delayed_ms).map(Duration::from_millis)
            }),
            reach: Memo::new(move |_| Reach::of(status.with(|status| status.state))),
            now: RwSignal::new(clock::unix()),
            desk,
            lists,
            watchlist: lists.watchlist(desk),
            selected: RwSignal::new(chosen.selected.clone()),
            interval: RwSignal::new(chosen.interval.unwrap_or(Interval::Minute1)),
            feeds,
            feeds_down: Memo::new(move |_| {
                feeds.with(|feeds| {
                    let down = feeds.values().filter(|feed| is_down(feed.state));
                    down.map(|feed| feed.feed.clone()).collect()
                })
            }),
            overview: RwSignal::new(None),
            log: RwSignal::default(),
            documents,
            storage: RwSignal::new(storage),
            theme: RwSignal::new(Theme::kept()),
            language: RwSignal::new(choices::first_language()),
            toasts: Toasts::new(),
            help_open: RwSignal::new(false),
            pwa: Pwa::new(),
            sheet: RwSignal::new(None),
            parts: StoredValue::new_local(Rc::new(parts)),
        }
    }

    /// How much a value can be trusted; follows everything that it depends on.
    pub(crate) fn freshness(self, ticker: &Ticker) -> Freshness {
        let feed_down = self.feeds_down.with(|down| down.contains(&*ticker.source));
        evidence(ticker, self.now.get(), self.reach.get(), feed_down, self.delayed.get()).judge()
    }

    /// How much a value can be trusted now.
    pub(super) fn freshness_untracked(self, ticker: &Ticker) -> Freshness {
        untrack(|| self.freshness(ticker))
    }

    fn follow_topics(self) {
        let user = self.documents.user();
        let wanted = Memo::new(move |_| {
            let selected = self.selected.with(|item| item.as_ref().map(|item| item.symbol.clone()));
            let interval = self.interval.get();
            let prices = match self.delayed.get() {
                Some(_) => topics::Prices::Late,
                None => topics::Prices::AsTheyCome,
            };
            self.watchlist
                .with(|list| topics::needed(list, selected.as_ref(), interval, &user, prices))
        });
        self.want(wanted.get_untracked());
        Effect::new(move || self.want(wanted.get()));
        // A list that has just come to life shows its first instrument.
        Effect::new(move || {
            let first = self.watchlist.with(|list| list.items().first().cloned());
            if first.is_some() && self.selected.with_untracked(Option::is_none) {
                self.selected.set(first);
            }
        });
    }

    fn follow_choices(self) {
        Effect::new(move |before: Option<()>| {
            self.lists.chosen.track();
            self.selected.track();
            self.interval.track();
            if before.is_some() {
                self.keep_choices();
            }
        });
        Effect::new(move || self.theme.get().apply());
        Effect::new(move || {
            let root = crate::browser::document().document_element();
            // Refused only for a name that is no attribute.
            let _ = root.map(|root| root.set_attribute("lang", self.language.get().tag()));
        });
    }

    fn run_clocks(self) {
        let looking = Repeating::every(LOOK, move || self.catch_up_with_tabs());
        let ticking = Repeating::every(TICK, move || self.tick());
        let flushing = Repeating::every(FLUSH, move || self.flush());
        // Live as long as the page.
        std::mem::forget((ticking, flushing, looking));
    }

    /// Looks whether another tab has changed rows and died before it could say so.
    fn catch_up_with_tabs(self) {
        wasm_bindgen_futures::spawn_local(async move { self.parts().queue.catch_up().await });
    }

    fn keep_log(self) {
        let bus = &self.parts().bus;
        let log = bus.subscribe(Filter::kinds(&Kind::LOGGED), Batch::NONE, move |events| {
            self.log.update(|log| {
                for event in events {
                    log.insert(0, Arc::new(Happening::clone(event)));
                }
                log.truncate(LOG_MAX);
            });
            Ok(())
        });
        let caught_up = Filter::kinds(&[Kind::Connection]).that(is_caught_up);
        let toasts = bus.subscribe(caught_up, Batch::NONE, move |events| {
            let language = self.language.get_untracked();
            for event in events {
                if let Some(text) = wording::event(&event.what, language) {
                    self.toasts.show(text);
                }
            }
            Ok(())
        });
        // Live as long as the page.
        let held: [Option<Subscription>; 2] = [log, toasts];
        std::mem::forget(held);
    }
}

fn evidence(
    ticker: &Ticker,
    now: tidemark_shared::clock::UnixMillis,
    reach: Reach,
    feed_down: bool,
    delayed: Option<Duration>,
) -> Evidence {
    Evidence {
        origin: ticker.origin,
        phase: ticker.quote.as_ref().map(|quote| quote.phase).unwrap_or_default(),
        age: ticker.age(now).unwrap_or_default(),
        reach,
        feed_down,
        delayed,
    }
}

fn is_caught_up(event: &Happening) -> bool {
    use tidemark_shared::session::Note;

    matches!(event.what, AppEvent::Connection(Note::CaughtUp { .. }))
}

fn settings(query: &Query, user: Option<UserName>, token: Option<String>) -> Settings {
    Settings {
        client: concat!("tidemark-web/", env!("CARGO_PKG_VERSION")).into(),
        transports: match query.transport {
            Some(only) => vec![only],
            None => Transport::ALL.to_vec(),
        },
        user,
        token,
        ..Settings::default()
    }
}

fn random_seed() -> u64 {
    // Only spreads reconnects of many pages; nothing secret comes of it.
    (js_sys::Math::random() * u32::MAX as f64) as u64
}
