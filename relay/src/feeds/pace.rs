//! Never sends faster than a venue allows.

use std::time::Duration;

use tidemark_shared::clock::Moment;

/// Spaces out what is sent on one connection. An even spacing holds in every window of time,
/// which a bucket of tokens does not: full, it lets two windows' worth through in one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    spacing: Duration,
    next: Moment,
}

impl Pace {
    /// At most one frame per `spacing`.
    #[must_use]
    pub(super) const fn new(spacing: Duration) -> Self {
        Pace { spacing, next: Moment::START }
    }

    /// A frame is sent now.
    pub(super) fn sent(&mut self, now: Moment) {
        self.next = now + self.spacing;
    }

    /// When the next frame may be sent.
    #[must_use]
    pub(super) const fn next(&self) -> Moment {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_second_ever_holds_more_frames_than_allowed(
            waits_ms in prop::collection::vec(0_u64..400, 1..200),
        ) {
            let mut pace = Pace::new(Duration::from_millis(250));
            let mut now = Moment::START;
            let mut sent = Vec::new();
            for wait_ms in waits_ms {
                now = now + Duration::from_millis(wait_ms);
                if now >= pace.next() {
                    pace.sent(now);
                    sent.push(now);
                }
            }
            for start in &sent {
                let within = sent.iter().filter(|at| {
                    *at >= start && at.since(*start) < Duration::from_secs(1)
                });
                prop_assert!(within.count() <= 4);
            }
        }
    }
}
