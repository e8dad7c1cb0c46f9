//! How often something may happen.

use std::time::Duration;

use tidemark_shared::clock::Moment;

/// Limits how often something may happen, in one word of memory (the generic cell rate algorithm).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// When the next one would be due if they came evenly, in nanoseconds after the stopwatch's
    /// start.
    even_ns: u64,
}

impl Pace {
    /// Whether more was counted than even spacing allows so far.
    pub(super) fn is_ahead(self, now: Moment) -> bool {
        self.even_ns > nanos(now.since(Moment::START))
    }

    /// Counts one. Refuses, without counting, what is more than `burst` ahead of even spacing;
    /// then says how long to wait.
    pub(super) fn count(
        &mut self,
        now: Moment,
        gap: Duration,
        burst: Duration,
    ) -> Result<(), Duration> {
        let now_ns = nanos(now.since(Moment::START));
        let even_ns = self.even_ns.max(now_ns);
        let ahead_ns = even_ns - now_ns;
        let burst_ns = nanos(burst);
        if ahead_ns > burst_ns {
            return Err(Duration::from_nanos(ahead_ns - burst_ns));
        }
        self.even_ns = even_ns.saturating_add(nanos(gap));
        Ok(())
    }
}

/// The time that so many may take at a rate.
pub(super) fn time_of(count: usize, rate_per_s: u32) -> Duration {
    let ns = (count as u64).saturating_mul(1_000_000_000) / u64::from(rate_per_s.max(1));
    Duration::from_nanos(ns)
}

/// A stopwatch that counts nanoseconds in 64 bits runs for five centuries.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_is_told_to_wait() {
        let (gap, burst) = (Duration::from_millis(10), Duration::from_millis(100));
        let mut pace = Pace::default();
        let now = Moment::START + Duration::from_secs(5);
        let passed = (0..100).filter(|_| pace.count(now, gap, burst).is_ok()).count();
        assert_eq!(passed, 11);
        assert_eq!(pace.count(now, gap, burst), Err(Duration::from_millis(10)));
        assert!(pace.count(now + Duration::from_millis(10), gap, burst).is_ok());
    }

    #[test]
    fn over_a_long_time_the_rate_is_kept_whatever_the_sizes() {
        let mut pace = Pace::default();
        let mut bytes = 0;
        for tick in 0..10_000_u64 {
            let now = Moment::START + Duration::from_millis(tick);
            let size = 1 + (tick as usize * 7_919) % 60_000;
            if pace.count(now, time_of(size, 100_000), Duration::from_secs(4)).is_ok() {
                bytes += size;
            }
        }
        // Ten seconds, four that may come at once, and the one that went over.
        assert!((1_300_000..=1_460_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn numbers_beyond_all_bounds_neither_panic_nor_pass() {
        let mut pace = Pace::default();
        let now = Moment::START;
        assert!(pace.count(now, time_of(usize::MAX, 0), Duration::ZERO).is_ok());
        assert!(pace.count(now, time_of(1, 1), Duration::MAX).is_ok());
        assert!(pace.count(now, Duration::ZERO, Duration::ZERO).is_err());
    }
}
