//! Whether the other end is still there.

use std::time::Duration;

use super::Now;
use crate::clock::Moment;

/// A relay that announces faster beats is taken to mean this: nothing slower than a network's
/// round trip can be told from silence, and a zero would make the timer spin.
const INTERVAL_MIN: Duration = Duration::from_millis(100);

/// A relay that announces slower beats is taken to mean this: a user should not look at a dead
/// connection for longer.
const INTERVAL_MAX: Duration = Duration::from_secs(10 * 60);

/// When the other end was heard, and what follows from its silence.
#[derive(Debug)]
pub(super) struct Liveness {
    heard: Now,
    suspect_after: Duration,
    heartbeat: Duration,
    dead_after: Duration,
    probe_within: Duration,
    probe: Option<Probe>,
}

#[derive(Debug)]
struct Probe {
    sent: Moment,
    cause: Cause,
}

/// Why it is asked whether the other end is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// It was silent for too long while we were listening. Any frame ends the doubt.
    Silence,
    /// We were not listening, or the network is another one. What the platform buffered before
    /// proves nothing for long, so only the answer itself ends the doubt.
    Waking,
}

/// What the clock says of the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing to do yet.
    Fine,
    /// Ask it.
    Doubtful,
    /// It is gone.
    Dead {
        /// How long nothing was heard.
        silent: Duration,
        /// Why it had been asked.
        cause: Cause,
    },
}

impl Liveness {
    pub(super) fn new(
        heartbeat: Duration,
        dead_after: Duration,
        probe_within: Duration,
        now: Now,
    ) -> Self {
        let heartbeat = heartbeat.clamp(INTERVAL_MIN, INTERVAL_MAX);
        // A quarter more, for the ways of the network, before a beat counts as missed.
        let suspect_after = heartbeat + heartbeat / 4;
        Liveness {
            heard: now,
            suspect_after,
            heartbeat,
            dead_after: dead_after.clamp(suspect_after, INTERVAL_MAX * 2),
            probe_within: probe_within.max(INTERVAL_MIN),
            probe: None,
        }
    }

    /// A frame came.
    pub(super) fn heard(&mut self, now: Now) {
        self.heard = now;
        if self.probe.as_ref().is_some_and(|probe| probe.cause == Cause::Silence) {
            self.probe = None;
        }
    }

    /// The answer to a probe came.
    pub(super) fn proved(&mut self) {
        self.probe = None;
    }

    /// There is a reason to ask. Tells whether a question has to be sent: one that is on its way
    /// for the same reason, or a stronger one, goes on, and its time with it.
    pub(super) fn doubt(&mut self, cause: Cause, now: Now) -> bool {
        let already = self.probe.as_ref().is_some_and(|probe| probe.cause >= cause);
        if !already {
            self.probe = Some(Probe { sent: now.moment, cause });
        }
        !already
    }

    /// Whether an answer is being waited for.
    pub(super) const fn is_suspect(&self) -> bool {
        self.probe.is_some()
    }

    /// Whether a beat must have been missed by now. Both clocks are asked: on some platforms the
    /// stopwatch stands still while the machine sleeps.
    pub(super) fn missed_a_beat(&self, now: Now) -> bool {
        let silent = now.moment.since(self.heard.moment).max(now.unix.since(self.heard.unix));
        silent >= self.heartbeat
    }

    /// When [`verdict`](Self::verdict) is worth asking.
    pub(super) fn deadline(&self) -> Moment {
        let heard = self.heard.moment;
        match &self.probe {
            None => heard + self.suspect_after,
            Some(Probe { sent, cause: Cause::Silence }) => {
                (heard + self.dead_after).max(*sent + self.probe_within)
            }
            Some(Probe { sent, cause: Cause::Waking }) => heard.max(*sent) + self.probe_within,
        }
    }

    pub(super) fn verdict(&self, now: Now) -> Verdict {
        if now.moment < self.deadline() {
            return Verdict::Fine;
        }
        match &self.probe {
            None => Verdict::Doubtful,
            Some(probe) => {
                Verdict::Dead { silent: now.moment.since(self.heard.moment), cause: probe.cause }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;

    fn at(seconds: u64) -> Now {
        let wait = Duration::from_secs(seconds);
        Now { moment: Moment::START + wait, unix: UnixMillis(0) + wait }
    }

    fn liveness() -> Liveness {
        let s = Duration::from_secs;
        Liveness::new(s(30), s(60), s(3), at(0))
    }

    #[test]
    fn silence_is_doubted_before_it_is_death() {
        let mut liveness = liveness();
        assert_eq!(liveness.verdict(at(37)), Verdict::Fine);
        assert_eq!(liveness.verdict(at(38)), Verdict::Doubtful);
        liveness.doubt(Cause::Silence, at(38));
        assert_eq!(liveness.verdict(at(59)), Verdict::Fine);
        let silent = Duration::from_secs(60);
        assert_eq!(liveness.verdict(at(60)), Verdict::Dead { silent, cause: Cause::Silence });
        liveness.heard(at(60));
        assert_eq!(liveness.verdict(at(60)), Verdict::Fine);
    }

    #[test]
    fn after_waking_only_the_answer_ends_the_doubt() {
        let mut liveness = liveness();
        liveness.doubt(Cause::Waking, at(1_000));
        liveness.heard(at(1_001));
        assert!(liveness.is_suspect());
        assert!(matches!(liveness.verdict(at(1_004)), Verdict::Dead { cause: Cause::Waking, .. }));
        liveness.proved();
        assert_eq!(liveness.verdict(at(1_004)), Verdict::Fine);
    }

    #[test]
    fn a_relay_that_announces_nonsense_does_not_make_the_timer_spin() {
        let zero = Duration::ZERO;
        let mut liveness = Liveness::new(zero, zero, zero, at(1));
        assert!(liveness.deadline() > at(1).moment);
        liveness.doubt(Cause::Silence, at(2));
        assert!(liveness.deadline() > at(2).moment);
        let forever = Liveness::new(Duration::MAX, Duration::MAX, zero, at(0));
        assert!(forever.deadline() < at(3_600).moment);
    }
}
