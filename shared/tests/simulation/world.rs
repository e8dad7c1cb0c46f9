//! The clock, the queue of what happens next, and the shell around the machine.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::protocol::{Method, Pattern, Position, Reply, RequestId, Topic};
use tidemark_shared::session::{
    AskFailed, Delivery, Input, LinkId, Note, Now, Output, Session, Settings, State, Status,
    Transport,
};

use super::checker::{Checker, Source};
use super::dice::Dice;
use super::model_relay::{ModelRelay, RELAY_EPOCH_MS};
use super::network::{Block, Network, Way, Weather, Wire};
use super::relay_end::{RelayEnd, Said};

/// More timers than this at one instant are no work but a spin.
const TIMERS_AT_ONCE_MAX: u32 = 20;

/// Everything, in virtual time.
pub struct World<R = ModelRelay> {
    pub session: Session,
    pub relay: R,
    pub network: Network,
    pub checker: Checker,
    pub dice: Dice,
    pub deliveries: Vec<Delivery>,
    pub notes: Vec<Note>,
    pub answers: BTreeMap<RequestId, Result<Reply, AskFailed>>,
    /// All inputs and outputs, for telling two runs apart and for reading a failing one.
    pub trace: String,
    /// How much later than asked for a timer may fire.
    pub timer_late_ms: u64,
    /// The client's calendar minus the relay's.
    pub clock_skew_ms: i64,
    time: Duration,
    /// How long the stopwatch stood still.
    stood_still: Duration,
    /// The page does not run: what comes for it waits here.
    held: Option<Vec<Input>>,
    timer: Option<(Moment, Duration)>,
    timers_at_once: u32,
    queue: BTreeMap<(Duration, u64), Happening>,
    queued: u64,
    asked: u64,
    opened: u64,
}

#[expect(clippy::print_stdout, reason = "the test harness shows it with the failure")]
impl<R> Drop for World<R> {
    /// The world's last words, for whoever replays the one seed that broke a promise.
    fn drop(&mut self) {
        if std::thread::panicking() && std::env::var_os("TIDEMARK_SEED").is_some() {
            println!("{}", self.trace);
        }
    }
}

enum Happening {
    ToClient(Input),
    /// The frame, or the end, of a connection.
    ToRelay(LinkId, Option<Vec<u8>>),
    /// A connection attempt reaches the relay.
    Connect(LinkId),
}

impl World {
    pub fn new(seed: u64, settings: Settings, topics: &[&str]) -> Self {
        let topics: Vec<Topic> = topics.iter().map(|name| name.parse().unwrap()).collect();
        World::with_relay(seed, settings, ModelRelay::new(seed, &topics))
    }

    /// A world whose client is up and has read everything.
    pub fn live(topics: &[&str]) -> Self {
        let mut world = World::new(1, Settings::default(), topics);
        topics.iter().for_each(|topic| world.subscribe(topic));
        world.input(Input::Start);
        world.run_ms(5_000);
        assert_eq!(world.state(), State::Live);
        world
    }

    pub fn publish(&mut self, topic: &str, count: u64) {
        let topic: Topic = topic.parse().unwrap();
        for _ in 0..count {
            self.relay.publish(&topic, self.time);
            self.drain_relay();
        }
    }

    /// Several messages that the relay sends together.
    pub fn publish_together(&mut self, topic: &str, count: u64) {
        let topic: Topic = topic.parse().unwrap();
        self.relay.publish_together(&topic, count, self.time);
        self.drain_relay();
    }
}

impl<R: RelayEnd> World<R> {
    pub fn with_relay(seed: u64, settings: Settings, relay: R) -> Self {
        World {
            session: Session::new(settings, seed),
            relay,
            network: Network::new(),
            checker: Checker::new(Source::Honest),
            dice: Dice::new(seed),
            deliveries: Vec::new(),
            notes: Vec::new(),
            answers: BTreeMap::new(),
            trace: String::new(),
            timer_late_ms: 0,
            clock_skew_ms: 0,
            time: Duration::from_secs(100),
            stood_still: Duration::ZERO,
            held: None,
            timer: None,
            timers_at_once: 0,
            queue: BTreeMap::new(),
            queued: 0,
            asked: 0,
            opened: 0,
        }
    }

    pub fn state(&self) -> State {
        self.session.status().state
    }

    pub fn status(&self) -> &Status {
        self.session.status()
    }

    pub fn time(&self) -> Duration {
        self.time
    }

    pub fn now(&self) -> Now {
        let unix = UnixMillis(RELAY_EPOCH_MS + self.clock_skew_ms) + self.time;
        Now { moment: Moment::after_start(self.time - self.stood_still), unix }
    }

    pub fn subscribe(&mut self, pattern: &str) {
        self.subscribe_from(pattern, None);
    }

