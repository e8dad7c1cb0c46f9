//! The one timer: what it is armed for, and what is due when it fires.

use std::time::Duration;

use super::leaving::Comeback;
use super::liveness::{Cause, Verdict};
use super::phase::Phase;
use super::{AskFailed, Input, LinkError, Now, Output, Session};
use crate::clock::Moment;

impl Session {
    /// When [`Input::Timer`] is due, if ever. To be asked after the outputs are drained.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let while_connected = match &self.phase {
            Phase::Connected(_) => {
                [self.ladder.upgrade_at(), self.subscriptions.retry_at(), self.answer_due()]
            }
            _ => [None; 3],
        };
        let always = [
            self.phase.deadline(),
            self.candidate.as_ref().map(|candidate| candidate.deadline),
            self.questions.deadline(),
        ];
        always.into_iter().chain(while_connected).flatten().min()
    }

    /// For how long something has been due without our running: nothing else came meanwhile
    /// either. Timers of a hidden page are slow without being late, until they fire.
    pub(super) fn lateness(&self, input: &Input, now: Moment) -> Option<Duration> {
        let due = self.next_deadline().filter(|due| now >= *due)?;
        let says_something = matches!(input, Input::Timer) || !self.platform.is_hidden();
        says_something.then(|| now.since(due.max(self.now.moment)))
    }

    /// Does what is due. Whatever was due has then moved on or is gone.
    pub(super) fn expire(&mut self, now: Now) {
        for id in self.questions.take_expired(now.moment) {
            self.outputs.push_back(Output::Answer { id, outcome: Err(AskFailed::Timeout) });
        }
        if self.candidate.as_ref().is_some_and(|candidate| candidate.deadline <= now.moment) {
            self.candidate_failed(now);
        }
        match &self.phase {
            Phase::Connecting(connecting) if connecting.deadline <= now.moment => {
                let within = self.settings.open_within;
                self.lose(LinkError::OpenTimeout { within }, Comeback::Backoff, now);
            }
            Phase::Greeting(greeting) if greeting.deadline <= now.moment => {
                let within = self.settings.greet_within;
                self.lose(LinkError::GreetTimeout { within }, Comeback::Backoff, now);
            }
            Phase::Waiting(waiting) if waiting.until <= now.moment => self.attempt(now),
            Phase::Connected(_) => self.expire_connected(now),
            _ => {}
        }
    }

    fn expire_connected(&mut self, now: Now) {
        if self.answer_due().is_some_and(|due| due <= now.moment) {
            self.misbehaved("it does not answer a subscription".into(), now);
            return;
        }
        self.subscriptions.retry_refused(now.moment);
        if self.ladder.upgrade_at().is_some_and(|at| at <= now.moment) {
            self.try_better_transport(now);
        }
        let Some(connected) = self.phase.connected() else { return };
        match connected.liveness.verdict(now) {
            Verdict::Fine => {}
            Verdict::Doubtful => self.probe(Cause::Silence, now),
            Verdict::Dead { silent, cause } => {
                let comeback = match cause {
                    Cause::Silence => Comeback::Backoff,
                    Cause::Waking => Comeback::AtOnce,
                };
                self.lose(LinkError::Silent { silent }, comeback, now);
            }
        }
    }

    /// When a relay that owes an answer to a subscription will have owed it for too long.
    fn answer_due(&self) -> Option<Moment> {
        let Phase::Connected(connected) = &self.phase else { return None };
        self.subscriptions.is_waiting().then(|| connected.asked + self.settings.answer_within)
    }
}
