//! This tab's line to the relay: its own connection when it leads, else the leading tab's.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::{
    ClientMessage, Encoding, Method, Pattern, Position, Reply, Request, SubscribeTopic,
};
use tidemark_shared::session::{
    AskFailed, Delivery, Input, LinkError, Note, Settings, State, Status, Transport,
};
use wasm_bindgen_futures::spawn_local;

use super::channel::Channel;
use super::following::Port;
use super::leading::{self, BEAT, Mouth};
use super::lock::{self, Hold, How};
use super::standing::Standing;
use super::switchboard::{Out, Switchboard};
use super::word::{TabId, Word};
use crate::browser::timer::Interval;
use crate::browser::{clock, is_hidden, random, window};
use crate::link::address::RelayAddress;
use crate::link::{Application, Far, Shell};

/// How long a tab that follows waits for the leading tab's answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// First wait before a tab that follows asks again, and the longest: it costs nobody anything.
const AGAIN_AFTER: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// Where this tab begins.
pub(crate) struct Seat(Place);

enum Place {
    /// The platform has no locks, or no channel: every tab leads.
    Alone,
    /// Nobody else had the lock.
    Leads {
        /// To the other tabs.
        channel: Channel,
        /// The lock's name.
        lock: String,
        /// It was had at once.
        asked: lock::Asked,
    },
    /// Another tab has it.
    Follows {
        /// To the other tabs.
        channel: Channel,
        /// The lock's name.
        lock: String,
    },
}

/// Finds out whether another tab holds the connection of that name.
pub(crate) async fn take_seat(name: String) -> Seat {
    let Some(channel) = Channel::open(&name) else { return Seat(Place::Alone) };
    let Some(asked) = lock::ask(&name, How::AtOnce) else { return Seat(Place::Alone) };
    let mut asked = asked;
    match (&mut asked.granted).await {
        Ok(true) => Seat(Place::Leads { channel, lock: name, asked }),
        Ok(false) => Seat(Place::Follows { channel, lock: name }),
        Err(_) => Seat(Place::Alone),
    }
}

/// Who hears of this tab's role, and of what other tabs say beside frames.
pub(crate) trait Neighbour {
    /// This tab leads from now on, or follows.
    fn role_changed(&self, leads: bool);
    /// Another tab has changed rows, or says that the user leaves.
    fn heard(&self, word: Word);
}

/// This tab's line to the relay. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Line(Rc<Inner>);

struct Inner {
    relay: RelayAddress,
    user: UserName,
    /// With the newest sign-in.
    settings: RefCell<Settings>,
    seed: u64,
    tab: TabId,
    channel: Option<Channel>,
    lock: String,
    application: Rc<dyn Application>,
    neighbour: Rc<dyn Neighbour>,
    board: RefCell<Switchboard>,
    mouth: RefCell<Mouth>,
    role: RefCell<Role>,
    /// Counts roles: what an older one still says is not heard.
    generation: Cell<u64>,
    shell: RefCell<Option<Shell>>,
    standing: RefCell<Option<Standing>>,
    held: RefCell<Hold>,
    is_queued: Cell<bool>,
    is_flushing: Cell<bool>,
    is_started: Cell<bool>,
}

enum Role {
    /// Holds the connection; the interval beats for those who follow.
    Leads { _beating: Option<Interval> },
    /// Talks to the tab that does.
    Follows(Port),
}

