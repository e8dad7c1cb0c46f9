//! Why something was refused, and why a connection was closed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a request, a subscription or a message was refused. New codes may come: a client treats an
/// unknown one as `internal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message could not be read.
    BadMessage,
    /// The protocol version is not spoken here.
    UnsupportedVersion,
    /// Sign in first, or again.
    Unauthorized,
    /// Signed in, but not allowed to do this.
    Forbidden,
    /// No such topic, instrument or method.
    NotFound,
    /// It exists, but this relay has no source for it.
    Unavailable,
    /// A parameter is missing or wrong.
    InvalidParameters,
    /// A count or size is over its limit.
    LimitExceeded,
    /// Too many in too short a time: come back after `retry_after_ms`.
    RateLimited,
    /// The answer did not come in time.
    Timeout,
    /// The relay failed. Nothing was changed.
    #[serde(other)]
    Internal,
}

/// A refusal as it goes over the wire: for the program a code, for people a sentence that says
/// what happened and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct WireError {
    /// For programs.
    pub code: ErrorCode,
    /// For people, in English.
    pub message: String,
    /// When to come back, in milliseconds, if coming back can help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The limit that was hit, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

/// A limit that was hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Which: the key of the relay's setting, where it is one.
    pub name: Cow<'static, str>,
    /// Its value.
    pub max: u64,
}

impl WireError {
    /// A refusal that coming back later does not help.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        WireError { code, message: message.into(), retry_after_ms: None, limit: None }
    }

    /// The same refusal, for which it helps to come back after so many milliseconds.
    #[must_use]
    pub fn retry_after_ms(self, wait_ms: u64) -> Self {
        WireError { retry_after_ms: Some(wait_ms), ..self }
    }

    /// The same refusal, which is because of a limit.
    #[must_use]
    pub fn of_limit(self, name: &'static str, max: u64) -> Self {
        WireError { limit: Some(Limit { name: Cow::Borrowed(name), max }), ..self }
    }
}

/// Why a connection was closed. 4000–4499: come back; 4500–4999: don't, until something changed.
/// Below that: RFC 6455's own, where frames themselves are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// What came over the WebSocket was not framed as RFC 6455 has it. No browser does that:
    /// something on the way has changed it.
    BadFrames = 1002,
    /// A text message was not UTF-8, which is as impossible.
    BadText = 1007,
    /// The relay is being stopped or restarted.
    GoingAway = 4000,
    /// No sign of life from the client.
    Silent = 4001,
    /// The client read nothing for too long.
    NotReading = 4002,
    /// No `hello` within its time.
    NoHello = 4003,
    /// The relay is full.
    Overloaded = 4004,
    /// A session of SSE or polling that the relay no longer knows.
    UnknownSession = 4005,
    /// The operator has closed this one connection.
    SentAway = 4006,
    /// The client broke the protocol.
    ProtocolError = 4500,
    /// The version of the protocol is not spoken here.
    UnsupportedVersion = 4501,
    /// A frame or message over its limit.
    TooLarge = 4502,
    /// Not allowed in.
    Forbidden = 4503,
    /// Sign in first, or again.
    Unauthorized = 4504,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Whether a client that was closed with `number` should come back by itself. Numbers that the
    /// relay does not use are the network's doing: come back.
    #[must_use]
    pub const fn invites_back(number: u16) -> bool {
        let broken = number == Self::BadFrames.number() || number == Self::BadText.number();
        !(broken || (number >= 4500 && number <= 4999))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_says_whether_to_come_back() {
        assert!(CloseCode::invites_back(CloseCode::GoingAway.number()));
        assert!(CloseCode::invites_back(1006));
        for code in [CloseCode::ProtocolError, CloseCode::BadFrames, CloseCode::BadText] {
            assert!(!CloseCode::invites_back(code.number()));
        }
    }

    #[test]
    fn an_error_code_from_the_future_is_read_as_internal() {
        let error: WireError = serde_json::from_str(r#"{"code":"moon","message":"x"}"#).unwrap();
        assert_eq!(error.code, ErrorCode::Internal);
    }
}
