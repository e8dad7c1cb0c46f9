//! What the platform says of itself, and what its clocks give away.

use std::time::Duration;

use super::{Now, State};

/// Two clocks that part by more than this within one step: the machine slept while its stopwatch
/// stood still, or somebody set the clock. Steps of time synchronisation are smaller.
const CLOCKS_APART: Duration = Duration::from_secs(5);

/// A timer that is later than this was not just busy: the page did not run.
const TIMER_LATE: Duration = Duration::from_secs(2);

/// The platform's state, as far as it told.
#[derive(Debug)]
pub(super) struct Platform {
    is_online: bool,
    frozen_since: Option<Now>,
    hidden_since: Option<Now>,
    /// The timer before was late and has been excused: timers of hidden pages always are, and a
    /// second late one in a row is believed.
    excused: bool,
    /// The time of the last input.
    last: Option<Now>,
}

impl Default for Platform {
    fn default() -> Self {
        Platform {
            is_online: true,
            frozen_since: None,
            hidden_since: None,
            excused: false,
            last: None,
        }
    }
}

impl Platform {
    pub(super) const fn is_online(&self) -> bool {
        self.is_online
    }

    /// Tells whether that is news.
    pub(super) const fn set_online(&mut self, online: Connectivity) -> bool {
        let is_online = matches!(online, Connectivity::Online);
        let is_news = self.is_online != is_online;
        self.is_online = is_online;
        is_news
    }

    pub(super) fn frozen(&mut self, now: Now) {
        self.frozen_since.get_or_insert(now);
    }

    pub(super) fn frozen_for(&self, now: Now) -> Option<Duration> {
        self.frozen_since.map(|since| between(since, now))
    }

    /// The page runs. Tells for how long it did not.
    pub(super) fn thawed(&mut self, now: Now) -> Option<Duration> {
        self.frozen_since.take().map(|since| between(since, now))
    }

    pub(super) fn hidden(&mut self, now: Now) {
        self.hidden_since.get_or_insert(now);
    }

    pub(super) const fn is_hidden(&self) -> bool {
        self.hidden_since.is_some()
    }

    /// The page is seen. Tells for how long it was not.
    pub(super) fn shown(&mut self, now: Now) -> Option<Duration> {
        self.hidden_since.take().map(|since| between(since, now))
    }

    /// How a state is called while the page is frozen.
    pub(super) const fn seen_as(&self, state: State) -> State {
        match state {
            State::Idle | State::GaveUp => state,
            _ if self.frozen_since.is_some() => State::Suspended,
            _ => state,
        }
    }

    /// By how much the two clocks have parted since the last input, if by much.
    pub(super) fn clocks_parted(&mut self, now: Now) -> Option<Parted> {
        let before = self.last.replace(now)?;
        let stopwatch = now.moment.since(before.moment);
        let ahead = now.unix.since(before.unix).saturating_sub(stopwatch);
        if ahead > CLOCKS_APART {
            return Some(Parted::Slept(ahead));
        }
        let behind = (before.unix + stopwatch).since(now.unix);
        (behind > CLOCKS_APART).then_some(Parted::SetBack)
    }

    /// Whether so late a run is to be taken for a sleep.
    pub(super) fn overslept(&mut self, late: Duration) -> bool {
        self.excused = late > TIMER_LATE && !self.excused;
        self.excused
    }
}

/// How the two clocks parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parted {
    /// The calendar went on while the stopwatch stood still.
    Slept(Duration),
    /// The calendar was set back.
    SetBack,
}

/// Whether the platform sees a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connectivity {
    /// It does.
    Online,
    /// It does not.
    Offline,
}

/// On some platforms the stopwatch stands still while the machine sleeps: the longer one counts.
fn between(since: Now, now: Now) -> Duration {
    now.moment.since(since.moment).max(now.unix.since(since.unix))
}
