//! What a connection says, and what is done about it.

use std::sync::Arc;
use std::time::Duration;

use tidemark_shared::protocol::{
    Account, ClientMessage, CloseCode, ConnectionLimits, DecodeError, ErrorCode, FRAME_BYTES_MAX,
    FRAME_MESSAGES_MAX, Hello, Method, Refresh, Refreshed, Reply, Request, RequestId, Response,
    ServerMessage, VERSION, Welcome, WireError,
};
use tidemark_shared::session::Now;

use super::{ConnectionId, Shard};
use crate::auth::Identity;
use crate::hub::census::Purse;
use crate::hub::connection::Stage;
use crate::hub::outlet::Outlet;
use crate::hub::sign_in::SignIn;
use crate::hub::{Answer, Asker, Question};

/// A connection that asks for more and does not read what it is owed, up to here, is closed.
const REPLIES_BYTES_MAX: usize = 1024 * 1024;

impl<O: Outlet> Shard<O> {
    /// Takes in one frame that a connection sent.
    pub fn hear(&mut self, id: ConnectionId, frame: &[u8], now: Now) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.last_heard = now.moment;
        connection.unfinished_since = None;
        let messages = match connection.framing.encoding().decode_client(frame) {
            Ok(messages) => messages,
            Err(error) => return self.unreadable(id, &error, now),
        };
        let frame = self.afford_frame(id, frame.len(), now);
        if messages.is_empty()
            && let Err(too_much) = self.afford_message(id, now)
        {
            self.refuse_as_too_much(id, None, &too_much);
        }
        for message in messages {
            self.counted.heard += 1;
            match frame.clone().and_then(|()| self.afford_message(id, now)) {
                Ok(()) => self.hear_one(id, message, now),
                Err(too_much) => self.refuse_as_too_much(id, Some(&message), &too_much),
            }
        }
        let owed = self.connections.get(id).map_or(0, |connection| connection.replies.len_bytes());
        if owed > REPLIES_BYTES_MAX {
            self.close(id, CloseCode::NotReading, "answers are not read", Duration::ZERO, now);
        }
    }

    fn hear_one(&mut self, id: ConnectionId, message: ClientMessage, now: Now) {
        let Some(connection) = self.connections.get(id) else { return };
        match (&connection.stage, message) {
            (Stage::Greeting(_), ClientMessage::Hello(hello)) => self.greet(id, hello, now),
            (Stage::Greeting(_), _) => {
                self.protocol_error(id, "the first message has to be hello", now);
            }
            (Stage::Greeted, ClientMessage::Hello(_)) => {
                self.protocol_error(id, "hello was said already", now);
            }
            (Stage::Greeted, ClientMessage::Subscribe(wanted)) => {
                self.subscribe(id, wanted.topics, now);
            }
            (Stage::Greeted, ClientMessage::Unsubscribe(unwanted)) => {
                self.unsubscribe(id, unwanted.topics);
            }
            (Stage::Greeted, ClientMessage::Request(request)) => self.answer(id, request, now),
            (Stage::Greeted, ClientMessage::Refresh(refresh)) => self.refresh(id, &refresh, now),
        }
    }

    fn greet(&mut self, id: ConnectionId, hello: Hello, now: Now) {
        if hello.protocol != VERSION {
            let message = format!("this relay speaks version {VERSION} of the protocol");
            let error = WireError::new(ErrorCode::UnsupportedVersion, message);
            return self.refuse_and_close(id, CloseCode::UnsupportedVersion, error, now);
        }
        let Some(Stage::Greeting(greeting)) = self.connections.get(id).map(|it| &it.stage) else {
            return;
        };
        let signed_in = self.service.sign_in(&hello, &greeting.newcomer, now.unix);
        let counted = signed_in.and_then(|identity| {
            let purse = self.census.enter(&identity, now.moment)?;
            Ok((identity, purse))
        });
        let (identity, purse) = match counted {
            Ok(counted) => counted,
            Err(error) => {
                let code = match error.code {
                    ErrorCode::Unauthorized => CloseCode::Unauthorized,
                    // Nothing is wrong with the client: it may come back.
                    ErrorCode::Unavailable | ErrorCode::LimitExceeded | ErrorCode::RateLimited => {
                        CloseCode::Overloaded
                    }
                    _ => CloseCode::Forbidden,
                };
                return self.refuse_and_close(id, code, error, now);
            }
        };
        let delayed_ms = self.service.delay(&identity).map(millis);
        let (relay, rules, limits) =
            (self.settings.relay.clone(), self.settings.rules.clone(), self.limits());
        let Some(connection) = self.connections.get_mut(id) else { return };
        let session = match std::mem::replace(&mut connection.stage, Stage::Greeted) {
            Stage::Greeting(greeting) => greeting.session,
            Stage::Greeted => String::new(),
        };
        connection.next_beat = now.moment + rules.heartbeat;
        let (name, ends_at) = (identity.user.to_string(), identity.ends_at);
        connection.sign_in = SignIn::new(ends_at, rules.warn_before, now.unix);
        connection.identity = Some(identity);
        connection.purse = purse;
        connection.reply(&ServerMessage::Welcome(Welcome {
            protocol: VERSION,
            relay,
            session,
            user: name,
            server_time: now.unix,
            heartbeat_ms: millis(rules.heartbeat),
            dead_after_ms: millis(rules.dead_after),
            limits,
            ends_at,
            delayed_ms,
        }));
        self.subscribe(id, hello.topics, now);
    }

    /// A newer sign-in of the same user. What it does not allow is given back.
    fn refresh(&mut self, id: ConnectionId, refresh: &Refresh, now: Now) {
        let Some(connection) = self.connections.get(id) else { return };
        let Some(current) = &connection.identity else { return };
        let refreshed = self.service.refresh(current, refresh.token.as_deref(), now.unix);
        match refreshed.and_then(|identity| self.recount(id, identity, now)) {
            Ok(identity) => {
                let delayed_ms = self.service.delay(&identity).map(millis);
                let ends_at = identity.ends_at;
                let warn_before = self.settings.rules.warn_before;
                let Some(connection) = self.connections.get_mut(id) else { return };
                connection.identity = Some(identity);
                connection.sign_in = SignIn::new(ends_at, warn_before, now.unix);
                self.readmit(id);
                let Some(connection) = self.connections.get_mut(id) else { return };
                connection.reply(&ServerMessage::Refreshed(Refreshed { ends_at, delayed_ms }));
            }
            Err(error) => {
                self.count_refused(&error);
                let Some(connection) = self.connections.get_mut(id) else { return };
                connection.reply(&ServerMessage::Error { error, topic: None });
            }
        }
        self.mark_dirty(id);
    }

    /// Counts a connection for who it speaks for from now on, if that is somebody else.
    fn recount(
        &mut self,
        id: ConnectionId,
        identity: Arc<Identity>,
        now: Now,
    ) -> Result<Arc<Identity>, WireError> {
        let Some(connection) = self.connections.get_mut(id) else { return Ok(identity) };
        let is_counted = |purse: &Arc<Purse>| *purse.user() == identity.user;
        if !connection.purse.as_ref().is_some_and(is_counted) {
            let purse = self.census.enter(&identity, now.moment)?;
            if let Some(before) = std::mem::replace(&mut connection.purse, purse) {
                self.census.leave(&before);
            }
        }
        Ok(identity)
    }

    fn answer(&mut self, id: ConnectionId, request: Request, now: Now) {
        if let Some(error) = self.refusal_after_end(id, now.unix) {
            self.counted.refused += 1;
            return self.answered(id, request.id, Err(error));
        }
        let limits = self.limits();
        let Some(connection) = self.connections.get_mut(id) else { return };
        let Some(identity) = &connection.identity else { return };
        let outcome = match request.method {
            Method::Ping {} => Ok(Reply::Ping { server_time: now.unix }),
            Method::Account {} => {
                let (user, since) = (identity.user.to_string(), connection.opened);
                Ok(Reply::Account(Account { user, since, limits }))
            }
            method => {
                let shard = self.settings.index;
                let asker = Asker { shard, connection: id, request: request.id };
                match self.service.answer(Question { asker, identity, method }) {
                    Answer::Now(outcome) => outcome,
                    Answer::Later => return,
                }
            }
        };
        self.answered(id, request.id, outcome);
    }

    /// The answer to a question is there. Nothing happens when the connection is gone: the client
    /// asks again on its next one.
    pub fn answered(
        &mut self,
        id: ConnectionId,
        request: RequestId,
        outcome: Result<Reply, WireError>,
    ) {
        if let Err(error) = &outcome {
            self.counted.refusals.note(error);
        }
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.reply(&ServerMessage::Response(Response { id: request, outcome }));
        self.mark_dirty(id);
    }

    fn unreadable(&mut self, id: ConnectionId, error: &DecodeError, now: Now) {
        let code = match error {
            DecodeError::FrameTooLarge { .. } | DecodeError::TooManyMessages => CloseCode::TooLarge,
            _ => CloseCode::ProtocolError,
        };
        self.refuse_and_close(id, code, refusal_of(error), now);
    }

    fn limits(&self) -> ConnectionLimits {
        let rules = &self.settings.rules;
        ConnectionLimits {
            frame_bytes_max: u32::try_from(FRAME_BYTES_MAX).expect("64 KiB fit"),
            topics_max: rules.topics_max,
            messages_per_s_max: rules.messages_per_s_max,
        }
    }
}

fn refusal_of(error: &DecodeError) -> WireError {
    let message = error.to_string();
    match error {
        DecodeError::FrameTooLarge { .. } => WireError::new(ErrorCode::LimitExceeded, message)
            .of_limit("frame_bytes_max", FRAME_BYTES_MAX as u64),
        DecodeError::TooManyMessages => WireError::new(ErrorCode::LimitExceeded, message)
            .of_limit("frame_messages_max", FRAME_MESSAGES_MAX as u64),
        _ => WireError::new(ErrorCode::BadMessage, message),
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
