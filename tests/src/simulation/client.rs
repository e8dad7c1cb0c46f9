//! The shell around one client machine: a tab with its own clock, network and moods.

use std::collections::BTreeSet;
use std::time::Duration;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::protocol::Encoding;
use tidemark_shared::session::{
    Delivery, LinkError, LinkId, Note, Now, Session, Settings, Transport,
};

use super::dice::Dice;
use super::judge::{Judge, Promise};
use super::link::{Key, Quality};
use super::world::{Down, START_UNIX};

/// More timers than this at one instant are no work but a spin.
const TIMERS_AT_ONCE_MAX: u32 = 20;

/// What a relay may be accused of although it is honest: the way to it was silent for too long.
const EXCUSED: &str = "it does not answer a subscription";

/// Whether anything gets through to the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// It does.
    Fair,
    /// New connections are refused.
    Refusing,
    /// Everything disappears without a word.
    BlackHole,
}

/// One tab.
pub struct Client {
    /// The machine.
    pub session: Session,
    /// What follows its application.
    pub judge: Judge,
    /// Which page of the tab it is.
    pub page: u32,
    /// Its network.
    pub quality: Quality,
    /// And whether it has one.
    pub weather: Weather,
    /// Transports that do not get through.
    pub blocked: BTreeSet<Transport>,
    /// What comes while the page does not run; none while it does.
    pub held: Option<Vec<(Key, Down)>>,
    /// How much later than asked for a timer may fire.
    pub timer_late_ms: u64,
    /// Its calendar minus the relay's.
    pub skew_ms: i64,
    /// How long its stopwatch stood still.
    pub stood_still: Duration,
    /// Links that it has open.
    pub open: BTreeSet<LinkId>,
    /// An event that is handed over after its successor.
    pub kept_back: Option<Delivery>,
    alarms: Vec<String>,
    encoding: Encoding,
    timer: Option<(Moment, Duration)>,
    timers_at_once: u32,
}

impl Client {
    /// A tab whose machine was not started.
    #[must_use]
    pub fn new(seed: u64, encoding: Encoding, promise: Promise, quality: Quality) -> Self {
        Client {
            session: session(seed, encoding),
            judge: Judge::new(promise),
            page: 0,
            quality,
            weather: Weather::Fair,
            blocked: BTreeSet::new(),
            held: None,
            timer_late_ms: 0,
            skew_ms: 0,
            stood_still: Duration::ZERO,
            open: BTreeSet::new(),
            kept_back: None,
            alarms: Vec::new(),
            encoding,
            timer: None,
            timers_at_once: 0,
        }
    }

    /// The machine is replaced by a new one that knows nothing.
    pub fn reload(&mut self, seed: u64) {
        self.end_of_page();
        self.session = session(seed, self.encoding);
        self.page += 1;
        self.open.clear();
        self.held = None;
        self.timer = None;
    }

    /// Both of the tab's clocks.
    #[must_use]
    pub fn now(&self, time: Duration) -> Now {
        let unix = UnixMillis(START_UNIX.0 + self.skew_ms) + time;
        Now { moment: Moment::after_start(time - self.stood_still), unix }
    }

    /// When the timer fires, while the page runs.
    pub fn timer_at(&mut self, time: Duration, dice: &mut Dice) -> Option<Duration> {
        let wanted = self.session.next_deadline();
        if self.timer.map(|(deadline, _)| deadline) != wanted {
            let late = Duration::from_millis(dice.below(self.timer_late_ms + 1));
            self.timer = wanted.map(|deadline| {
                let at = deadline.since(Moment::START) + self.stood_still;
                (deadline, at.max(time) + late)
            });
        }
        self.timer.filter(|_| self.held.is_none()).map(|(_, at)| at)
    }

    /// The timer fires.
    ///
    /// # Panics
    /// When it has fired too often without any time passing.
    pub fn timer_fires(&mut self) {
        self.timer = None;
        self.timers_at_once += 1;
        assert!(self.timers_at_once <= TIMERS_AT_ONCE_MAX, "the machine spins");
    }

    /// Time passes.
    pub const fn time_passes(&mut self) {
        self.timers_at_once = 0;
    }

    /// The stopwatch stood still while the machine slept.
    pub fn slept(&mut self, asleep: Duration) {
        self.stood_still += asleep;
        self.timer = None;
    }

    /// The machine's own alarms: an honest relay gives no reason for any of these.
    pub fn noted(&mut self, note: &Note) {
        match note {
            Note::Hole { .. } => self.alarms.push(format!("the machine found a hole: {note:?}")),
            Note::Dropped { error: LinkError::PeerMisbehaved { reason }, .. }
                if reason != EXCUSED =>
            {
                self.alarms.push(format!("the machine calls the relay a liar: {reason}"));
            }
            _ => {}
        }
    }

    /// The bytes that came were no frames.
    pub fn unreadable(&mut self, what: &str) {
        self.alarms.push(format!("unreadable bytes came: {what}"));
    }

    /// All that was wrong so far.
    #[must_use]
    pub fn alarms(&self) -> Vec<String> {
        let duplicates = self.session.status().counters.duplicates;
        let counted = (duplicates > 0).then(|| format!("{duplicates} events came twice"));
        self.judge.alarms().iter().chain(&self.alarms).cloned().chain(counted).collect()
    }

    fn end_of_page(&mut self) {
        let duplicates = self.session.status().counters.duplicates;
        if duplicates > 0 {
            self.alarms.push(format!("{duplicates} events came twice to an earlier page"));
        }
    }
}

fn session(seed: u64, encoding: Encoding) -> Session {
    Session::new(Settings { encoding, ..Settings::default() }, seed)
}
