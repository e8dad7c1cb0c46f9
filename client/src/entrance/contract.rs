//! What the relay says of a sign-in, and why it refuses one.

use serde::Deserialize;
use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::WireError;

/// Who is let in by a relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Everybody, as whoever they say they are.
    #[default]
    Demo,
    /// Who has an account of the relay.
    Accounts,
    /// Who brings a token of the site.
    Tokens,
}

/// The answer of `/api/session`. Never stored: it holds what proves that a request is the page's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct SessionInfo {
    /// Who is let in.
    pub(crate) mode: Mode,
    /// Whether somebody may look around without signing in.
    pub(crate) guests: bool,
    /// Whether anybody may make an account.
    pub(crate) sign_up: bool,
    /// Who is signed in.
    pub(crate) user: Option<UserName>,
    /// What they are to the operator.
    pub(crate) roles: Vec<String>,
    /// When the sign-in ends.
    pub(crate) ends_at: Option<UnixMillis>,
    /// Goes with every POST that relies on the cookie.
    pub(crate) csrf: Option<String>,
}

/// Why the door stayed closed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum DoorError {
    /// The relay said no.
    #[error(transparent)]
    Refused(WireError),
    /// Nobody answered: no network, no relay.
    #[error("no answer: {reason}")]
    Unreachable {
        /// What the platform said.
        reason: String,
    },
    /// Somebody answered who is no relay, or one that does not know the question.
    #[error("answered with status {status}")]
    NotARelay {
        /// Of HTTP.
        status: u16,
    },
}

impl DoorError {
    /// What an answer means that is no success.
    pub(super) fn of(status: u16, body: &str) -> Self {
        match serde_json::from_slice(body.as_bytes()) {
            Ok(error) => DoorError::Refused(error),
            Err(_) => DoorError::NotARelay { status },
        }
    }
}

impl SessionInfo {
    /// Whether the user looks after the relay itself.
    pub(crate) fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }
}

#[cfg(test)]
mod tests {
    use tidemark_shared::protocol::ErrorCode;

    use super::*;

    #[test]
    fn the_relays_answer_is_read_as_it_was_agreed() {
        let text = r#"{"mode":"accounts","guests":false,"sign_up":true,"user":"alice","roles":["admin"],
            "ends_at":1763640900000,"csrf":"c5rf"}"#;
        let info: SessionInfo = serde_json::from_str(text).unwrap();
        assert_eq!((info.mode, info.sign_up, info.is_admin()), (Mode::Accounts, true, true));
        assert_eq!(info.user.unwrap().as_str(), "alice");
        let nobody = r#"{"mode":"tokens","guests":true,"sign_up":false,"user":null,"roles":[],"ends_at":null,"csrf":null}"#;
        let info: SessionInfo = serde_json::from_str(nobody).unwrap();
        assert_eq!((info.mode, info.guests, info.user), (Mode::Tokens, true, None));
    }

    #[test]
    fn a_refusal_keeps_its_reason_and_anything_else_is_no_relay() {
        let body = r#"{"code":"rate_limited","message":"slowly","retry_after_ms":30000}"#;
        let DoorError::Refused(error) = DoorError::of(429, body) else { panic!("a refusal") };
        assert_eq!((error.code, error.retry_after_ms), (ErrorCode::RateLimited, Some(30_000)));
        for body in ["", "<html>", "{}", "[1]"] {
            assert_eq!(DoorError::of(404, body), DoorError::NotARelay { status: 404 });
        }
    }
}
