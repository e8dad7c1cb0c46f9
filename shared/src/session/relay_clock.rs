//! The relay's clock, as far as it can be known from here.

use std::time::Duration;

use super::Now;
use crate::clock::UnixMillis;

/// A beat that seems to come from longer ago than this is no slow network's: one of the two clocks
/// was set, or the platform held the beat back while the page was frozen.
const BEAT_AGE_MAX_MS: i64 = 5_000;

/// How far the relay's clock is ahead of ours.
#[derive(Debug, Default)]
pub(super) struct RelayClock {
    offset_ms: i64,
    /// Without trust nothing is called stale: better an old value than a lost one.
    trusted: bool,
}

/// What a beat's time says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It fits.
    Fits,
    /// It does not: a round trip has to settle it.
    Doubtful,
}

impl RelayClock {
    /// The relay's clock minus ours.
    pub(super) const fn offset_ms(&self) -> i64 {
        self.offset_ms
    }

    /// A question and its answer: the answer was written half a round trip ago.
    pub(super) fn measured(&mut self, relay: UnixMillis, round_trip: Duration, now: Now) {
        let half_ms = i64::try_from(round_trip.as_millis() / 2).unwrap_or(i64::MAX);
        self.offset_ms = relay.0.saturating_add(half_ms).saturating_sub(now.unix.0);
        self.trusted = true;
    }

    /// A beat came. Its way took an unknown time, but never less than none, so it can only show
    /// that the relay's clock is further ahead than was thought.
    pub(super) fn beat(&mut self, relay: UnixMillis, now: Now) -> Reading {
        let at_least_ms = relay.0.saturating_sub(now.unix.0);
        let age_ms = self.offset_ms.saturating_sub(at_least_ms);
        self.offset_ms = self.offset_ms.max(at_least_ms);
        if age_ms > BEAT_AGE_MAX_MS {
            self.trusted = false;
            return Reading::Doubtful;
        }
        Reading::Fits
    }

    /// Our own clock may have been set.
    pub(super) const fn doubt(&mut self) {
        self.trusted = false;
    }

    /// The relay's time, if it is known well enough to call something stale.
    pub(super) fn now(&self, now: Now) -> Option<UnixMillis> {
        self.trusted.then(|| UnixMillis(now.unix.0.saturating_add(self.offset_ms)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;

    fn at(unix_ms: i64) -> Now {
        Now { moment: Moment::START, unix: UnixMillis(unix_ms) }
    }

    #[test]
    fn a_round_trip_is_halved_and_a_beat_only_moves_it_ahead() {
        let mut clock = RelayClock::default();
        clock.measured(UnixMillis(10_000), Duration::from_millis(200), at(9_000));
        assert_eq!(clock.offset_ms(), 1_100);
        assert_eq!(clock.beat(UnixMillis(10_500), at(10_000)), Reading::Fits);
        assert_eq!(clock.offset_ms(), 1_100);
        assert_eq!(clock.beat(UnixMillis(11_300), at(10_000)), Reading::Fits);
        assert_eq!(clock.offset_ms(), 1_300);
    }

    #[test]
    fn a_beat_from_long_ago_puts_the_clock_in_doubt_until_it_is_measured() {
        let mut clock = RelayClock::default();
        clock.measured(UnixMillis(1_000), Duration::ZERO, at(1_000));
        assert_eq!(clock.beat(UnixMillis(2_000), at(60_000)), Reading::Doubtful);
        assert_eq!(clock.now(at(60_000)), None);
        clock.measured(UnixMillis(2_000), Duration::ZERO, at(60_000));
        assert_eq!(clock.now(at(60_500)), Some(UnixMillis(2_500)));
    }

    #[test]
    fn times_at_the_end_of_the_world_do_not_overflow() {
        let mut clock = RelayClock::default();
        clock.measured(UnixMillis(i64::MAX), Duration::MAX, at(i64::MIN));
        clock.beat(UnixMillis(i64::MIN), at(i64::MAX));
        let _ = clock.now(at(i64::MAX));
    }
}
