//! The clock, the queue of what happens next, and who is told of it.

mod end;
mod fate;
mod hand;
mod shell;
mod way;

use std::collections::BTreeMap;
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{Document, UserName};
use tidemark_shared::outbox::{Input, Kept, Write};
use tidemark_shared::protocol::Position;

use super::database::Database;
use super::device::{Device, Network};
use super::judge::{Judge, has_no_zero};
use super::mark::Mark;
use super::relay::Relay;
use super::sabotage::Sabotage;
use super::tab::{Asking, LinkKey, Question, Tab, TabKey};
use crate::simulation::dice::Dice;
use crate::simulation::transcript::Transcript;
use crate::simulation::world::START_UNIX;

pub use self::way::Answer;

/// More than this at one instant is no work but a spin.
const AT_ONCE_MAX: u32 = 5_000;

/// A device that nobody has touched for so long falls asleep.
const DOZES_AFTER: Duration = Duration::from_secs(70);

/// It wakes this often, to look whether there is something to do.
const WAKES_EVERY: Duration = Duration::from_secs(7_200);

/// Everything, in virtual time.
pub struct World {
    /// The devices.
    pub devices: Vec<Device>,
    /// The relay.
    pub relay: Relay,
    /// Who holds the promises against all of it.
    pub judge: Judge,
    /// What decides.
    pub dice: Dice,
    /// What happened.
    pub transcript: Transcript,
    /// How often things happened to machines.
    pub told: Told,
    sabotage: Sabotage,
    user: UserName,
    links: BTreeMap<LinkKey, way::Link>,
    queue: BTreeMap<(Duration, u64), Event>,
    queued: u64,
    counted: u64,
    mark: Mark,
    time: Duration,
    at_once: u32,
    /// When devices fall asleep, as nobody touches them.
    dozes_at: Duration,
    /// Whether accidents happen at all.
    is_fair: bool,
}

/// What the machines told their users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// A queue was found to be a copy.
    pub forks: u64,
    /// Documents were sent again that a relay had lost.
    pub reinstated: u64,
    /// A document was put back.
    pub rolled_back: u64,
    /// A conflict was decided by its user.
    pub resolved: u64,
    /// Something was undone.
    pub undone: u64,
}

/// What happens.
#[derive(Debug)]
enum Event {
    /// A page is told something.
    Tell { tab: TabKey, input: Input },
    /// The database does what a page has asked for.
    Database { device: usize, tab: TabKey, job: Job },
    /// A page tries to reach the relay.
    Knock { tab: TabKey },
    /// A page finds out that its connection is gone.
    Lost { link: LinkKey },
    /// A question reaches the relay.
    AtRelay { link: LinkKey, tab: TabKey, asking: Asking, question: Question },
    /// Something that the relay has said reaches a page.
    AtTab { link: LinkKey, tab: TabKey, answer: Answer },
    /// A question was not answered for too long.
    Overdue { tab: TabKey, asking: Asking },
    /// The relay's writer commits.
    Commit,
    /// The lock of a device goes to somebody.
    Lock { device: usize },
}

/// What a page wants of its database.
#[derive(Debug)]
enum Job {
    /// Rows change, by the machine's wish.
    Change(Write),
    /// Rows change, by the user's wish.
    Wish(Write),
    /// Documents are kept.
    Keep(Kept, Vec<Document>, Position),
    /// The rows are read again.
    Reread,
}

impl Told {
    /// Adds what was told in another week.
    pub const fn add(&mut self, other: &Told) {
        self.forks += other.forks;
        self.reinstated += other.reinstated;
        self.rolled_back += other.rolled_back;
        self.resolved += other.resolved;
        self.undone += other.undone;
    }

    /// Whether everything that there is to tell was told.
    #[must_use]
    pub const fn has_everything(&self) -> bool {
        let counts = [self.forks, self.reinstated, self.rolled_back, self.resolved, self.undone];
        has_no_zero(&counts)
    }
}

impl World {
    /// A world in which nobody has opened a page.
    ///
    /// # Panics
    /// Never: the user's name is one.
    #[must_use]
    pub fn new(seed: u64, transcript: Transcript, sabotage: Sabotage) -> Self {
        let user: UserName = "alice".parse().expect("a name");
        let relay = Relay::new(user.clone(), sabotage);
        World {
            devices: Vec::new(),
            judge: Judge::new(relay.epoch()),
            relay,
            dice: Dice::new(seed),
            transcript,
            told: Told::default(),
            sabotage,
            user,
            links: BTreeMap::new(),
            queue: BTreeMap::new(),
            queued: 0,
            counted: 0,
            mark: Mark::NONE,
            time: Duration::ZERO,
            at_once: 0,
            dozes_at: Duration::ZERO,
            is_fair: false,
        }
    }