impl Line {
    /// A line that rests until [`Line::start`].
    pub(crate) fn new(
        seat: Seat,
        relay: RelayAddress,
        settings: Settings,
        user: UserName,
        seed: u64,
        application: Rc<dyn Application>,
        neighbour: Rc<dyn Neighbour>,
    ) -> Self {
        let tab = TabId(random::bits() as u64);
        let (channel, lock, asked) = match seat.0 {
            Place::Alone => (None, String::new(), None),
            Place::Leads { channel, lock, asked } => (Some(channel), lock, Some(asked)),
            Place::Follows { channel, lock } => (Some(channel), lock, None),
        };
        let role = match (&channel, &asked) {
            (Some(channel), None) => Role::Follows(Port::new(channel.clone(), tab)),
            _ => Role::Leads { _beating: None },
        };
        let inner = Rc::new(Inner {
            relay,
            user,
            settings: RefCell::new(settings),
            seed,
            tab,
            channel,
            lock,
            application,
            neighbour,
            board: RefCell::default(),
            mouth: RefCell::default(),
            role: RefCell::new(role),
            generation: Cell::new(0),
            shell: RefCell::default(),
            standing: RefCell::default(),
            held: RefCell::default(),
            is_queued: Cell::new(false),
            is_flushing: Cell::new(false),
            is_started: Cell::new(false),
        });
        inner.listen();
        if let Some(asked) = asked {
            inner.hold(asked);
        }
        Line(inner)
    }

    /// Begins to connect.
    pub(crate) fn start(&self) {
        self.0.is_started.set(true);
        match self.leads() {
            true => self.0.lead(),
            false => self.0.follow(),
        }
    }

    /// Asks for a topic that the screen has up to `resume`.
    pub(crate) fn subscribe(&self, topic: Pattern, resume: Option<Position>) {
        self.0.board.borrow_mut().want(topic, resume);
        self.0.drain();
    }

    /// Gives a topic back.
    pub(crate) fn unsubscribe(&self, topic: &Pattern) {
        self.0.board.borrow_mut().unwant(topic);
        self.0.drain();
    }

    /// Tells the machine what happened to the page, or what the user wants.
    pub(crate) fn input(&self, input: Input) {
        // No network is needed to reach another tab.
        let is_of_network = matches!(input, Input::Online | Input::Offline);
        if is_of_network && !self.leads() {
            return;
        }
        match input {
            Input::ReconnectNow if !self.leads() => self.say(&Word::Reconnect {}),
            Input::Frozen if self.leads() => self.0.yield_lead(),
            _ => {}
        }
        if let Some(shell) = self.0.shell() {
            shell.input(input);
        }
    }

    /// A newer sign-in: of a token, or of the browser's session where there is none. Whichever tab
    /// has it, the relay is told on the connection that stands.
    pub(crate) fn sign_in(&self, token: Option<String>) {
        self.0.settings.borrow_mut().token.clone_from(&token);
        // Every tab gets its own tokens: a token is not passed around.
        if token.is_none() {
            self.say(&Word::SignedIn {});
        }
        if let (true, Some(shell)) = (self.leads(), self.0.shell()) {
            shell.input(Input::SignIn { token });
        }
    }

    /// Another tab says that the browser has a newer session.
    pub(crate) fn signed_in_elsewhere(&self) {
        if let (true, Some(shell)) = (self.leads(), self.0.shell()) {
            shell.input(Input::SignIn { token: None });
        }
    }

    /// The token that was last signed in with.
    pub(crate) fn token(&self) -> Option<String> {
        self.0.settings.borrow().token.clone()
    }

    /// Asks the relay something once.
    pub(crate) async fn ask(&self, method: Method) -> Result<Reply, AskFailed> {
        loop {
            let generation = self.0.generation.get();
            let Some(shell) = self.0.shell() else { return Err(AskFailed::Stopped) };
            match shell.ask(method.clone()).await {
                // The role changed under the question: it changes nothing, so it is asked again.
                Err(AskFailed::Stopped) if generation != self.0.generation.get() => {}
                answer => return answer,
            }
        }
    }

    /// The state of the connection.
    pub(crate) fn status(&self) -> Status {
        self.0.shell().map(|shell| self.0.shown(&shell.status())).unwrap_or_default()
    }

    /// Where the relay is.
    pub(crate) fn relay(&self) -> &RelayAddress {
        &self.0.relay
    }

