//! When to connect, when to wait, when to give up for a while: the same for every venue.
//!
//! ```text
//!            wanted                  live
//!   Idle ────────────► Connecting ────────► Up ⇄ (stalled)
//!    ▲                   ▲    │ lost         │ lost
//!    │ not wanted        │    ▼              ▼
//!    └───────────────── Waiting (backoff, or broken after too many failures)
//! ```
//! A failure is every connection that ended before it proved stable. Waiting times double with each
//! failure; only a stable connection resets them, so a venue that accepts and cuts at once is left
//! alone just like one that refuses.

use std::time::Duration;

use tidemark_shared::clock::Moment;
use tidemark_shared::market::FeedState;

use super::venue::Fault;

/// How patient a feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// A connection must stand and be acknowledged within this time.
    pub connect_within: Duration,
    /// Longest wait after the first failure; it doubles with each further one.
    pub backoff_first: Duration,
    /// Longest wait after any failure.
    pub backoff_max: Duration,
    /// A connection that lived so long was stable: earlier failures are forgotten.
    pub stable_after: Duration,
    /// So many failures in a row open the circuit breaker.
    pub failures_max: u32,
    /// The open breaker lets nothing through for so long; then one attempt is made.
    pub broken_for: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect_within: Duration::from_secs(15),
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_secs(30),
            stable_after: Duration::from_secs(60),
            failures_max: 5,
            broken_for: Duration::from_secs(60),
        }
    }
}

/// What the lifecycle wants done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Stay,
    /// Open a connection.
    Open,
    /// Close the connection, or give up opening it.
    Close,
}

/// The life of one feed's connection.
#[derive(Debug)]
pub(super) struct Lifecycle {
    patience: Patience,
    silence_max: Duration,
    rng: fastrand::Rng,
    wanted: Wanted,
    failures: u32,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Connecting { until: Moment },
    Up { since: Moment, heard: Moment, silence: Silence },
    Waiting { until: Moment, why: Why },
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    Normal,
    TooLong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Backoff,
    Broken,
}

impl Lifecycle {
    /// A feed that nobody wants yet. A connection that is silent for `silence_max` is stalled, and
    /// after the same time again it is cut. `seed` decides the jitter.
    #[must_use]
    pub(super) fn new(patience: Patience, silence_max: Duration, seed: u64) -> Self {
        Lifecycle {
            patience,
            silence_max,
            rng: fastrand::Rng::with_seed(seed),
            wanted: Wanted::No,
            failures: 0,
            phase: Phase::Idle,
        }
    }

    /// Somebody wants something of this feed.
    pub(super) fn wanted(&mut self, now: Moment) -> Step {
        self.wanted = Wanted::Yes;
        match self.phase {
            Phase::Idle => self.open(now),
            _ => Step::Stay,
        }
    }

    /// Nobody wants anything of this feed any more.
    pub(super) fn unwanted(&mut self) -> Step {
        self.wanted = Wanted::No;
        match self.phase {
            Phase::Connecting { .. } | Phase::Up { .. } => {
                self.phase = Phase::Idle;
                Step::Close
            }
            // A wait is sat out, so that wanting again does not jump it.
            Phase::Waiting { .. } | Phase::Idle | Phase::Stopped => Step::Stay,
        }
    }

    /// The venue was heard: acknowledgement, data, heartbeat or ping.
    pub(super) fn heard(&mut self, now: Moment) {
        self.phase = match self.phase {
            Phase::Connecting { .. } => {
                Phase::Up { since: now, heard: now, silence: Silence::Normal }
            }
            Phase::Up { since, .. } => Phase::Up { since, heard: now, silence: Silence::Normal },
            other => other,
        };
    }

    /// The connection is gone, or could not be opened.
    pub(super) fn lost(&mut self, fault: Fault, now: Moment) -> Step {
        if !matches!(self.phase, Phase::Connecting { .. } | Phase::Up { .. }) {
            return Step::Stay;
        }
        if fault == Fault::Lasting {
            self.phase = Phase::Stopped;
            return Step::Close;
        }
        self.forget_failures_when_stable(now);
        self.failures = self.failures.saturating_add(1);
        self.phase = if self.failures >= self.patience.failures_max {
            Phase::Waiting { until: now + self.patience.broken_for, why: Why::Broken }
        } else {
            Phase::Waiting { until: now + self.jittered_backoff(), why: Why::Backoff }
        };
        Step::Close
    }

    /// Looks at the time. To be called when [`Lifecycle::next_deadline`] is reached.
    pub(super) fn handle_timer(&mut self, now: Moment) -> Step {
        match self.phase {
            Phase::Connecting { until } if until <= now => self.lost(Fault::Passing, now),
            Phase::Up { heard, .. } if now.since(heard) >= self.silence_max * 2 => {
                self.lost(Fault::Passing, now)
            }
            Phase::Up { since, heard, .. } if now.since(heard) >= self.silence_max => {
                self.phase = Phase::Up { since, heard, silence: Silence::TooLong };
                Step::Stay
            }
            Phase::Waiting { until, .. } if until <= now => match self.wanted {
                Wanted::Yes => self.open(now),
                Wanted::No => {
                    self.phase = Phase::Idle;
                    Step::Stay
                }
            },
            _ => Step::Stay,
        }
    }

    /// When [`Lifecycle::handle_timer`] is due, if ever.
    #[must_use]
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        match self.phase {
            Phase::Connecting { until } | Phase::Waiting { until, .. } => Some(until),
            Phase::Up { heard, silence: Silence::Normal, .. } => Some(heard + self.silence_max),
            Phase::Up { heard, silence: Silence::TooLong, .. } => {
                Some(heard + self.silence_max * 2)
            }
            Phase::Idle | Phase::Stopped => None,
        }
    }

    /// What users are shown.
    #[must_use]
    pub(super) const fn state(&self) -> FeedState {
        match self.phase {
            Phase::Idle => FeedState::Idle,
            Phase::Connecting { .. } => FeedState::Connecting,
            Phase::Up { silence: Silence::Normal, .. } => FeedState::Live,
            Phase::Up { silence: Silence::TooLong, .. } => FeedState::Stalled,
            Phase::Waiting { why: Why::Backoff, .. } => FeedState::Backoff,
            Phase::Waiting { why: Why::Broken, .. } => FeedState::Broken,
            Phase::Stopped => FeedState::Stopped,
        }
    }

    /// When the next attempt is due, if one is.
    #[must_use]
    pub(super) fn next_attempt(&self) -> Option<Moment> {
        match (self.phase, self.wanted) {
            (Phase::Waiting { until, .. }, Wanted::Yes) => Some(until),
            _ => None,
        }
    }

    fn open(&mut self, now: Moment) -> Step {
        self.phase = Phase::Connecting { until: now + self.patience.connect_within };
        Step::Open
    }

    fn forget_failures_when_stable(&mut self, now: Moment) {
        if let Phase::Up { since, .. } = self.phase
            && now.since(since) >= self.patience.stable_after
        {
            self.failures = 0;
        }
    }

    /// Full jitter: anything up to the ceiling, so that many relays do not come back together.
    fn jittered_backoff(&mut self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(16); // 2^16 s is beyond any ceiling
        let ceiling = self.patience.backoff_first.saturating_mul(1 << doublings);
        ceiling.min(self.patience.backoff_max).mul_f64(self.rng.f64())
    }
}

#[cfg(test)]
mod tests;
