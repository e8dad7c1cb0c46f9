//! The network comes and goes, the page is frozen and thawed, the machine sleeps and wakes.

use std::time::Duration;

use super::leaving::Comeback;
use super::liveness::Cause;
use super::phase::Phase;
use super::platform::{Connectivity, Parted};
use super::{Input, LinkError, Note, Now, Session, State};

/// A shorter sleep than this breaks nothing: an attempt under way goes on, and nobody is told.
const SLEEP_MIN: Duration = Duration::from_secs(1);

impl Session {
    /// The platform sees a network again.
    pub(super) fn online(&mut self, now: Now) {
        if self.platform.set_online(Connectivity::Online) {
            self.note(Note::Network { online: true });
        }
        // Another network is another chance.
        self.backoff.reset();
        match &self.phase {
            Phase::Waiting(waiting) if matches!(waiting.state, State::Backoff | State::Offline) => {
                self.status.attempts = 0;
                self.attempt_when_allowed(now);
            }
            // The way may be another one now, and an old connection does not feel that.
            Phase::Connected(_) => self.probe(Cause::Waking, now),
            _ => {}
        }
    }

    /// The platform sees no network. A socket may take minutes to notice, so it is dropped now.
    pub(super) fn offline(&mut self, now: Now) {
        if self.platform.set_online(Connectivity::Offline) {
            self.note(Note::Network { online: false });
        }
        match &mut self.phase {
            Phase::Connecting(_) | Phase::Greeting(_) | Phase::Connected(_) => {
                self.lose(LinkError::Offline, Comeback::WhenOnline, now);
            }
            Phase::Waiting(waiting) if waiting.state == State::Backoff => {
                waiting.state = State::Offline;
                // Platforms lie: it is tried all the same, as rarely as anything is.
                waiting.until = waiting.until.max(now.moment + self.settings.backoff_max);
            }
            Phase::Waiting(_) | Phase::Idle | Phase::GaveUp => {}
        }
    }

    /// The page can be seen again. After a long time unseen, it is as after a sleep: timers were
    /// slow, and somebody is looking now.
    pub(super) fn shown(&mut self, now: Now) {
        self.platform.thawed(now);
        let unseen = self.platform.shown(now);
        if unseen.is_some_and(|unseen| unseen >= self.settings.heartbeat) {
            self.catch_up_with_the_world(now);
        }
    }

    /// The page runs again.
    pub(super) fn resumed(&mut self, jumped: Option<Parted>, now: Now) {
        let parted = match jumped {
            Some(Parted::Slept(asleep)) => asleep,
            Some(Parted::SetBack) | None => Duration::ZERO,
        };
        match self.platform.thawed(now) {
            Some(asleep) => self.woke(asleep.max(parted), now),
            None if parted > Duration::ZERO => self.woke(parted, now),
            None => self.catch_up_with_the_world(now),
        }
    }

    /// Looks for a sleep that nobody announced: something long due, clocks that parted.
    pub(super) fn notice_sleep(
        &mut self,
        input: &Input,
        jumped: Option<Parted>,
        late: Option<Duration>,
        now: Now,
    ) {
        if jumped.is_some() {
            self.clock.doubt();
        }
        if matches!(input, Input::Resumed) {
            return;
        }
        let overslept = late.filter(|late| self.platform.overslept(*late));
        let thawed = match (jumped, overslept, input) {
            (Some(Parted::Slept(_)), _, _) | (_, Some(_), _) => self.platform.thawed(now),
            _ if self.proves_running(input, now) => self.platform.thawed(now),
            _ => None,
        };
        let jumped_by = match jumped {
            Some(Parted::Slept(asleep)) => Some(asleep),
            Some(Parted::SetBack) | None => None,
        };
        match [jumped_by, overslept, thawed].into_iter().flatten().max() {
            Some(asleep) => self.woke(asleep, now),
            None if jumped == Some(Parted::SetBack) => self.probe(Cause::Waking, now),
            None => {}
        }
    }

    /// In a frozen page nothing runs: timers and frames that come all the same, some time after
    /// it was announced, show that it is frozen no more, or never was.
    fn proves_running(&self, input: &Input, now: Now) -> bool {
        let comes_by_itself = matches!(
            input,
            Input::Timer
                | Input::Opened(_)
                | Input::Frame { .. }
                | Input::Closed { .. }
                | Input::Failed { .. }
        );
        comes_by_itself && self.platform.frozen_for(now).is_some_and(|frozen| frozen >= SLEEP_MIN)
    }

    /// The platform did not run for a while.
    fn woke(&mut self, asleep: Duration, now: Now) {
        if asleep >= SLEEP_MIN {
            if !matches!(self.phase, Phase::Idle) {
                self.note(Note::Woke { asleep });
            }
            // A socket that was being opened when the machine fell asleep opens no more.
            if matches!(self.phase, Phase::Connecting(_) | Phase::Greeting(_)) {
                self.abandon_link();
                self.attempt(now);
            }
        }
        self.catch_up_with_the_world(now);
    }

    /// Makes sure at once of what else the timers would find out later.
    fn catch_up_with_the_world(&mut self, now: Now) {
        match &self.phase {
            Phase::Connected(connected) if connected.liveness.missed_a_beat(now) => {
                self.probe(Cause::Waking, now);
            }
            Phase::Waiting(waiting) if matches!(waiting.state, State::Backoff | State::Offline) => {
                self.attempt_when_allowed(now);
            }
            _ => {}
        }
    }
}
