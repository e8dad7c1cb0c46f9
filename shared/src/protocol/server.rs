//! What a relay says to a client.

use serde::{Deserialize, Serialize};

use super::{Event, Pattern, Position, RequestId, Sequence, Topic, WireError};
use crate::clock::UnixMillis;
use crate::documents::{Delta, HistoryPage, Pushed};
use crate::market::{Bar, Instrument, Interval, Quote, Symbol, Tick};

/// One thing that a relay says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerMessage {
    /// The answer to `hello`.
    Welcome(Welcome),
    /// A topic is subscribed to, from here on.
    Subscribed(Subscribed),
    /// A topic is given back.
    Unsubscribed(Unsubscribed),
    /// A message of a topic's log.
    Event(Event),
    /// A slow reader of a *latest* topic jumps over messages.
    Skipped(Skipped),
    /// A slow reader fell out of the retained window: same content as [`Subscribed`].
    Reset(Subscribed),
    /// The answer to a request.
    Response(Response),
    /// A sign of life, and how fresh each topic is.
    Heartbeat(Heartbeat),
    /// A refusal that belongs to no request.
    Error {
        /// What was refused and why.
        error: WireError,
        /// The topic that was asked for, if it was one.
        topic: Option<Pattern>,
    },
    /// The sign-in ends soon, or has ended: say `refresh`.
    NeedsAuth(NeedsAuth),
    /// The answer to `refresh`.
    Refreshed(Refreshed),
    /// The relay is about to close the connection.
    Closing(Closing),
    /// A message from the future, which the client may ignore.
    Unknown {
        /// Its type.
        kind: String,
    },
}

/// The answer to `hello`: how this relay wants to be talked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Version of the protocol that the relay speaks.
    pub protocol: u32,
    /// The relay's name and version, for people.
    pub relay: String,
    /// Names the session where the transport is not one connection (SSE, polling); else for logs.
    pub session: String,
    /// Who the relay takes the client for.
    pub user: String,
    /// The relay's clock.
    pub server_time: UnixMillis,
    /// A heartbeat comes this often, in milliseconds.
    pub heartbeat_ms: u64,
    /// After so long without a sign of life, in milliseconds, either side takes the other for dead.
    pub dead_after_ms: u64,
    /// What the client may do.
    pub limits: ConnectionLimits,
    /// When the sign-in ends; absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<UnixMillis>,
    /// Prices are for this user only so many milliseconds late, on `delayed` topics; absent for
    /// those who may see them as they come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delayed_ms: Option<u64>,
}

/// What one connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionLimits {
    /// Largest frame, in bytes.
    pub frame_bytes_max: u32,
    /// Most topics subscribed to at once.
    pub topics_max: u32,
    /// Most messages a second.
    pub messages_per_s_max: u32,
}

/// Why a log could not go on where the client stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotRecovered {
    /// Messages are missing within the window.
    Gap,
    /// The position is older than the retained window.
    Expired,
    /// The position is newer than the log's end.
    Ahead,
    /// The log was numbered anew.
    NewEpoch,
}

/// A topic is subscribed to: events from `position` on follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// Which.
    pub topic: Topic,
    /// The place after which events will come. Equal to the client's own when it recovered.
    pub position: Position,
    /// The log's end now: at this sequence the client has caught up.
    pub head: Sequence,
    /// Absent when nothing was missed (or a fresh start); else why messages are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<WhyNotRecovered>,
    /// The short name of the topic in binary frames of this connection.
    pub alias: u32,
    /// Until when the topic's content is known to be true: the newest sign of life of its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<UnixMillis>,
    /// The newest event at `position`, for a fresh start and where messages are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Event>,
}

/// A topic is given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscribed {
    /// Spelled as it was asked for.
    pub topic: Pattern,
}

/// Messages of a *latest* topic that a slow reader will not get, because newer ones replace them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Which topic.
    pub topic: Topic,
    /// The first one skipped.
    pub from: Sequence,
    /// The last one skipped.
    pub to: Sequence,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The request's id.
    pub id: RequestId,
    /// What was asked for, or why not.
    pub outcome: Result<Reply, WireError>,
}

/// What can be answered; its name on the wire is the request's method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "method", content = "result", rename_all = "snake_case")]
pub enum Reply {
    /// Answer to `ping`.
    Ping {
        /// The relay's clock.
        server_time: UnixMillis,
    },
    /// Answer to `price`.
    Price {
        /// Which.
        symbol: Symbol,
        /// Its newest quote.
        quote: Quote,
        /// When the relay took it in.
        at: UnixMillis,
    },
    /// Answer to `account`.
    Account(Account),
    /// Answer to `instruments`.
    Instruments(InstrumentList),
    /// Answer to `bars`.
    Bars(BarHistory),
    /// Answer to `ticks`.
    Ticks(TickHistory),
    /// Answer to `push`.
    Push(Pushed),
    /// Answer to `documents`.
    Documents(Delta),
    /// Answer to `history`.
    History(HistoryPage),
}

/// Who the relay takes the client for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The user's name.
    pub user: String,
    /// Since when this session lives.
    pub since: UnixMillis,
    /// What it may do.
    pub limits: ConnectionLimits,
}

/// Instruments that were searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstrumentList {
    /// What was found, best first.
    pub instruments: Vec<Instrument>,
    /// How many were found in all.
    pub total: u32,
}

/// Bars of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarHistory {
    /// Whose.
    pub symbol: Symbol,
    /// Of what length.
    pub interval: Interval,
    /// Oldest first; the last one may be open.
    pub bars: Vec<Bar>,
}

/// Trades of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TickHistory {
    /// Whose.
    pub symbol: Symbol,
    /// Oldest first.
    pub ticks: Vec<Tick>,
}

/// A sign of life. The liveness of the connection and the freshness of each topic are two things:
/// a beat says of each topic where its log ends and until when its source was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The relay's clock.
    pub at: UnixMillis,
    /// The subscribed topics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Beat>,
}

/// One topic in a [`Heartbeat`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// Which.
    pub topic: Topic,
    /// The last message that this connection was sent, or skipped.
    pub sequence: Sequence,
    /// The newest sign of life of its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<UnixMillis>,
}

/// A sign-in ends. Until `ends_at` everything goes on; then every topic is given back, and a moment
/// later the connection is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedsAuth {
    /// When.
    pub ends_at: UnixMillis,
}

/// A newer sign-in counts from now on. Topics that it does not allow are given back before this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// When it ends; absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<UnixMillis>,
    /// As in [`Welcome`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delayed_ms: Option<u64>,
}

/// The relay is about to close the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// A [`CloseCode`](super::CloseCode)'s number.
    pub code: u16,
    /// For people, in English.
    pub reason: String,
    /// Whether to come back.
    pub reconnect: bool,
    /// Not before so many milliseconds have passed.
    #[serde(default)]
    pub after_ms: u64,
}
