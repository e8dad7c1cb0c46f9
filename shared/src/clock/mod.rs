//! The kinds of time. All are plain numbers that somebody outside read from a clock.
//!
//! [`Moment`] measures how long something took; it never jumps and means nothing to another
//! machine. [`UnixMillis`] says when something happened; it is sent over the wire and may jump.
//! They do not convert into each other, so one cannot be passed where the other is meant.
//! [`Stamp`] orders what several machines wrote whose clocks do not agree.

mod hybrid;

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::hybrid::{HybridClock, STAMP_AHEAD_MAX, Stamp};

/// A reading of a local stopwatch: the time since a start that only the reader knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

impl Moment {
    /// The stopwatch's start.
    pub const START: Moment = Moment(Duration::ZERO);

    /// The moment `elapsed` after the stopwatch's start.
    #[must_use]
    pub const fn after_start(elapsed: Duration) -> Self {
        Moment(elapsed)
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Moment) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, wait: Duration) -> Moment {
        Moment(self.0.saturating_add(wait))
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z, as the venues and the wire protocol count them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: UnixMillis) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl Add<Duration> for UnixMillis {
    type Output = UnixMillis;

    fn add(self, wait: Duration) -> UnixMillis {
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        UnixMillis(self.0.saturating_add(millis))
    }
}

impl Sub<Duration> for UnixMillis {
    type Output = UnixMillis;

    fn sub(self, wait: Duration) -> UnixMillis {
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        UnixMillis(self.0.saturating_sub(millis))
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

/// The time of an input, read from both clocks at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For waiting: a stopwatch that never jumps.
    pub moment: Moment,
    /// For comparing with the relay's clock: may jump.
    pub unix: UnixMillis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_time_is_no_negative_age() {
        let early = UnixMillis(1_000);
        let late = early + Duration::from_secs(2);
        assert_eq!(late.since(early), Duration::from_secs(2));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(Moment::START.since(Moment::START + Duration::from_secs(1)), Duration::ZERO);
    }
}