    /// The time since the world's beginning.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.time
    }

    /// A new device, with one page.
    pub fn add_device(&mut self, network: Network, skew_ms: i64) -> usize {
        let group = self.fresh_group();
        let database = Database::new(self.user.clone(), group);
        self.devices.push(Device::new(database, network, skew_ms));
        let device = self.devices.len() - 1;
        self.open(device);
        device
    }

    /// Lets so much time pass.
    pub fn run(&mut self, time: Duration) {
        let until = self.time + time;
        self.dozes_at = self.time + DOZES_AFTER;
        loop {
            let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
            let timer = self.next_timer();
            let is_timer = timer.is_some_and(|(at, _)| queued.is_none_or(|queued| at < queued));
            let next = if is_timer { timer.map(|(at, _)| at) } else { queued };
            let Some(next) = next.filter(|next| *next <= until) else { break };
            self.at_once = if next > self.time { 0 } else { self.at_once + 1 };
            if self.at_once > AT_ONCE_MAX {
                self.judge.ring("so much happens at once that time stands still".to_owned());
                break;
            }
            self.time = self.time.max(next);
            match timer.filter(|_| is_timer) {
                Some((_, tab)) => self.tell(tab, Input::Timer),
                None => {
                    let (_, event) = self.queue.pop_first().expect("it was there just now");
                    self.happens(event);
                }
            }
        }
        self.time = self.time.max(until);
    }

    /// Lets time pass until something is so, for at most so long. Tells whether it is.
    pub fn run_until_so(&mut self, most: Duration, is_so: impl Fn(&Self) -> bool) -> bool {
        let end = self.time + most;
        while !is_so(self) {
            if self.time >= end {
                return false;
            }
            self.run(Duration::from_millis(500));
        }
        true
    }

    fn next_timer(&self) -> Option<(Duration, TabKey)> {
        let tabs = self.devices.iter().flat_map(|device| &device.tabs);
        let timers =
            tabs.filter_map(|tab| Some((self.not_asleep(tab.timer_at(self.time)?), tab.key)));
        timers.min()
    }

    /// The next time at which a device runs timers.
    fn not_asleep(&self, at: Duration) -> Duration {
        let asleep = at.saturating_sub(self.dozes_at).as_nanos().div_ceil(WAKES_EVERY.as_nanos());
        match u32::try_from(asleep) {
            Ok(0) | Err(_) => at,
            Ok(times) => self.dozes_at + WAKES_EVERY * times,
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Tell { tab, input } => self.tell(tab, input),
            Event::Database { device, tab, job } => self.database_works(device, tab, job),
            Event::Knock { tab } => self.knocks(tab),
            Event::Lost { link } => self.notices_loss(link),
            Event::AtRelay { link, tab, asking, question } => {
                self.at_relay(link, tab, asking, question);
            }
            Event::AtTab { link, tab, answer } => self.at_tab(link, tab, answer),
            Event::Overdue { tab, asking } => self.overdue(tab, asking),
            Event::Commit => self.relay_commits(),
            Event::Lock { device } => self.lock_goes_on(device),
        }
    }

    fn schedule(&mut self, after: Duration, event: Event) {
        self.queued += 1;
        self.queue.insert((self.time + after, self.queued), event);
    }

    /// Where a page is, if it is still open.
    fn place_of(&self, tab: TabKey) -> Option<(usize, usize)> {
        self.devices.iter().enumerate().find_map(|(device, has)| {
            Some((device, has.tabs.iter().position(|other| other.key == tab)?))
        })
    }

    fn tab_mut(&mut self, tab: TabKey) -> Option<&mut Tab> {
        self.devices.iter_mut().flat_map(|device| &mut device.tabs).find(|other| other.key == tab)
    }

    /// A number that nobody has had.
    fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    fn key(&mut self) -> u32 {
        u32::try_from(self.count()).expect("a week has fewer things than that")
    }

    fn relay_unix(&self) -> UnixMillis {
        START_UNIX + self.time
    }

    /// Something happened. Most of what there is to tell is long: where nobody reads it, the
    /// numbers that decide what comes next stand for it.
    fn note(&mut self, what: std::fmt::Arguments<'_>) {
        match self.transcript.is_told() {
            true => self.transcript.note(self.time, what),
            false => {
                let (queued, counted) = (self.queued, self.counted);
                self.transcript.note(self.time, format_args!("{queued} {counted}"));
            }
        }
    }
}