    pub fn subscribe_from(&mut self, pattern: &str, resume: Option<Position>) {
        let topic: Pattern = pattern.parse().unwrap();
        self.checker.wants(&topic, resume);
        self.input(Input::Subscribe { topic, resume, rate_per_s_max: None });
    }

    pub fn unsubscribe(&mut self, pattern: &str) {
        let topic: Pattern = pattern.parse().unwrap();
        self.checker.wants_no_more(&topic);
        self.input(Input::Unsubscribe { topic });
    }

    pub fn ask(&mut self) -> RequestId {
        self.asked += 1;
        let id = RequestId(self.asked);
        self.input(Input::Ask { id, method: Method::Ping {} });
        id
    }

    /// Feeds an input, or holds it while the page does not run.
    pub fn input(&mut self, input: Input) {
        match (&mut self.held, input) {
            (Some(held), input) => held.push(input),
            (None, input) => self.feed(input),
        }
    }

    /// Every connection breaks, and both ends hear of it.
    pub fn cut(&mut self) {
        for (link, wire) in &mut self.network.wires {
            if !std::mem::replace(&mut wire.is_dead, true) {
                let reason = "cut".to_owned();
                let closed = Input::Closed { link: *link, code: 1006, reason };
                self.queued += 1;
                self.queue.insert((self.time, self.queued), Happening::ToClient(closed));
                self.queued += 1;
                self.queue.insert((self.time, self.queued), Happening::ToRelay(*link, None));
            }
        }
    }

    /// Every connection dies, and nobody hears of it.
    pub fn cut_silently(&mut self) {
        self.network.wires.values_mut().for_each(|wire| wire.is_dead = true);
    }

    /// The relay dies and is back at once.
    pub fn restart_relay(&mut self) {
        self.relay.restart(self.time);
        self.cut();
    }

    /// The page is frozen, or the machine sleeps, and nothing tells the client; what arrives waits.
    pub fn stop_running(&mut self) {
        self.held.get_or_insert_default();
    }

    /// The page runs again: first what the platform says, then what had arrived.
    pub fn run_again(&mut self, said: Option<Input>) {
        let held = self.held.take().unwrap_or_default();
        said.into_iter().chain(held).for_each(|input| self.feed(input));
    }

    /// The machine sleeps so long that its stopwatch stands still, and the network is another one.
    pub fn sleep(&mut self, asleep: Duration) {
        self.stop_running();
        self.cut_silently();
        let until = self.time + asleep;
        self.run_until(until);
        self.stood_still += asleep;
        self.timer = None;
    }

    pub fn run_ms(&mut self, ms: u64) {
        self.run_until(self.time + Duration::from_millis(ms));
    }

    pub fn run_until(&mut self, until: Duration) {
        loop {
            self.arm_timer();
            let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
            let relay = self.relay.next_deadline();
            let timer = self.timer.filter(|_| self.held.is_none()).map(|(_, at)| at);
            let Some(next) = [queued, relay, timer].into_iter().flatten().min() else { break };
            if next > until {
                break;
            }
            if next > self.time {
                self.timers_at_once = 0;
            }
            self.time = self.time.max(next);
            if queued == Some(next) {
                let (_, happening) = self.queue.pop_first().unwrap();
                self.happen(happening);
            } else if relay == Some(next) {
                self.relay.tick(self.time);
                self.drain_relay();
            } else {
                self.fire_timer();
            }
        }
        self.time = self.time.max(until);
    }

    /// Runs until something is so, for at most this long.
    pub fn run_until_so(&mut self, most_ms: u64, mut is_so: impl FnMut(&Self) -> bool) -> bool {
        let end = self.time + Duration::from_millis(most_ms);
        while !is_so(self) {
            if self.time >= end {
                return false;
            }
            self.run_ms(50);
        }
        true
    }

    /// How many connections were tried so far.
    pub fn links_opened(&self) -> u64 {
        self.opened
    }

    /// What the promises say of this run.
    pub fn assert_no_alarm(&self) {
        assert!(self.checker.alarms.is_empty(), "{:#?}", self.checker.alarms);
    }

    fn arm_timer(&mut self) {
        let wanted = self.session.next_deadline();
        if self.timer.map(|(deadline, _)| deadline) != wanted {
            let late = Duration::from_millis(self.dice.below(self.timer_late_ms + 1));
            self.timer = wanted.map(|deadline| {
                let at = deadline.since(Moment::START) + self.stood_still;
                (deadline, at.max(self.time) + late)
            });
        }
    }

