//! The end of a sign-in, and a newer one on the connection that stands.

use super::phase::Phase;
use super::{LinkError, Note, Now, Session, State};
use crate::clock::UnixMillis;
use crate::protocol::{ClientMessage, ErrorCode, Refresh, Refreshed, WireError};

impl Session {
    /// A newer sign-in: told on this connection, or, if it is what the relay waits for, at once on
    /// the next one.
    pub(super) fn sign_in(&mut self, token: Option<String>, now: Now) {
        self.settings.token = token;
        // A better transport may be greeting with the older sign-in already, and a cookie goes
        // before the greeting.
        self.must_refresh |= self.candidate.is_some();
        match &self.phase {
            Phase::Connected(_) => self.refresh(),
            Phase::Connecting(_) | Phase::Greeting(_) => self.must_refresh = true,
            _ if self.phase.state() == State::NeedsAuth => self.attempt_anew(now),
            Phase::Idle | Phase::Waiting(_) | Phase::GaveUp => {}
        }
    }

    /// Tells the relay of the newer sign-in.
    pub(super) fn refresh(&mut self) {
        let Phase::Connected(connected) = &mut self.phase else { return };
        let refresh = Refresh { token: self.settings.token.clone() };
        let mut frame = Vec::new();
        let link = &connected.link;
        link.encoding.append_client(&ClientMessage::Refresh(refresh), &mut frame);
        // The relay would end the connection for it, and the older sign-in still counts.
        if frame.len() > connected.frame_bytes_max {
            let message = format!("a token of {} bytes fits no frame of this relay", frame.len());
            self.refresh_refused(WireError::new(ErrorCode::LimitExceeded, message));
            return;
        }
        connected.refreshes_due = connected.refreshes_due.saturating_add(1);
        let link = link.id;
        self.send(link, frame);
    }

    /// `needs_auth` came.
    pub(super) fn sign_in_ends(&mut self, ends_at: UnixMillis) {
        self.status.ends_at = Some(ends_at);
        self.status.asks_for_sign_in = true;
        self.status_changed = true;
        self.note(Note::SignInEnds { ends_at });
    }

    /// `refreshed` came: what the older sign-in did not allow any more, or never did, is asked for
    /// again from where it stands.
    pub(super) fn refreshed(&mut self, refreshed: &Refreshed) {
        if let Some(connected) = self.phase.connected() {
            connected.refreshes_due = connected.refreshes_due.saturating_sub(1);
        }
        self.subscriptions.signed_in();
        self.signed_in_until(refreshed.ends_at, refreshed.delayed_ms);
        self.note(Note::SignInRenewed { ends_at: refreshed.ends_at });
    }

    /// The relay takes a sign-in for good.
    pub(super) fn signed_in_until(&mut self, ends_at: Option<UnixMillis>, delayed_ms: Option<u64>) {
        self.status.ends_at = ends_at;
        self.status.delayed_ms = delayed_ms;
        self.status.asks_for_sign_in = false;
        self.status.sign_in_refused = None;
        self.status_changed = true;
    }

    /// An `error` that names no topic: the answer to a newer sign-in, if one is on its way. The
    /// connection goes on as it was.
    pub(super) fn message_refused(&mut self, error: WireError) {
        let due = self.phase.connected().map(|connected| &mut connected.refreshes_due);
        match due {
            Some(due) if *due > 0 => {
                *due -= 1;
                self.refresh_refused(error);
            }
            _ => {
                self.status.last_error = Some(LinkError::Refused(error));
                self.status_changed = true;
            }
        }
    }

    fn refresh_refused(&mut self, error: WireError) {
        self.status.last_error = Some(LinkError::Refused(error.clone()));
        self.status.sign_in_refused = Some(error.clone());
        self.status_changed = true;
        self.note(Note::SignInRefused { error });
    }
}
