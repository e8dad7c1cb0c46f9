//! The one place where the relay reads clocks.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::session::Now;

/// Both clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A stopwatch that starts now.
    #[must_use]
    pub fn start() -> Self {
        Clock { start: Instant::now() }
    }

    /// The time on both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { moment: Moment::after_start(self.start.elapsed()), unix: unix_now() }
    }
}

/// The time of day.
#[must_use]
pub fn unix_now() -> UnixMillis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