    /// Whether this tab holds the connection.
    pub(crate) fn leads(&self) -> bool {
        matches!(*self.0.role.borrow(), Role::Leads { .. })
    }

    /// Says something to all other tabs.
    pub(crate) fn say(&self, word: &Word) {
        if let Some(channel) = &self.0.channel {
            channel.say(word);
        }
    }

    /// This page is about to be gone.
    pub(crate) fn leave(&self) {
        if !self.leads() {
            self.say(&Word::Bye { from: self.0.tab });
        }
    }
}

impl Inner {
    fn shell(&self) -> Option<Shell> {
        self.shell.borrow().clone()
    }

    /// Takes the lead.
    fn lead(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let beating = self.channel.is_some().then(|| {
            Interval::every(BEAT, move || {
                if let Some(line) = weak.upgrade() {
                    line.beat();
                }
            })
        });
        *self.role.borrow_mut() = Role::Leads { _beating: beating };
        *self.standing.borrow_mut() = None;
        let settings = self.settings.borrow().clone();
        self.begin(Far::Relay(self.relay.clone()), settings);
        self.say(&Word::Leads {});
    }

    /// Follows the tab that leads, until it is gone.
    fn follow(self: &Rc<Self>) {
        let Some(channel) = &self.channel else { return };
        let port = Port::new(channel.clone(), self.tab);
        *self.role.borrow_mut() = Role::Follows(port.clone());
        let (backoff_first, backoff_max) = AGAIN_AFTER;
        let settings = Settings {
            transports: vec![Transport::WebSocket],
            encoding: Encoding::Json,
            greet_within: ANSWER_WITHIN,
            backoff_first,
            backoff_max,
            ..self.settings.borrow().clone()
        };
        self.begin(Far::Tab(port), settings);
        if !self.is_queued.replace(true)
            && let Some(asked) = lock::ask(&self.lock, How::InTurn)
        {
            self.lead_when(asked);
        }
    }

    fn lead_when(self: &Rc<Self>, mut asked: lock::Asked) {
        let line = self.clone();
        spawn_local(async move {
            let is_granted = (&mut asked.granted).await == Ok(true);
            line.is_queued.set(false);
            if is_granted {
                line.hold(asked);
                line.lead();
            }
        });
    }

    /// Has the lock. It may be taken by force from a tab that hangs, which learns of that when it
    /// runs again.
    fn hold(self: &Rc<Self>, asked: lock::Asked) {
        *self.held.borrow_mut() = asked.hold;
        let line = self.clone();
        spawn_local(async move {
            if asked.lost.await.is_ok() {
                line.follow();
            }
        });
    }

    /// This page is about to be frozen: a tab that runs takes the lead, if there is one.
    fn yield_lead(self: &Rc<Self>) {
        if self.board.borrow().has_followers() {
            self.held.borrow().release();
            self.follow();
        }
    }

    /// The leading tab answers no more: its lock is taken.
    fn take_over(self: &Rc<Self>) {
        let line = self.clone();
        let Some(mut asked) = lock::ask(&self.lock, How::ByForce) else { return };
        spawn_local(async move {
            if (&mut asked.granted).await == Ok(true) {
                line.hold(asked);
                line.lead();
            }
        });
    }

    /// Begins with another far end.
    fn begin(self: &Rc<Self>, far: Far, settings: Settings) {
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        let ear = Ear { line: Rc::downgrade(self), generation };
        let shell = Shell::new(far, settings, self.seed ^ generation, Rc::new(ear));
        let before = self.shell.replace(Some(shell.clone()));
        if let Some(before) = before {
            before.input(Input::Stop);
        }
        self.board.borrow_mut().begin_anew();
        self.drain();
        shell.input(Input::Start);
        if is_hidden() {
            shell.input(Input::Hidden);
        }
        let leads = matches!(*self.role.borrow(), Role::Leads { .. });
        if leads && !window().navigator().on_line() {
            shell.input(Input::Offline);
        }
        self.neighbour.role_changed(leads);
        self.application.status_changed(&self.shown(&shell.status()));
    }

