//! The end of a connection, and what comes after it.

use std::time::Duration;

use super::phase::{Greeting, Phase, Waiting};
use super::{LinkError, LinkId, Note, Now, Output, Session, State};
use crate::protocol::{CloseCode, Closing};

/// Normal closure, the only code below 3000 that a browser may send.
const NORMAL: u16 = 1000;

/// A refusal is retried slowly, and at most so many times as slowly as the slowest backoff: a
/// page that was left open comes back by itself after the operator has put things right, and ten
/// thousand pages do not stand in his way.
const SLOW_TIMES_MAX: u32 = 10;

/// A relay that asks for a longer pause is taken to mean this: no page should look broken for an
/// hour because of one wrong number.
const PAUSE_MAX: Duration = Duration::from_secs(5 * 60);

/// When to come back after a connection's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comeback {
    /// After the backoff: something failed.
    Backoff,
    /// After the backoff: the relay itself closed it, so the transport is not to blame.
    RelayBackoff,
    /// At once: it is known why it ended, and that it was not the relay's doing.
    AtOnce,
    /// The relay asked to be left alone for so long. It is no failure.
    Pause(Duration),
    /// Slowly: only somebody's decision can help.
    Slow(State),
    /// When the platform sees a network.
    WhenOnline,
}

impl Comeback {
    /// As long as the relay asked for, within reason.
    pub(super) fn pause_ms(wait_ms: u64) -> Self {
        Comeback::Pause(Duration::from_millis(wait_ms).min(PAUSE_MAX))
    }
}

impl Session {
    /// The other end or the network closed a connection.
    pub(super) fn closed(&mut self, link: LinkId, code: u16, reason: String, now: Now) {
        self.link_ended(link, LinkError::Closed { code, reason }, comeback_of(code), now);
    }

    /// A connection is over, if it is one of ours.
    pub(super) fn link_ended(
        &mut self,
        link: LinkId,
        error: LinkError,
        comeback: Comeback,
        now: Now,
    ) {
        if self.candidate.as_ref().is_some_and(|candidate| candidate.link.id == link) {
            self.candidate_failed(now);
        } else if self.phase.is_current(link) {
            self.lose(error, comeback, now);
        }
    }

    /// The relay announced that it closes the connection. What it had to say was said before, and
    /// what it did not say will be said from our positions: there is nothing to wait for.
    pub(super) fn closing(&mut self, closing: Closing, now: Now) {
        self.note(Note::RelayClosing { reason: closing.reason.clone() });
        let comeback = match comeback_of(closing.code) {
            Comeback::Slow(state) => Comeback::Slow(state),
            _ if !closing.reconnect => Comeback::Slow(State::Backoff),
            _ => Comeback::pause_ms(closing.after_ms),
        };
        let error = LinkError::Closed { code: closing.code, reason: closing.reason };
        self.lose(error, comeback, now);
    }

    /// Ends the connection in use, and plans the next one.
    pub(super) fn lose(&mut self, error: LinkError, comeback: Comeback, now: Now) {
        let during = self.phase.state();
        let mut comeback = comeback;
        match &self.phase {
            Phase::Connected(connected) => {
                if now.moment.since(connected.since) >= self.settings.stable_after {
                    self.backoff.reset();
                }
                self.away_since = Some(now.moment);
            }
            Phase::Greeting(Greeting { upgrade_from: Some(_), hello_sent, .. }) => {
                self.away_since = Some(*hello_sent);
                self.ladder.upgrade_failed(now.moment);
                // It was our own wish to leave a transport that worked: back to it.
                if comeback == Comeback::Backoff {
                    comeback = Comeback::AtOnce;
                }
            }
            Phase::Connecting(_) | Phase::Greeting(_) => {
                if comeback == Comeback::Backoff && self.platform.is_online() {
                    self.fall_back();
                }
                if matches!(comeback, Comeback::Pause(_)) {
                    // The relay answered, if only to say later.
                    self.status.attempts = self.status.attempts.saturating_sub(1);
                }
            }
            Phase::Idle | Phase::Waiting(_) | Phase::GaveUp => {}
        }
        self.close_link(close_code_of(&error));
        self.phase = self.after(comeback, now);
        let retry_in = match (&self.phase, comeback) {
            (_, Comeback::AtOnce) => Some(Duration::ZERO),
            (Phase::Waiting(waiting), _) => Some(waiting.until.since(now.moment)),
            _ => None,
        };
        self.status.last_error = Some(error.clone());
        self.status_changed = true;
        self.note(Note::Dropped { during, error, retry_in });
        if comeback == Comeback::AtOnce {
            self.attempt(now);
        }
    }

