//! One core's share of the relay: its logs, its connections, and the turn that joins them.
//!
//! A turn takes in what was published and what was heard, marks who has something to read, then
//! writes to each of them once, across all its topics. Inputs change the shard; [`Shard::flush`]
//! then writes; what the shell has to do is taken from it afterwards.

mod allowance;
mod connections;
mod hearing;
mod logs;
mod operator;
mod rights;
mod sign_in_ends;
mod subscriptions;
mod writing;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    Beat, CloseCode, Closing, ErrorCode, FRAME_BYTES_MAX, Heartbeat, ServerMessage, WireError,
};
use tidemark_shared::session::Now;

use self::connections::Connections;
use self::logs::Logs;
use super::census::{Census, UserRules};
use super::connection::{Connection, Greeting, Replies, Stage, Writing};
use super::outlet::{Batch, Framing, Outlet, TransportKind};
use super::sign_in::SignIn;
use super::{Ages, Newcomer, Refusals, Sequencer, Service};
use crate::auth::SignedInBy;
use crate::log::{Numbered, Retention, TopicLog};
use crate::publication::Demand;
use crate::transport::websocket::FrameError;

pub(in crate::hub) use self::allowance::Allowance;
pub use self::connections::ConnectionId;
pub(in crate::hub) use self::operator::Revoked;
pub use self::operator::{ConnectionInfo, ConnectionName, InvalidConnectionName};

/// How many topics go into one heartbeat message, so that it stays well below a frame's limit.
const BEATS_PER_MESSAGE: usize = 256;

/// Logs that nobody writes to are trimmed by age this often.
const TRIM_EVERY: Duration = Duration::from_secs(5);

/// What every connection has to keep to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRules {
    /// A heartbeat is sent this often.
    pub heartbeat: Duration,
    /// A WebSocket that says nothing for so long is dead.
    pub dead_after: Duration,
    /// `hello` must come within this time.
    pub hello_within: Duration,
    /// A message that has begun must be whole within this time.
    pub message_within: Duration,
    /// A connection that reads nothing for so long is closed.
    pub not_reading_close: Duration,
    /// A poll must come within this time after the last one.
    pub poll_within: Duration,
    /// Most topics of one connection.
    pub topics_max: u32,
    /// Most messages a second from one connection; four seconds' worth may come at once.
    pub messages_per_s_max: u32,
    /// Most bytes a second from one connection; four seconds' worth may come at once.
    pub bytes_per_s_max: u32,
    /// A connection is told so long before its sign-in ends.
    pub warn_before: Duration,
    /// What the connections of one user have to keep to together.
    pub users: UserRules,
}

impl Default for ConnectionRules {
    fn default() -> Self {
        ConnectionRules {
            heartbeat: Duration::from_secs(30),
            dead_after: Duration::from_secs(60),
            hello_within: Duration::from_secs(5),
            message_within: Duration::from_secs(10),
            not_reading_close: Duration::from_secs(60),
            poll_within: Duration::from_secs(60),
            topics_max: 1_024,
            messages_per_s_max: 50,
            bytes_per_s_max: 256 * 1024,
            warn_before: Duration::from_secs(60),
            users: UserRules::default(),
        }
    }
}

/// How a shard is set up.
#[derive(Clone, Debug)]
pub struct ShardSettings {
    /// The relay's name and version, for `welcome`.
    pub relay: String,
    /// What connections have to keep to.
    pub rules: ConnectionRules,
    /// How much is kept of logs.
    pub retention: Retention,
    /// Decides the jitter of a drain.
    pub seed: u64,
    /// Which of the relay's shards it is, from 0.
    pub index: usize,
}