    fn say(&self, word: &Word) {
        if let Some(channel) = &self.channel {
            channel.say(word);
        }
    }

    fn listen(self: &Rc<Self>) {
        let Some(channel) = &self.channel else { return };
        let weak = Rc::downgrade(self);
        channel.listen(move |word| {
            if let Some(line) = weak.upgrade() {
                line.heard(word);
            }
        });
    }

    fn heard(self: &Rc<Self>, word: Word) {
        let port = match &*self.role.borrow() {
            Role::Follows(port) => Some(port.clone()),
            Role::Leads { .. } => None,
        };
        match (word, port) {
            (Word::Down { to, frame }, Some(port)) if to == self.tab => port.answered(frame),
            (Word::Cast { frame }, Some(port)) => port.heard(frame),
            (Word::Standing { standing }, Some(_)) => {
                *self.standing.borrow_mut() = Some(*standing);
                if let Some(shell) = self.shell() {
                    self.application.status_changed(&self.shown(&shell.status()));
                }
            }
            (Word::Leads {}, Some(_)) => {
                if let Some(shell) = self.shell().filter(|_| self.is_started.get()) {
                    shell.input(Input::ReconnectNow);
                }
            }
            (Word::Up { from, frame }, None) => self.serve(from, frame.as_bytes()),
            (Word::Reconnect {}, None) => {
                if let Some(shell) = self.shell() {
                    shell.input(Input::ReconnectNow);
                }
            }
            (Word::Bye { from }, None) => {
                self.board.borrow_mut().leave(from);
                self.drain();
            }
            (word @ (Word::Written { .. } | Word::SignedIn {} | Word::Leaving {}), _) => {
                self.neighbour.heard(word)
            }
            _ => {}
        }
    }

    /// Does what another tab asks of the leading one.
    fn serve(self: &Rc<Self>, from: TabId, frame: &[u8]) {
        // A tab of another version that says what nobody understands is not answered.
        let Ok(messages) = Encoding::Json.decode_client(frame) else { return };
        for message in messages {
            match message {
                ClientMessage::Hello(hello) => {
                    self.board.borrow_mut().greet(from);
                    let status = self.shell().map(|shell| shell.status()).unwrap_or_default();
                    let welcome = leading::welcome(&status, self.user.as_str(), self.now());
                    self.mouth.borrow_mut().say(Out::Down(from, welcome));
                    self.want_for(from, hello.topics);
                    *self.standing.borrow_mut() = None;
                    self.say_standing(&status);
                }
                _ if !self.board.borrow().knows(from) => {
                    self.mouth.borrow_mut().say(Out::Down(from, leading::stranger()));
                }
                ClientMessage::Subscribe(wishes) => self.want_for(from, wishes.topics),
                ClientMessage::Unsubscribe(wishes) => {
                    for topic in &wishes.topics {
                        self.board.borrow_mut().unwant_for(from, topic);
                    }
                }
                ClientMessage::Request(request) => self.ask_for(from, request),
                // Only the tab that leads has a sign-in to renew.
                ClientMessage::Refresh(_) => {}
            }
        }
        self.drain();
    }

    fn want_for(&self, from: TabId, topics: Vec<SubscribeTopic>) {
        for topic in topics {
            self.board.borrow_mut().want_for(from, topic);
        }
    }

    fn ask_for(self: &Rc<Self>, from: TabId, Request { id, method }: Request) {
        if matches!(method, Method::Ping {}) {
            // The question is whether this tab is there.
            let pong = leading::response(id, Ok(Reply::Ping { server_time: self.now() }));
            self.mouth.borrow_mut().say(Out::Down(from, pong));
            return;
        }
        let line = Line(self.clone());
        spawn_local(async move {
            let answer = leading::response(id, line.ask(method).await);
            line.0.mouth.borrow_mut().say(Out::Down(from, answer));
            line.0.flush();
        });
    }

