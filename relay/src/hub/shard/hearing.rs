//! What a connection says, and what is done about it.

use std::time::Duration;

use tidemark_shared::protocol::{
    Account, ClientMessage, CloseCode, ConnectionLimits, DecodeError, ErrorCode, FRAME_BYTES_MAX,
    Hello, Method, Refresh, Refreshed, Reply, Request, RequestId, Response, ServerMessage, VERSION,
    Welcome, WireError,
};
use tidemark_shared::session::Now;

use super::{ConnectionId, Shard};
use crate::hub::connection::Stage;
use crate::hub::outlet::Outlet;
use crate::hub::{Answer, Asker, Question};

/// So many seconds' worth of messages may come at once: a page that wakes up asks for a lot.
const BURST_S: u32 = 4;

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
        for message in messages {
            self.counted.heard += 1;
            self.hear_one(id, message, now);
        }
        let owed = self.connections.get(id).map_or(0, |connection| connection.replies.len_bytes());
        if owed > REPLIES_BYTES_MAX {
            self.close(id, CloseCode::NotReading, "answers are not read", Duration::ZERO, now);
        }
    }

    fn hear_one(&mut self, id: ConnectionId, message: ClientMessage, now: Now) {
        let rate = self.settings.rules.messages_per_s_max.max(1);
        let gap = Duration::from_secs(1) / rate;
        let Some(connection) = self.connections.get_mut(id) else { return };
        if let Err(wait) = connection.pace.count(now.moment, gap, gap * rate * BURST_S) {
            return self.too_fast(id, &message, wait);
        }
        match (&connection.stage, message) {
            (Stage::Greeting { .. }, ClientMessage::Hello(hello)) => self.greet(id, hello, now),
            (Stage::Greeting { .. }, _) => {
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
        let Some(Stage::Greeting { newcomer, .. }) = self.connections.get(id).map(|it| &it.stage)
        else {
            return;
        };
        let identity = match self.service.sign_in(&hello, newcomer, now.unix) {
            Ok(identity) => identity,
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
            Stage::Greeting { session, .. } => session.into(),
            Stage::Greeted => String::new(),
        };
        connection.next_beat = now.moment + rules.heartbeat;
        let (name, ends_at) = (identity.user.to_string(), identity.ends_at);
        connection.identity = Some(identity);
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
        match self.service.refresh(current, refresh.token.as_deref(), now.unix) {
            Ok(identity) => {
                let delayed_ms = self.service.delay(&identity).map(millis);
                let ends_at = identity.ends_at;
                let Some(connection) = self.connections.get_mut(id) else { return };
                connection.identity = Some(identity);
                self.readmit(id);
                let Some(connection) = self.connections.get_mut(id) else { return };
                connection.reply(&ServerMessage::Refreshed(Refreshed { ends_at, delayed_ms }));
            }
            Err(error) => {
                self.counted.refused += 1;
                let Some(connection) = self.connections.get_mut(id) else { return };
                connection.reply(&ServerMessage::Error { error, topic: None });
            }
        }
        self.mark_dirty(id);
    }

    fn answer(&mut self, id: ConnectionId, request: Request, now: Now) {
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
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.reply(&ServerMessage::Response(Response { id: request, outcome }));
        self.mark_dirty(id);
    }

    fn unreadable(&mut self, id: ConnectionId, error: &DecodeError, now: Now) {
        let code = match error {
            DecodeError::FrameTooLarge { .. } | DecodeError::TooManyMessages => CloseCode::TooLarge,
            _ => CloseCode::ProtocolError,
        };
        let error = WireError::new(ErrorCode::BadMessage, error.to_string());
        self.refuse_and_close(id, code, error, now);
    }

    fn too_fast(&mut self, id: ConnectionId, message: &ClientMessage, wait: Duration) {
        self.counted.refused += 1;
        let rate = self.settings.rules.messages_per_s_max;
        let text = format!("a connection may send {rate} messages a second; nothing was done");
        let error = WireError::new(ErrorCode::RateLimited, text)
            .of_limit("connection.messages_per_s_max", rate.into())
            .retry_after_ms(millis(wait).max(1));
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.reply(&match message {
            ClientMessage::Request(request) => {
                ServerMessage::Response(Response { id: request.id, outcome: Err(error) })
            }
            _ => ServerMessage::Error { error, topic: None },
        });
        self.mark_dirty(id);
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

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
