//! A hybrid logical clock (Kulkarni et al., 2014): stamps that follow cause and effect and stay
//! close to real time, though no two machines' clocks agree.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::UnixMillis;

/// How far a stamp may be ahead of the relay's clock. A device whose clock is wrong by more would
/// otherwise win every comparison until real time has caught up with it.
pub const STAMP_AHEAD_MAX: Duration = Duration::from_secs(60);

/// When something was written: a time, and a count of what was written within it or before the
/// writer's clock reached it. Later stamps are greater.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(from = "(UnixMillis, u32)", into = "(UnixMillis, u32)")]
pub struct Stamp {
    /// The time, as far as the writer knew it.
    pub at: UnixMillis,
    /// Tells apart, and orders, what has the same time.
    pub count: u32,
}

impl Stamp {
    /// The same stamp, but not further ahead of the relay's clock than is believed.
    #[must_use]
    pub fn pulled_back(self, relay_now: UnixMillis) -> Stamp {
        let latest = relay_now + STAMP_AHEAD_MAX;
        if self.at > latest { Stamp { at: latest, count: 0 } } else { self }
    }

    const fn next(self) -> Stamp {
        match self.count.checked_add(1) {
            Some(count) => Stamp { at: self.at, count },
            None => Stamp { at: UnixMillis(self.at.0.saturating_add(1)), count: 0 },
        }
    }
}

impl From<(UnixMillis, u32)> for Stamp {
    fn from((at, count): (UnixMillis, u32)) -> Stamp {
        Stamp { at, count }
    }
}

impl From<Stamp> for (UnixMillis, u32) {
    fn from(stamp: Stamp) -> (UnixMillis, u32) {
        (stamp.at, stamp.count)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.count)
    }
}

/// Gives out stamps, each later than all that it has given or seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HybridClock {
    last: Stamp,
}

impl HybridClock {
    /// A clock that goes on after `last`.
    #[must_use]
    pub const fn after(last: Stamp) -> Self {
        HybridClock { last }
    }

    /// The next stamp. `now` is the best guess of the relay's time.
    pub fn tick(&mut self, now: UnixMillis) -> Stamp {
        let fresh = Stamp { at: now, count: 0 };
        self.last = if fresh > self.last { fresh } else { self.last.next() };
        self.last
    }

    /// Takes note of somebody else's stamp: what is written from now on is later. A stamp that is
    /// too far ahead of `now` is not believed.
    pub fn observe(&mut self, seen: Stamp, now: UnixMillis) {
        self.last = self.last.max(seen.pulled_back(now));
    }

    /// The last stamp given or seen.
    #[must_use]
    pub const fn last(&self) -> Stamp {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_runs_backwards_still_gives_later_stamps() {
        let mut clock = HybridClock::default();
        let times = [5_000, 5_000, 4_000, 4_999, 5_001, 1];
        let stamps: Vec<Stamp> = times.map(|at| clock.tick(UnixMillis(at))).to_vec();
        assert!(stamps.is_sorted_by(|a, b| a < b), "{stamps:?}");
    }

    #[test]
    fn what_was_seen_is_before_what_is_written_after_it() {
        let mut slow = HybridClock::default();
        let seen = Stamp { at: UnixMillis(30_000), count: 7 };
        slow.observe(seen, UnixMillis(1_000));
        assert!(slow.tick(UnixMillis(1_001)) > seen);
    }

    #[test]
    fn a_stamp_from_the_far_future_is_not_believed() {
        let now = UnixMillis(1_000);
        let wild = Stamp { at: UnixMillis(i64::MAX), count: 3 };
        let mut clock = HybridClock::default();
        clock.observe(wild, now);
        assert_eq!(clock.last(), Stamp { at: now + STAMP_AHEAD_MAX, count: 0 });
        assert_eq!(wild.pulled_back(now), clock.last());
    }

    #[test]
    fn a_full_count_moves_the_time() {
        let full = Stamp { at: UnixMillis(9), count: u32::MAX };
        let mut clock = HybridClock::after(full);
        assert_eq!(clock.tick(UnixMillis(0)), Stamp { at: UnixMillis(10), count: 0 });
    }
}
