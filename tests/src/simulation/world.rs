//! The clock, the queue of what happens next, and who is told of it.

mod far_end;
mod fate;
mod shell;

use std::collections::BTreeMap;
use std::time::Duration;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::protocol::{Pattern, Position, Priority, Topic};
use tidemark_shared::session::{Input, Now, State};

use super::client::Client;
use super::dice::Dice;
use super::judge::Promise;
use super::link::{Key, Link};
use super::market::Ledger;
use super::relay::{Down as RelayDown, Relay, SHARDS};
use super::sabotage::Sabotage;
use super::transcript::Transcript;

/// When simulations begin, by the relay's calendar.
pub const START_UNIX: UnixMillis = UnixMillis(1_763_640_000_000);

/// As in the relay's runtime.
const TICK_EVERY: Duration = Duration::from_millis(250);

/// As in the relay's runtime.
const THROTTLE_EVERY: Duration = Duration::from_millis(20);

/// Everything, in virtual time.
pub struct World {
    /// The relay.
    pub relay: Relay,
    /// The tabs.
    pub clients: Vec<Client>,
    /// The truth.
    pub ledger: Ledger,
    /// What decides.
    pub dice: Dice,
    /// What happened.
    pub transcript: Transcript,
    /// What was wrong with the relay itself.
    pub alarms: Vec<String>,
    /// The most that any connection was owed.
    pub owed_bytes_max: usize,
    pub(super) sabotage: Sabotage,
    links: BTreeMap<Key, Link>,
    queue: BTreeMap<(Duration, u64), Event>,
    queued: u64,
    time: Duration,
    tick_at: Duration,
    throttle_at: Duration,
}

/// What happens.
#[derive(Debug)]
enum Event {
    ToClient(Key, Down),
    ToRelay(Key, Up),
    /// A poll has hung for as long as it may.
    PollOver(Key, u64),
}

/// What comes to a client.
#[derive(Debug)]
pub enum Down {
    /// The transport is open.
    Opened,
    /// It cannot be opened.
    Failed,
    /// The next piece of what is in flight.
    Arrived,
    /// It was closed.
    Closed(u16),
}

/// What comes to the relay.
#[derive(Debug)]
enum Up {
    Connect,
    Bytes(Vec<u8>),
    Frame(Vec<u8>),
    Poll,
    Room,
    Gone,
}

impl World {
    /// A world with a relay and nobody else.
    #[must_use]
    pub fn new(seed: u64, promise: Promise, transcript: Transcript, sabotage: Sabotage) -> Self {
        // Not zero: a stopwatch has run before.
        let time = Duration::from_secs(100);
        World {
            relay: Relay::new(seed, promise, relay_now(time)),
            clients: Vec::new(),
            ledger: Ledger::default(),
            dice: Dice::new(seed),
            transcript,
            alarms: Vec::new(),
            owed_bytes_max: 0,
            sabotage,
            links: BTreeMap::new(),
            queue: BTreeMap::new(),
            queued: 0,
            time,
            tick_at: time,
            throttle_at: time,
        }
    }