/// What a shard is doing and has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardReport {
    /// Connections over a WebSocket.
    pub websockets: u64,
    /// Connections over Server-Sent Events.
    pub event_streams: u64,
    /// Connections that poll.
    pub polls: u64,
    /// Connections that take no bytes at the moment.
    pub blocked: u64,
    /// Sum of the connections' ages, in milliseconds.
    pub connection_age_ms_sum: u64,
    /// The oldest connection's age, in milliseconds.
    pub connection_age_ms_max: u64,
    /// How many connections are how old.
    pub ages: Ages,
    /// How the relay knows who they speak for.
    pub ways_in: WaysIn,
    /// Topics that this shard has logs of.
    pub topics: u64,
    /// Subscriptions of all connections.
    pub cursors: u64,
    /// Messages between the slowest cursor and its log's end.
    pub lag_max: u64,
    /// Messages kept in all logs.
    pub retained: u64,
    /// Connections opened since the start.
    pub opened: u64,
    /// Messages written to connections since the start.
    pub delivered: u64,
    /// Messages that slow readers jumped over.
    pub skipped: u64,
    /// Times that a slow reader fell out of a log's window.
    pub resets: u64,
    /// Frames written since the start.
    pub frames_out: u64,
    /// Bytes written since the start.
    pub bytes_out: u64,
    /// Messages heard since the start.
    pub heard: u64,
    /// Messages refused since the start.
    pub refused: u64,
    /// How often each limit has refused something since the start.
    pub refusals: Refusals,
}

/// Connections by how the relay knows who they speak for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WaysIn {
    /// They have not said hello yet.
    pub greeting: u64,
    /// It does not: guests.
    pub nobody: u64,
    /// It does not ask: demo accounts.
    pub demo: u64,
    /// By a token.
    pub token: u64,
    /// By a session of an account.
    pub session: u64,
}

impl WaysIn {
    /// Counts one.
    pub fn note(&mut self, by: Option<SignedInBy>) {
        let count = match by {
            None => &mut self.greeting,
            Some(SignedInBy::Nobody) => &mut self.nobody,
            Some(SignedInBy::Demo) => &mut self.demo,
            Some(SignedInBy::Token) => &mut self.token,
            Some(SignedInBy::Session) => &mut self.session,
        };
        *count += 1;
    }

    /// Adds those that were counted elsewhere.
    pub fn add(&mut self, others: &WaysIn) {
        self.greeting += others.greeting;
        self.nobody += others.nobody;
        self.demo += others.demo;
        self.token += others.token;
        self.session += others.session;
    }
}

/// One core's share of the relay.
pub struct Shard<O> {
    settings: ShardSettings,
    sequencer: Arc<Mutex<Sequencer>>,
    service: Arc<dyn Service + Send + Sync>,
    census: Arc<Census>,
    logs: Logs,
    connections: Connections<O>,
    /// Connections to be written to in this turn.
    dirty: Vec<ConnectionId>,
    /// Connections with a cursor that is not due yet.
    throttled: Vec<ConnectionId>,
    /// Connections that became blocked since the shell last asked.
    blocked: Vec<ConnectionId>,
    demands: Vec<Demand>,
    batch: Batch,
    memo: Option<writing::Memo>,
    jitter: fastrand::Rng,
    last_trim: UnixMillis,
    counted: ShardReport,
}

impl<O: Outlet> Shard<O> {
    /// A shard without logs and connections.
    #[must_use]
    pub fn new(
        settings: ShardSettings,
        sequencer: Arc<Mutex<Sequencer>>,
        service: Arc<dyn Service + Send + Sync>,
    ) -> Self {
        Shard {
            jitter: fastrand::Rng::with_seed(settings.seed),
            census: Arc::new(Census::new(settings.rules.users)),
            settings,
            sequencer,
            service,
            logs: Logs::default(),
            connections: Connections::default(),
            dirty: Vec::new(),
            throttled: Vec::new(),
            blocked: Vec::new(),
            demands: Vec::new(),
            batch: Batch::default(),
            memo: None,
            last_trim: UnixMillis::default(),
            counted: ShardReport::default(),
        }
    }

    /// The same shard, which counts users together with others.
    #[must_use]
    pub(in crate::hub) fn with_census(self, census: Arc<Census>) -> Self {
        Shard { census, ..self }
    }

