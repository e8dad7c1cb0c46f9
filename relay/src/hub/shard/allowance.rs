//! How much a connection may send, and what happens to one that sends more.
//!
//! What is too much is refused and costs its sender an answer; who goes on is closed. Each thing
//! that was sent is counted twice: for its connection, and for its user.

use std::time::Duration;

use tidemark_shared::clock::Moment;
use tidemark_shared::protocol::{
    ClientMessage, CloseCode, ErrorCode, Response, ServerMessage, WireError,
};
use tidemark_shared::session::Now;

use super::{ConnectionId, ConnectionRules, Shard};
use crate::hub::census::Purse;
use crate::hub::connection::Connection;
use crate::hub::outlet::Outlet;
use crate::hub::pace::{Pace, time_of};

/// So much time's worth may come at once: a page that wakes up asks for a lot.
const BURST: Duration = Duration::from_secs(4);

/// So much time's worth may be refused at once; a connection that goes on beyond it is closed.
const REFUSED_MAX: Duration = Duration::from_secs(10);

/// Who was closed for it may come back after this time.
const COME_BACK_AFTER: Duration = Duration::from_secs(10);

/// What one connection has sent and was refused.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::hub) struct Allowance {
    messages: Pace,
    bytes: Pace,
    /// What was refused, as the time for which it would have been allowed.
    refused: Pace,
}

/// Something was too much.
#[derive(Clone, Debug)]
pub(super) struct TooMuch {
    error: WireError,
    /// The time for which it would have been allowed.
    worth: Duration,
}

impl Allowance {
    /// Counts a frame's bytes.
    fn spend_bytes(
        &mut self,
        bytes: usize,
        rules: &ConnectionRules,
        purse: Option<&Purse>,
        now: Moment,
    ) -> Result<(), TooMuch> {
        let max = rules.bytes_per_s_max;
        let worth = time_of(bytes, max);
        self.bytes.count(now, worth, BURST).map_err(|wait| {
            let text = format!("a connection may send {max} bytes a second; nothing was done");
            TooMuch::new(text, "connection.bytes_per_s_max", max, wait, worth)
        })?;
        let Some(purse) = purse else { return Ok(()) };
        purse.spend_bytes(bytes, now).map_err(|wait| {
            let max = purse.rules().bytes_per_s_max;
            let text = format!(
                "all connections of a user together may send {max} bytes a second; nothing was done"
            );
            TooMuch::new(text, "limits.user_bytes_per_s_max", max, wait, time_of(bytes, max))
        })
    }

    /// Counts a message.
    fn spend_message(
        &mut self,
        rules: &ConnectionRules,
        purse: Option<&Purse>,
        now: Moment,
    ) -> Result<(), TooMuch> {
        let max = rules.messages_per_s_max;
        let worth = time_of(1, max);
        self.messages.count(now, worth, BURST).map_err(|wait| {
            let text = format!("a connection may send {max} messages a second; nothing was done");
            TooMuch::new(text, "connection.messages_per_s_max", max, wait, worth)
        })?;
        let Some(purse) = purse else { return Ok(()) };
        purse.spend_message(now).map_err(|wait| {
            let max = purse.rules().messages_per_s_max;
            let text = format!(
                "all connections of a user together may send {max} messages a second; nothing was \
                 done"
            );
            TooMuch::new(text, "limits.user_messages_per_s_max", max, wait, time_of(1, max))
        })
    }

    /// Counts what was refused. Says whether the connection may go on.
    fn note_refused(&mut self, worth: Duration, now: Moment) -> bool {
        self.refused.count(now, worth, REFUSED_MAX).is_ok()
    }
}

impl TooMuch {
    fn new(text: String, name: &'static str, max: u32, wait: Duration, worth: Duration) -> Self {
        let error = WireError::new(ErrorCode::RateLimited, text)
            .of_limit(name, max.into())
            .retry_after_ms(super::hearing::millis(wait).max(1));
        TooMuch { error, worth }
    }
}

