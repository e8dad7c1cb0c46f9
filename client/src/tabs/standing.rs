//! The state of the leading tab's connection, for the others.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::protocol::{Encoding, WireError};
use tidemark_shared::session::{LinkError, State, Status, Transport};

/// What tabs that follow show of the leading tab's connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    state: State,
    transport: Option<Transport>,
    /// The WebSocket subprotocol that stands for it.
    encoding: Option<String>,
    attempts: u32,
    /// Moments of another tab's stopwatch mean nothing here.
    next_attempt_in_ms: Option<u64>,
    last_error: Option<LinkError>,
    round_trip: Option<Duration>,
    relay: Option<String>,
    user: Option<String>,
    ends_at: Option<UnixMillis>,
    delayed_ms: Option<u64>,
    asks_for_sign_in: bool,
    sign_in_refused: Option<WireError>,
}

impl Standing {
    /// Of the leading tab.
    pub(super) fn of(status: &Status, now: Moment) -> Self {
        let wait = |due: Moment| u64::try_from(due.since(now).as_millis()).unwrap_or(u64::MAX);
        Standing {
            state: status.state,
            transport: status.transport,
            encoding: status.encoding.map(|encoding| encoding.subprotocol().to_owned()),
            attempts: status.attempts,
            next_attempt_in_ms: status.next_attempt.map(wait),
            last_error: status.last_error.clone(),
            round_trip: status.round_trip,
            relay: status.relay.clone(),
            user: status.user.clone(),
            ends_at: status.ends_at,
            delayed_ms: status.delayed_ms,
            asks_for_sign_in: status.asks_for_sign_in,
            sign_in_refused: status.sign_in_refused.clone(),
        }
    }

    /// As this tab's own: what it counts itself stays.
    pub(super) fn shown_by(&self, own: &Status, now: Moment) -> Status {
        let due = |wait_ms| now + Duration::from_millis(wait_ms);
        Status {
            state: self.state,
            transport: self.transport,
            encoding: self.encoding.as_deref().and_then(Encoding::of_subprotocol),
            attempts: self.attempts,
            next_attempt: self.next_attempt_in_ms.map(due),
            last_error: self.last_error.clone(),
            round_trip: self.round_trip,
            relay: self.relay.clone(),
            user: self.user.clone(),
            ends_at: self.ends_at,
            delayed_ms: self.delayed_ms,
            asks_for_sign_in: self.asks_for_sign_in,
            sign_in_refused: self.sign_in_refused.clone(),
            ..own.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_that_follow_show_the_connection_as_the_leading_tab_has_it() {
        let status = Status {
            state: State::Backoff,
            transport: Some(Transport::Sse),
            encoding: Some(Encoding::Json),
            next_attempt: Some(Moment::START + Duration::from_secs(7)),
            last_error: Some(LinkError::Silent { silent: Duration::from_secs(60) }),
            user: Some("alice".into()),
            ends_at: Some(UnixMillis(1_763_640_900_000)),
            delayed_ms: Some(900_000),
            asks_for_sign_in: true,
            ..Status::default()
        };
        let standing = Standing::of(&status, Moment::START + Duration::from_secs(5));
        let text = serde_json::to_string(&standing).unwrap();
        let heard: Standing = serde_json::from_str(&text).unwrap();
        let here = Moment::START + Duration::from_secs(100);
        let shown = heard.shown_by(&Status::default(), here);
        assert_eq!(shown.next_attempt, Some(here + Duration::from_secs(2)));
        assert_eq!(Status { next_attempt: status.next_attempt, ..shown }, status);
    }
}