    /// Takes a connection in. `session` is what `welcome` will call it.
    pub fn open(
        &mut self,
        outlet: O,
        framing: Framing,
        session: &str,
        newcomer: Newcomer,
        now: Now,
    ) -> ConnectionId {
        self.counted.opened += 1;
        let rules = &self.settings.rules;
        let until = now.moment + rules.hello_within;
        let writing = match outlet.kind() {
            TransportKind::Poll => Writing::NotAsked,
            TransportKind::WebSocket | TransportKind::Sse => Writing::Open,
        };
        let address = newcomer.address;
        self.connections.insert(Connection {
            outlet,
            framing,
            stage: Stage::Greeting(Box::new(Greeting {
                until,
                session: session.to_owned(),
                newcomer,
            })),
            identity: None,
            purse: None,
            sign_in: SignIn::NONE,
            address,
            opened: now.unix,
            last_heard: now.moment,
            next_beat: now.moment + rules.heartbeat,
            unfinished_since: None,
            writing,
            cursors: Vec::new(),
            classes: Vec::new(),
            pending: Vec::new(),
            replies: Replies::default(),
            leftover: Vec::new(),
            allowance: allowance::Allowance::default(),
            dirty: false,
            due_later: false,
            throttled: false,
            control: Box::default(),
        })
    }

    /// Takes in what was published, in the sequencer's order.
    pub fn append(&mut self, messages: &[Arc<Numbered>], now: Now) {
        for message in messages {
            let topic = &message.event.topic;
            if !self.logs.has(message.alias) {
                let window = self.settings.retention.of(topic.class());
                // It starts where the first message follows on.
                let mut head = message.event.position;
                head.sequence.0 = head.sequence.0.saturating_sub(1);
                self.logs.insert(TopicLog::new(topic.clone(), message.alias, head, window));
                self.announce(message.alias, now);
            }
            self.logs.append(message);
        }
        self.memo = None;
    }

    /// Takes in a log that an earlier run has left.
    pub fn restore(&mut self, log: TopicLog) {
        self.logs.insert(log);
    }

    /// The source of these topics was alive at a time.
    pub fn touch(&mut self, topics: &[crate::log::Alias], as_of: UnixMillis) {
        for alias in topics {
            self.logs.touch(*alias, as_of);
        }
    }

    /// Something came that is no message: the other end is alive.
    pub fn sign_of_life(&mut self, id: ConnectionId, now: Now) {
        if let Some(connection) = self.connections.get_mut(id) {
            connection.last_heard = now.moment;
        }
    }

    /// A ping came: its pong goes out with the next write.
    pub fn ping(&mut self, id: ConnectionId, payload: &[u8], now: Now) {
        self.sign_of_life(id, now);
        // It is counted like a message, and one too many is not answered.
        if self.afford_message(id, now).is_ok()
            && let Some(connection) = self.connections.get_mut(id)
        {
            connection.control = crate::transport::websocket::pong(payload).into();
            self.mark_dirty(id);
        }
    }

    /// A pong came: it is counted like a message.
    pub fn pong(&mut self, id: ConnectionId, now: Now) {
        self.sign_of_life(id, now);
        // Nothing is done for it, so nothing is refused: but who floods is closed.
        let _ = self.afford_message(id, now);
    }

    /// A message has begun to come (or is whole, when `since` is none).
    pub fn unfinished(&mut self, id: ConnectionId, since: Option<tidemark_shared::clock::Moment>) {
        if let Some(connection) = self.connections.get_mut(id) {
            connection.unfinished_since = since;
        }
    }

    /// Bytes can be written again, or a poll has come.
    pub fn writable(&mut self, id: ConnectionId, now: Now) {
        self.resume_writing(id, now);
    }

    /// The other end is gone.
    pub fn gone(&mut self, id: ConnectionId) {
        self.remove(id);
    }

    /// Writes to every connection that has something to read.
    pub fn flush(&mut self, now: Now) {
        self.mark_readers();
        let dirty = std::mem::take(&mut self.dirty);
        for id in dirty {
            if let Some(connection) = self.connections.get_mut(id) {
                connection.dirty = false;
                self.write(id, writing::Behind::CatchUp, now);
            }
        }
    }