    /// Does what the switchboard says.
    fn drain(self: &Rc<Self>) {
        loop {
            let out = self.board.borrow_mut().poll_output();
            match out {
                None => break,
                Some(Out::Session(input)) => {
                    if let Some(shell) = self.shell() {
                        shell.input(input);
                    }
                }
                Some(Out::Deliver(delivery)) => self.application.delivered(delivery),
                Some(out) => self.mouth.borrow_mut().say(out),
            }
        }
        self.flush();
    }

    /// Says what waits, once the machine has given out all that came in one frame.
    fn flush(self: &Rc<Self>) {
        if self.channel.is_none() || self.is_flushing.replace(true) {
            return;
        }
        let line = self.clone();
        spawn_local(async move {
            line.is_flushing.set(false);
            let words = line.mouth.borrow_mut().take(line.now());
            words.iter().for_each(|word| line.say(word));
        });
    }

    fn beat(self: &Rc<Self>) {
        if self.board.borrow().has_followers() {
            self.mouth.borrow_mut().beat(self.now(), Vec::new());
            self.flush();
        }
    }

    fn say_standing(&self, status: &Status) {
        let standing = Standing::of(status, clock::moment());
        let is_news = self.standing.borrow().as_ref() != Some(&standing);
        if is_news && self.board.borrow().has_followers() {
            *self.standing.borrow_mut() = Some(standing.clone());
            self.say(&Word::Standing { standing: Box::new(standing) });
        }
    }

    /// The status as the screen is to show it.
    fn shown(&self, own: &Status) -> Status {
        let is_reached = matches!(own.state, State::CatchingUp | State::Live | State::Suspect);
        match (&*self.role.borrow(), &*self.standing.borrow()) {
            (Role::Follows(_), Some(standing)) if is_reached => {
                standing.shown_by(own, clock::moment())
            }
            (Role::Follows(_), _) if own.state != State::Suspended => {
                // Whether the relay is reached, nobody has said yet.
                Status { state: State::Connecting, ..own.clone() }
            }
            _ => own.clone(),
        }
    }

    /// The best guess of the relay's time.
    fn now(&self) -> UnixMillis {
        let offset_ms = self.shell().map_or(0, |shell| shell.clock_offset_ms());
        UnixMillis(clock::unix().0.saturating_add(offset_ms))
    }
}

/// What the machine of one role says.
struct Ear {
    line: Weak<Inner>,
    generation: u64,
}

impl Ear {
    fn line(&self) -> Option<Rc<Inner>> {
        self.line.upgrade().filter(|line| line.generation.get() == self.generation)
    }
}

impl Application for Ear {
    fn delivered(&self, delivery: Delivery) {
        let Some(line) = self.line() else { return };
        if line.channel.is_none() {
            line.application.delivered(delivery);
            return;
        }
        let is_for_us = line.board.borrow_mut().deliver(&delivery);
        if line.board.borrow().has_followers() {
            line.drain();
        }
        if is_for_us {
            line.application.delivered(delivery);
        }
    }

    fn noted(&self, note: Note) {
        let Some(line) = self.line() else { return };
        if matches!(*line.role.borrow(), Role::Leads { .. }) {
            line.application.noted(note);
            return;
        }
        // What happens between two tabs is no news for the user, except where it is a defect.
        match &note {
            Note::Dropped {
                error: LinkError::Silent { .. } | LinkError::GreetTimeout { .. },
                ..
            } => line.take_over(),
            Note::Hole { .. } => line.application.noted(note),
            _ => {}
        }
    }

    fn status_changed(&self, status: &Status) {
        let Some(line) = self.line() else { return };
        if matches!(*line.role.borrow(), Role::Leads { .. }) {
            line.say_standing(status);
        }
        line.application.status_changed(&line.shown(status));
    }
}
