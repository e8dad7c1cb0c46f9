//! Bars: what a price did in one interval of time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Price, Quantity};
use crate::clock::UnixMillis;

/// How much time one bar covers. Bars start at whole multiples of it since the Unix epoch (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Interval {
    /// `1s`
    Second1,
    /// `5s`
    Seconds5,
    /// `1m`
    Minute1,
    /// `5m`
    Minutes5,
    /// `15m`
    Minutes15,
    /// `1h`
    Hour1,
    /// `4h`
    Hours4,
    /// `1d`
    Day1,
}

/// A text that names no interval.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not an interval: {text:?} (one of 1s, 5s, 1m, 5m, 15m, 1h, 4h, 1d)")]
pub struct UnknownInterval {
    /// What was read, cut after 16 characters.
    pub text: String,
}

impl Interval {
    /// All of them, shortest first.
    pub const ALL: [Interval; 8] = [
        Interval::Second1,
        Interval::Seconds5,
        Interval::Minute1,
        Interval::Minutes5,
        Interval::Minutes15,
        Interval::Hour1,
        Interval::Hours4,
        Interval::Day1,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Interval::Second1 => "1s",
            Interval::Seconds5 => "5s",
            Interval::Minute1 => "1m",
            Interval::Minutes5 => "5m",
            Interval::Minutes15 => "15m",
            Interval::Hour1 => "1h",
            Interval::Hours4 => "4h",
            Interval::Day1 => "1d",
        }
    }

    /// How long it is.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.millis().unsigned_abs())
    }

    /// The start of the interval that `time` falls into.
    #[must_use]
    pub const fn start_of(self, time: UnixMillis) -> UnixMillis {
        UnixMillis(time.0.div_euclid(self.millis()).saturating_mul(self.millis()))
    }

    const fn millis(self) -> i64 {
        match self {
            Interval::Second1 => 1_000,
            Interval::Seconds5 => 5_000,
            Interval::Minute1 => 60_000,
            Interval::Minutes5 => 300_000,
            Interval::Minutes15 => 900_000,
            Interval::Hour1 => 3_600_000,
            Interval::Hours4 => 14_400_000,
            Interval::Day1 => 86_400_000,
        }
    }
}

impl FromStr for Interval {
    type Err = UnknownInterval;

    fn from_str(text: &str) -> Result<Self, UnknownInterval> {
        Interval::ALL
            .into_iter()
            .find(|interval| interval.as_str() == text)
            .ok_or_else(|| UnknownInterval { text: text.chars().take(16).collect() })
    }
}

impl TryFrom<String> for Interval {
    type Error = UnknownInterval;

    fn try_from(text: String) -> Result<Self, UnknownInterval> {
        text.parse()
    }
}

impl From<Interval> for String {
    fn from(interval: Interval) -> String {
        interval.as_str().to_owned()
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Open, high, low, close and volume of one interval. An interval without trades is flat at the
/// close before it, with no volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Start of the interval.
    pub start: UnixMillis,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Traded volume.
    pub volume: Quantity,
    /// How many trades.
    pub trades: u64,
    /// Whether the interval is over: a closed bar changes only when a late trade amends it.
    pub closed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interval_reads_back_and_starts_where_it_should() {
        for interval in Interval::ALL {
            assert_eq!(interval.as_str().parse::<Interval>().unwrap(), interval);
            let start = interval.start_of(UnixMillis(1_763_000_123_456));
            assert!(start <= UnixMillis(1_763_000_123_456));
            assert!(start + interval.duration() > UnixMillis(1_763_000_123_456));
            assert_eq!(interval.start_of(start), start);
        }
        assert_eq!(Interval::Minute1.start_of(UnixMillis(-1)), UnixMillis(-60_000));
    }
}