    /// Whether a flush has left something to write at once.
    #[must_use]
    pub fn has_work(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Whether some connection waits for a cursor's due time: call [`Self::tick_throttled`] soon.
    #[must_use]
    pub fn has_throttled(&self) -> bool {
        !self.throttled.is_empty()
    }

    /// Writes what has become due to connections that want few messages.
    pub fn tick_throttled(&mut self, now: Now) {
        for id in std::mem::take(&mut self.throttled) {
            if let Some(connection) = self.connections.get_mut(id) {
                connection.throttled = false;
                self.mark_lagging(id);
                self.write(id, writing::Behind::CatchUp, now);
            }
        }
    }

    /// Does what is due by time: heartbeats, deadlines, ageing. Call it a few times a second.
    pub fn tick(&mut self, now: Now) {
        if now.unix.since(self.last_trim) >= TRIM_EVERY {
            self.last_trim = now.unix;
            self.logs.trim(now.unix);
            self.memo = None;
        }
        for id in self.connections.ids() {
            if let Some((code, reason)) = self.overdue(id, now) {
                self.close(id, code, reason, Duration::ZERO, now);
            } else {
                self.sign_in_if_due(id, now);
                self.beat_if_due(id, now);
            }
        }
    }

    /// Tells a connection why it is closed, and closes it.
    pub fn close(
        &mut self,
        id: ConnectionId,
        code: CloseCode,
        reason: &str,
        after: Duration,
        now: Now,
    ) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.reply(&ServerMessage::Closing(Closing {
            code: code.number(),
            reason: reason.to_owned(),
            reconnect: CloseCode::invites_back(code.number()),
            after_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
        }));
        connection.pending.clear();
        self.write(id, writing::Behind::CatchUp, now);
        self.leave_last_words(id);
        if let Some(connection) = self.connections.get_mut(id) {
            connection.finish(code.number(), reason);
        }
        self.remove(id);
    }

    /// The other end closes: a close is answered by a close. It is gone when its bytes end.
    pub fn hang_up(&mut self, id: ConnectionId) {
        const NORMAL: u16 = 1000;
        if let Some(connection) = self.connections.get_mut(id) {
            connection.finish(NORMAL, "");
        }
    }

    /// Sends everybody away, each to come back at another time within `jitter`.
    pub fn drain(&mut self, jitter: Duration, now: Now) {
        let jitter_ms = u64::try_from(jitter.as_millis()).unwrap_or(u64::MAX);
        for id in self.connections.ids() {
            // What was published up to now is still theirs.
            self.mark_lagging(id);
            self.write(id, writing::Behind::CatchUp, now);
            let after = Duration::from_millis(self.jitter.u64(0..=jitter_ms));
            self.close(id, CloseCode::GoingAway, "the relay is restarting", after, now);
        }
    }

    /// A connection's outlet, for the shell to wait on.
    pub fn outlet_mut(&mut self, id: ConnectionId) -> Option<&mut O> {
        self.connections.get_mut(id).map(|connection| &mut connection.outlet)
    }

    /// Bytes that are kept for a connection alone: the rest of a frame, and answers. What it has
    /// not read of its topics is kept once for everybody, and is none of this.
    #[must_use]
    pub fn owed_bytes(&self, id: ConnectionId) -> usize {
        let owed = |connection: &Connection<O>| {
            connection.leftover.len() + connection.replies.len_bytes() + connection.control.len()
        };
        self.connections.get(id).map_or(0, owed)
    }

    /// Connections that became blocked since the last call: wait for room and call `writable`.
    pub fn take_blocked(&mut self) -> Vec<ConnectionId> {
        std::mem::take(&mut self.blocked)
    }

    /// Topics that got their first reader or lost their last since the last call.
    pub fn take_demands(&mut self) -> Vec<Demand> {
        std::mem::take(&mut self.demands)
    }

    /// The logs, for saving their windows.
    pub fn logs(&self) -> impl Iterator<Item = &TopicLog> {
        self.logs.iter()
    }

    /// What the shard is doing and has done.
    #[must_use]
    pub fn report(&self, now: UnixMillis) -> ShardReport {
        let mut report = self.counted.clone();
        for log in self.logs.iter() {
            report.topics += 1;
            report.retained += log.retained() as u64;
        }
        for connection in self.connections.iter() {
            match connection.outlet.kind() {
                TransportKind::WebSocket => report.websockets += 1,
                TransportKind::Sse => report.event_streams += 1,
                TransportKind::Poll => report.polls += 1,
            }
            let age = now.since(connection.opened);
            let age_ms = hearing::millis(age);
            report.connection_age_ms_sum = report.connection_age_ms_sum.saturating_add(age_ms);
            report.connection_age_ms_max = report.connection_age_ms_max.max(age_ms);
            report.ages.note(age);
            report.ways_in.note(connection.identity.as_ref().map(|identity| identity.by));
            report.blocked += u64::from(matches!(connection.writing, Writing::Full { .. }));
            report.cursors += connection.cursors.len() as u64;
            for cursor in &connection.cursors {
                let head = self.logs.get(cursor.alias).map_or(cursor.sent, TopicLog::head);
                report.lag_max = report.lag_max.max(head.0.saturating_sub(cursor.sent.0));
            }
        }
        report
    }