impl<O: Outlet> Shard<O> {
    /// Counts a frame. What is too much is counted as refused here, and closes who goes on; its
    /// messages are still to be answered.
    pub(super) fn afford_frame(
        &mut self,
        id: ConnectionId,
        bytes: usize,
        now: Now,
    ) -> Result<(), TooMuch> {
        self.afford(id, now, |connection, rules| {
            let purse = connection.purse.as_deref();
            connection.allowance.spend_bytes(bytes, rules, purse, now.moment)
        })
    }

    /// Counts a message, or a frame without one, in the same way.
    pub(super) fn afford_message(&mut self, id: ConnectionId, now: Now) -> Result<(), TooMuch> {
        self.afford(id, now, |connection, rules| {
            let purse = connection.purse.as_deref();
            connection.allowance.spend_message(rules, purse, now.moment)
        })
    }

    /// Answers what was too much.
    pub(super) fn refuse_as_too_much(
        &mut self,
        id: ConnectionId,
        message: Option<&ClientMessage>,
        too_much: &TooMuch,
    ) {
        let error = too_much.error.clone();
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.reply(&match message {
            Some(ClientMessage::Request(request)) => {
                ServerMessage::Response(Response { id: request.id, outcome: Err(error) })
            }
            _ => ServerMessage::Error { error, topic: None },
        });
        self.mark_dirty(id);
    }

    fn afford(
        &mut self,
        id: ConnectionId,
        now: Now,
        spend: impl FnOnce(&mut Connection<O>, &ConnectionRules) -> Result<(), TooMuch>,
    ) -> Result<(), TooMuch> {
        let Some(connection) = self.connections.get_mut(id) else { return Ok(()) };
        let Err(too_much) = spend(connection, &self.settings.rules) else { return Ok(()) };
        let goes_on = connection.allowance.note_refused(too_much.worth, now.moment);
        self.count_refused(&too_much.error);
        if !goes_on {
            let limit = too_much.error.limit.as_ref();
            let (name, max) = limit.map_or(("", 0), |limit| (&*limit.name, limit.max));
            let reason = format!("far too much was sent for too long ({name} is {max})");
            self.close(id, CloseCode::Overloaded, &reason, COME_BACK_AFTER, now);
        }
        Err(too_much)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_of(refused: Result<(), TooMuch>) -> String {
        let error = refused.unwrap_err().error;
        assert_eq!(error.code, ErrorCode::RateLimited);
        assert!(error.retry_after_ms.is_some_and(|wait| wait > 0));
        error.limit.unwrap().name.into_owned()
    }

    #[test]
    fn messages_and_bytes_each_have_their_limit() {
        let rules = ConnectionRules {
            messages_per_s_max: 10,
            bytes_per_s_max: 1_000,
            ..ConnectionRules::default()
        };
        let now = Moment::START;
        let mut allowance = Allowance::default();
        while allowance.spend_message(&rules, None, now).is_ok() {}
        assert!(allowance.spend_bytes(3_999, &rules, None, now).is_ok());
        assert!(allowance.spend_bytes(10_000, &rules, None, now).is_ok(), "the one that goes over");
        let refused = allowance.spend_message(&rules, None, now);
        assert_eq!(limit_of(refused), "connection.messages_per_s_max");
        let refused = allowance.spend_bytes(1, &rules, None, now);
        assert_eq!(limit_of(refused), "connection.bytes_per_s_max");
        let later = now + Duration::from_secs(11);
        assert!(allowance.spend_message(&rules, None, later).is_ok());
        assert!(allowance.spend_bytes(1, &rules, None, later).is_ok());
    }

    #[test]
    fn who_is_a_little_too_fast_goes_on_and_who_floods_does_not() {
        let mut a_little = Allowance::default();
        let worth = Duration::from_millis(20);
        for second in 0..600 {
            let now = Moment::START + Duration::from_secs(second);
            assert!((0..25).all(|_| a_little.note_refused(worth, now)), "after {second} s");
        }
        let mut flood = Allowance::default();
        let refused = (0..10_000).take_while(|_| flood.note_refused(worth, Moment::START)).count();
        assert_eq!(refused, 501, "ten seconds' worth, and the one that goes over");
    }
}