    /// The time since the world's beginning.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.time
    }

    /// The relay's time.
    #[must_use]
    pub fn relay_now(&self) -> Now {
        relay_now(self.time)
    }

    /// Something is published, if the relay runs.
    ///
    /// # Panics
    /// When the name is no topic's.
    pub fn publish(&mut self, topic: &str, count: u64, priority: Priority) {
        if !self.relay.is_up {
            return;
        }
        let topic: Topic = topic.parse().expect("the name is a topic's");
        let now = self.relay_now();
        for _ in 0..count {
            let publication = self.ledger.next(&topic, now.unix, priority);
            let numbered = self.relay.publish(publication, self.time);
            if let Err(error) = self.ledger.record(&numbered.event) {
                self.alarms.push(error.to_string());
            }
            if count == 1 {
                self.relay.touch(numbered.alias, now.unix);
            }
        }
        let is_counted = |topic: &Topic| topic.class().as_str() == "bars";
        if self.sabotage == Sabotage::PretendExpiry && self.dice.once_in(5) {
            let shard = self.dice.between(0, SHARDS - 1);
            self.relay.forget_next(shard, is_counted);
        }
    }

    /// An application asks for something.
    ///
    /// # Panics
    /// When the name is no pattern.
    pub fn subscribe(&mut self, client: usize, pattern: &str, rate_per_s_max: Option<u32>) {
        let topic: Pattern = pattern.parse().expect("the name is a pattern");
        self.clients[client].judge.wants(topic.clone());
        self.feed(client, Input::Subscribe { topic, resume: None, rate_per_s_max });
    }

    /// An application gives something back.
    ///
    /// # Panics
    /// When the name is no pattern.
    pub fn unsubscribe(&mut self, client: usize, pattern: &str) {
        let topic: Pattern = pattern.parse().expect("the name is a pattern");
        self.clients[client].judge.wants_no_more(&topic);
        self.feed(client, Input::Unsubscribe { topic });
    }

    /// The relay ends. What it wrote last is still on its way, in part if it crashed.
    pub fn relay_down(&mut self, down: RelayDown) {
        if !self.relay.is_up {
            return;
        }
        self.transcript.note(self.time, format_args!("the relay is {down:?}"));
        self.relay.stop(down, relay_now(self.time));
        self.lose_far_ends(down);
    }

    /// The relay starts again.
    pub fn relay_up(&mut self) {
        if !self.relay.is_up {
            self.transcript.note(self.time, format_args!("the relay is up"));
            self.relay.start(relay_now(self.time));
        }
    }

    /// Whether a client shows live data, all of it.
    #[must_use]
    pub fn has_converged(&self, client: usize) -> bool {
        let state = self.clients[client].session.status().state;
        state == State::Live && self.missing(client).is_empty()
    }

    /// Topics that a client wants and of which it does not have the newest, and what it has.
    #[must_use]
    pub fn missing(&self, client: usize) -> Vec<(&Topic, Option<Position>)> {
        let judge = &self.clients[client].judge;
        let wanted = self.ledger.topics().filter(|topic| judge.is_wanted(topic));
        let had = wanted.map(|topic| (topic, judge.position(topic)));
        had.filter(|(topic, had)| *had != self.ledger.newest(topic)).collect()
    }

    /// All that was wrong so far.
    #[must_use]
    pub fn all_alarms(&self) -> Vec<String> {
        let of_client = |(index, client): (usize, &Client)| {
            let tell = move |alarm| format!("client {index}: {alarm}");
            client.alarms().into_iter().map(tell).collect::<Vec<_>>()
        };
        let told = self.clients.iter().enumerate().flat_map(of_client);
        told.chain(self.alarms.iter().cloned()).collect()
    }

    /// Lets so much time pass.
    pub fn run(&mut self, time: Duration) {
        self.run_until(self.time + time);
    }

    /// Lets time pass until something is so, for at most so long. Tells whether it is.
    pub fn run_until_so(&mut self, most: Duration, is_so: impl Fn(&Self) -> bool) -> bool {
        let end = self.time + most;
        while !is_so(self) {
            if self.time >= end {
                return false;
            }
            self.run(Duration::from_millis(100));
        }
        true
    }

    fn run_until(&mut self, until: Duration) {
        loop {
            let (next, client) = self.next();
            if next > until {
                break;
            }
            if next > self.time {
                self.time = next;
                self.clients.iter_mut().for_each(Client::time_passes);
            }
            self.step(client);
        }
        self.time = self.time.max(until);
    }

    /// When something happens next, and whose timer it is if it is one.
    fn next(&mut self) -> (Duration, Option<usize>) {
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
        let throttle = self.relay.has_throttled().then_some(self.throttle_at);
        let always = [queued, self.relay.next_due(), throttle, Some(self.tick_at)];
        let mut next = (always.into_iter().flatten().min().unwrap_or(self.tick_at), None);
        for (index, client) in self.clients.iter_mut().enumerate() {
            if let Some(at) = client.timer_at(self.time, &mut self.dice)
                && at < next.0
            {
                next = (at, Some(index));
            }
        }
        next
    }

    fn step(&mut self, timer_of: Option<usize>) {
        if let Some(client) = timer_of {
            self.clients[client].timer_fires();
            return self.feed(client, Input::Timer);
        }
        let now = self.relay_now();
        let is_due = |at: Option<Duration>| at.is_some_and(|at| at <= self.time);
        if is_due(self.relay.next_due()) {
            self.relay.take_in(self.time, now);
            return self.settle();
        }
        if let Some(entry) = self.queue.first_entry()
            && entry.key().0 <= self.time
        {
            return match entry.remove() {
                Event::ToClient(key, down) => self.at_client(key, down),
                Event::ToRelay(key, up) => self.at_relay(key, up),
                Event::PollOver(key, poll) => self.poll_over(key, poll),
            };
        }
        if self.relay.has_throttled() && self.throttle_at <= self.time {
            self.relay.tick_throttled(now);
            self.throttle_at = self.time + THROTTLE_EVERY;
        }
        if self.tick_at <= self.time {
            self.relay.tick(now);
            self.tick_at = self.time + TICK_EVERY;
        }
        self.settle();
    }

    fn schedule(&mut self, at: Duration, event: Event) {
        self.queued += 1;
        self.queue.insert((at, self.queued), event);
    }
}

fn relay_now(time: Duration) -> Now {
    Now { moment: Moment::after_start(time), unix: START_UNIX + time }
}