    fn overdue(&self, id: ConnectionId, now: Now) -> Option<(CloseCode, &'static str)> {
        let rules = &self.settings.rules;
        let connection = self.connections.get(id)?;
        let silent = now.moment.since(connection.last_heard);
        if let Stage::Greeting(greeting) = &connection.stage
            && now.moment >= greeting.until
        {
            return Some((CloseCode::NoHello, "no hello came in time"));
        }
        if let Some(since) = connection.unfinished_since
            && now.moment.since(since) > rules.message_within
        {
            return Some((CloseCode::Silent, "a message was begun and not finished in time"));
        }
        match connection.writing {
            Writing::Full { since } if now.moment.since(since) > rules.not_reading_close => {
                return Some((CloseCode::NotReading, "nothing was read for too long"));
            }
            _ => {}
        }
        let silent_max = match connection.outlet.kind() {
            TransportKind::WebSocket => rules.dead_after,
            TransportKind::Poll => rules.poll_within,
            // It only listens; when it is gone, its socket says so.
            TransportKind::Sse => return None,
        };
        (silent > silent_max).then_some((CloseCode::Silent, "no sign of life came in time"))
    }

    fn beat_if_due(&mut self, id: ConnectionId, now: Now) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        if now.moment < connection.next_beat
            || !matches!(connection.stage, Stage::Greeted)
            || connection.writing != Writing::Open
        {
            return;
        }
        connection.next_beat = now.moment + self.settings.rules.heartbeat;
        if connection.outlet.kind() == TransportKind::WebSocket {
            connection.control = crate::transport::websocket::PING.into();
        }
        let logs = &self.logs;
        let beats: Vec<Beat> = connection
            .cursors
            .iter()
            .filter_map(|cursor| {
                let log = logs.get(cursor.alias)?;
                let topic = log.topic().clone();
                Some(Beat { topic, sequence: cursor.sent, as_of: log.as_of() })
            })
            .collect();
        let mut pieces = beats.chunks(BEATS_PER_MESSAGE);
        // A connection without topics has its heartbeat too.
        let first = pieces.next().unwrap_or_default();
        for piece in std::iter::once(first).chain(pieces) {
            let topics = piece.to_vec();
            connection.reply(&ServerMessage::Heartbeat(Heartbeat { at: now.unix, topics }));
        }
        self.write(id, writing::Behind::CatchUp, now);
    }

    /// A refusal that closes the connection.
    fn refuse_and_close(&mut self, id: ConnectionId, code: CloseCode, error: WireError, now: Now) {
        self.count_refused(&error);
        let reason = error.message.clone();
        let after = Duration::from_millis(error.retry_after_ms.unwrap_or(0));
        if let Some(connection) = self.connections.get_mut(id) {
            connection.reply(&ServerMessage::Error { error, topic: None });
        }
        self.close(id, code, &reason, after, now);
    }

    fn count_refused(&mut self, error: &WireError) {
        self.counted.refused += 1;
        self.counted.refusals.note(error);
    }

    fn protocol_error(&mut self, id: ConnectionId, reason: impl Into<String>, now: Now) {
        let error = WireError::new(ErrorCode::BadMessage, reason);
        self.refuse_and_close(id, CloseCode::ProtocolError, error, now);
    }

    /// Breaks off a connection whose bytes make no sense.
    pub fn misbehaved(&mut self, id: ConnectionId, error: FrameError, now: Now) {
        let (code, refused) = match error {
            FrameError::TooLarge => {
                let refused = WireError::new(ErrorCode::LimitExceeded, error.to_string());
                (CloseCode::TooLarge, refused.of_limit("frame_bytes_max", FRAME_BYTES_MAX as u64))
            }
            _ => {
                let refused = WireError::new(ErrorCode::BadMessage, error.to_string());
                (CloseCode::ProtocolError, refused)
            }
        };
        self.refuse_and_close(id, code, refused, now);
    }
}

#[cfg(test)]
mod tests;
