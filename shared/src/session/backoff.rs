//! How long to wait before the next attempt: full jitter under a ceiling that doubles.

use std::time::Duration;

/// Doubling stops here: 2^16 first waits are past every sensible longest wait.
const DOUBLINGS_MAX: u32 = 16;

/// Two attempts never share a moment, whatever the jitter says: a timer must always move on.
const WAIT_MIN: Duration = Duration::from_millis(1);

/// The failures in a row, and the wait that they earn. A thousand clients that lost the same relay
/// at the same moment come back evenly spread, because each draws from the whole range.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    max: Duration,
    failures: u32,
    jitter: Jitter,
}

impl Backoff {
    pub(crate) const fn new(first: Duration, max: Duration, seed: u64) -> Self {
        Backoff { first, max, failures: 0, jitter: Jitter(seed) }
    }

    /// Counts one more failure, and draws the wait after it.
    pub(crate) fn fail(&mut self) -> Duration {
        let ceiling = self.first.saturating_mul(1 << self.failures.min(DOUBLINGS_MAX));
        self.failures = self.failures.saturating_add(1);
        self.jitter.up_to(ceiling.min(self.max))
    }

    /// A connection proved stable, or the user knows better.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// A wait after a refusal, which only somebody's decision can end: never faster than the
    /// slowest backoff, and up to `times` as long.
    pub(crate) fn slow(&mut self, times: u32) -> Duration {
        self.max + self.jitter.up_to(self.max.saturating_mul(times.saturating_sub(1)))
    }
}

/// SplitMix64: even, repeatable, and a few lines long. It guards no secret.
#[derive(Debug)]
struct Jitter(u64);

impl Jitter {
    fn up_to(&mut self, ceiling: Duration) -> Duration {
        let range_us = u64::try_from(ceiling.as_micros()).unwrap_or(u64::MAX).saturating_add(1);
        // The upper half of a 128-bit product maps all of u64 evenly onto the range.
        let drawn = (u128::from(self.next()) * u128::from(range_us)) >> 64;
        Duration::from_micros(u64::try_from(drawn).unwrap_or(u64::MAX)).max(WAIT_MIN)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(1);
    const MAX: Duration = Duration::from_secs(30);

    #[test]
    fn waits_fill_the_whole_range_under_a_ceiling_that_doubles_up_to_the_longest() {
        for (failures, ceiling_s) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (60, 30)] {
            let ceiling = Duration::from_secs(ceiling_s);
            let waits: Vec<Duration> = (0..500)
                .map(|seed| {
                    let mut backoff = Backoff::new(FIRST, MAX, seed);
                    (0..=failures).map(|_| backoff.fail()).last().unwrap()
                })
                .collect();
            assert!(waits.iter().all(|wait| *wait <= ceiling));
            assert!(waits.iter().any(|wait| *wait < ceiling / 20));
            assert!(waits.iter().any(|wait| *wait > ceiling * 19 / 20));
        }
    }

    #[test]
    fn a_refusal_is_never_retried_faster_than_the_slowest_backoff() {
        let mut backoff = Backoff::new(FIRST, MAX, 7);
        for _ in 0..500 {
            let wait = backoff.slow(10);
            assert!(wait >= MAX && wait <= MAX * 10);
        }
    }

    #[test]
    fn the_same_seed_waits_the_same() {
        let waits = |seed| {
            let mut backoff = Backoff::new(FIRST, MAX, seed);
            (0..20).map(|_| backoff.fail()).collect::<Vec<_>>()
        };
        assert_eq!(waits(1), waits(1));
        assert_ne!(waits(1), waits(2));
    }
}