    fn fire_timer(&mut self) {
        self.timer = None;
        self.timers_at_once += 1;
        assert!(self.timers_at_once <= TIMERS_AT_ONCE_MAX, "the machine spins");
        self.feed(Input::Timer);
        let now = self.now().moment;
        let next = self.session.next_deadline();
        assert!(next.is_none_or(|next| next > now), "the timer did not move on: {next:?}, {now:?}");
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::ToClient(input) => self.input(input),
            Happening::Connect(link) => self.connect(link),
            Happening::ToRelay(link, Some(frame)) => {
                self.relay.received(link, &frame, self.time);
                self.drain_relay();
            }
            Happening::ToRelay(link, None) => self.relay.disconnected(link),
        }
    }

    fn feed(&mut self, input: Input) {
        let shown = match &input {
            Input::Frame { link, bytes } => format!("{link:?} {}", bytes.escape_ascii()),
            other => format!("{other:?}"),
        };
        writeln!(self.trace, "{:?} <- {shown}", self.time).unwrap();
        self.session.handle(input, self.now());
        while let Some(output) = self.session.poll_output() {
            let shown = match &output {
                Output::Send { link, frame } => format!("{link:?} {}", frame.escape_ascii()),
                other => format!("{other:?}"),
            };
            writeln!(self.trace, "{:?} -> {shown}", self.time).unwrap();
            self.perform(output);
        }
        let may_rest = matches!(self.state(), State::Idle | State::GaveUp);
        assert!(
            may_rest || self.session.next_deadline().is_some(),
            "no timer in {:?}",
            self.state()
        );
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Open { link, transport, encoding } => {
                self.opened += 1;
                self.network.open.insert(link);
                self.network.wires.insert(
                    link,
                    Wire {
                        encoding,
                        is_dead: false,
                        to_client_at: Duration::ZERO,
                        to_relay_at: Duration::ZERO,
                    },
                );
                self.open(link, transport);
            }
            Output::Send { link, frame } => {
                assert!(self.network.open.contains(&link), "sent on {link:?}, which is not open");
                assert!(frame.len() <= tidemark_shared::protocol::FRAME_BYTES_MAX);
                if let Some(at) =
                    self.network.arrival(link, Way::ToRelay, self.time, &mut self.dice)
                {
                    self.schedule(at, Happening::ToRelay(link, Some(frame)));
                }
            }
            Output::Close { link, .. } => {
                assert!(self.network.open.remove(&link), "{link:?} was closed twice");
                if let Some(at) =
                    self.network.arrival(link, Way::ToRelay, self.time, &mut self.dice)
                {
                    self.schedule(at, Happening::ToRelay(link, None));
                }
                self.network.wires.remove(&link);
            }
            Output::Deliver(delivery) => {
                self.checker.delivered(&delivery);
                self.deliveries.push(delivery);
            }
            Output::Answer { id, outcome } => {
                let earlier = self.answers.insert(id, outcome);
                assert!(earlier.is_none(), "{id:?} was answered twice");
            }
            Output::Note(note) => self.notes.push(note),
            Output::StatusChanged => {}
        }
    }

    fn open(&mut self, link: LinkId, transport: Transport) {
        let at = self.time + self.network.delay(&mut self.dice);
        let failed = Input::Failed { link, reason: "refused".into() };
        match (self.network.blocked.get(&transport), self.network.weather) {
            (Some(Block::Refused), _) | (None, Weather::Refusing) => {
                self.network.wires.get_mut(&link).unwrap().is_dead = true;
                self.schedule(at, Happening::ToClient(failed));
            }
            (Some(Block::Swallows), _) => {
                self.network.wires.get_mut(&link).unwrap().is_dead = true;
                self.schedule(at, Happening::ToClient(Input::Opened(link)));
            }
            (Some(Block::Hangs), _) | (None, Weather::BlackHole) => {
                self.network.wires.get_mut(&link).unwrap().is_dead = true;
            }
            (None, Weather::Fair) => self.schedule(at, Happening::Connect(link)),
        }
    }

    fn connect(&mut self, link: LinkId) {
        let Some(wire) = self.network.wires.get(&link).filter(|wire| !wire.is_dead) else { return };
        self.relay.connected(link, wire.encoding, self.time);
        self.towards_client(link, Input::Opened(link));
    }

    fn drain_relay(&mut self) {
        while let Some((link, said)) = self.relay.poll() {
            let input = match said {
                Said::Frame(bytes) => Input::Frame { link, bytes },
                Said::Close { code, reason } => Input::Closed { link, code, reason },
            };
            self.towards_client(link, input);
        }
    }

    fn towards_client(&mut self, link: LinkId, input: Input) {
        if let Some(at) = self.network.arrival(link, Way::ToClient, self.time, &mut self.dice) {
            self.schedule(at, Happening::ToClient(input));
        }
    }

    fn schedule(&mut self, at: Duration, happening: Happening) {
        self.queued += 1;
        self.queue.insert((at, self.queued), happening);
    }
}