    /// Closes the connection in use without a word about it: our own wish ends it.
    pub(super) fn abandon_link(&mut self) {
        match self.phase {
            Phase::Connected(_) => self.away_since = Some(self.now.moment),
            // It did not fail: it is not counted.
            Phase::Connecting(_) | Phase::Greeting(_) => {
                self.status.attempts = self.status.attempts.saturating_sub(1);
            }
            Phase::Idle | Phase::Waiting(_) | Phase::GaveUp => {}
        }
        self.leave_link_for_another();
    }

    /// Closes the connection in use, while another one stands ready: nobody is away.
    pub(super) fn leave_link_for_another(&mut self) {
        self.close_link(NORMAL);
        self.phase = Phase::Idle;
    }

    /// Every link that was opened is closed here, once: also one that the other end has closed, so
    /// that a shell forgets its links in one place.
    fn close_link(&mut self, code: u16) {
        if let Some(candidate) = self.candidate.take() {
            self.outputs.push_back(Output::Close { link: candidate.link.id, code: NORMAL });
        }
        if let Some(link) = self.phase.link().map(|link| link.id) {
            self.outputs.push_back(Output::Close { link, code });
        }
        self.subscriptions.link_lost();
        self.questions.link_lost();
        self.ladder.link_lost();
    }

    fn fall_back(&mut self) {
        if let Some((from, to)) = self.ladder.failed() {
            self.note(Note::FellBack { from, to });
        }
    }

    fn after(&mut self, comeback: Comeback, now: Now) -> Phase {
        let (wait, pause, state) = match comeback {
            Comeback::AtOnce => return Phase::Idle,
            Comeback::WhenOnline => (self.settings.backoff_max, Duration::ZERO, State::Offline),
            Comeback::Backoff | Comeback::RelayBackoff if !self.platform.is_online() => {
                (self.settings.backoff_max, Duration::ZERO, State::Offline)
            }
            Comeback::Backoff | Comeback::RelayBackoff => {
                (self.backoff.fail(), Duration::ZERO, State::Backoff)
            }
            // The backoff on top spreads the clients; it grows only for a relay that sends
            // everybody away as soon as they come.
            Comeback::Pause(pause) => (pause + self.backoff.fail(), pause, State::Backoff),
            Comeback::Slow(state) => {
                let wait = self.backoff.slow(SLOW_TIMES_MAX);
                (wait, self.settings.backoff_max, state)
            }
        };
        let used_up = self.settings.attempts_max.is_some_and(|max| self.status.attempts >= max);
        if used_up && self.platform.is_online() {
            return Phase::GaveUp;
        }
        let not_before = now.moment + pause;
        Phase::Waiting(Waiting { state, until: now.moment + wait, not_before })
    }
}

/// What a close code asks for.
const fn comeback_of(code: u16) -> Comeback {
    const BAD_PROTOCOL: u16 = CloseCode::ProtocolError.number();
    const BAD_VERSION: u16 = CloseCode::UnsupportedVersion.number();
    const TOO_LARGE: u16 = CloseCode::TooLarge.number();
    const UNAUTHORIZED: u16 = CloseCode::Unauthorized.number();
    match code {
        UNAUTHORIZED => Comeback::Slow(State::NeedsAuth),
        BAD_PROTOCOL | BAD_VERSION | TOO_LARGE => Comeback::Slow(State::NeedsUpgrade),
        _ if !CloseCode::invites_back(code) => Comeback::Slow(State::Backoff),
        4000..=4499 => Comeback::RelayBackoff,
        _ => Comeback::Backoff,
    }
}

/// What the other end is told, if it can still hear.
const fn close_code_of(error: &LinkError) -> u16 {
    match error {
        LinkError::Silent { .. } => CloseCode::Silent.number(),
        LinkError::PeerMisbehaved { .. } => CloseCode::ProtocolError.number(),
        _ => NORMAL,
    }
}
