//! How much of a log is kept.

use std::time::Duration;

use tidemark_shared::protocol::{Class, Delivery};

/// The limits of one log's window. What breaks any of them leaves, oldest first; the newest
/// message always stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Most messages.
    pub count_max: usize,
    /// Oldest message, by the relay's clock.
    pub age_max: Duration,
    /// Most bytes, in the larger of the encodings.
    pub bytes_max: usize,
}

/// How much is kept of the logs of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Of *latest* topics. Long enough that a tunnel or a restart is caught up without a jump.
    pub latest: Window,
    /// Of *log* topics.
    pub log: Window,
}

/// Messages about what was then are as old as that when they come: the longest delay there is.
const DELAY_MAX: Duration = Duration::from_secs(3_600);

impl Retention {
    /// What is kept of a class's logs.
    #[must_use]
    pub const fn of(&self, class: Class) -> Window {
        match (class, class.delivery()) {
            (Class::Delayed, _) => {
                Window { age_max: self.latest.age_max.saturating_add(DELAY_MAX), ..self.latest }
            }
            (_, Delivery::Latest) => self.latest,
            (_, Delivery::Log) => self.log,
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        // 256 KiB hold about a thousand quotes; ten thousand such logs are still only 2.5 GiB.
        let bytes_max = 256 * 1024;
        Retention {
            latest: Window { count_max: 2_048, age_max: Duration::from_secs(120), bytes_max },
            log: Window { count_max: 4_096, age_max: Duration::from_secs(900), bytes_max },
        }
    }
}
