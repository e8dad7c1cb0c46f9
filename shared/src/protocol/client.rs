//! What a client says to a relay.

use serde::{Deserialize, Serialize};

use super::{Pattern, Position};
use crate::clock::UnixMillis;
use crate::documents::{Entity, Push, UserName, Version};
use crate::market::{Interval, Symbol};

/// The number by which a client recognises the answer to something it asked. Its own choice;
/// unique among what it has open on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// One thing that a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// The first message of every connection.
    Hello(Hello),
    /// Asks for topics.
    Subscribe(Subscribe),
    /// Gives topics back.
    Unsubscribe(Unsubscribe),
    /// Asks something once.
    Request(Request),
    /// Goes on with a newer sign-in, without a new connection.
    Refresh(Refresh),
}

/// The first message of every connection: who speaks, and, to save a round trip, what it wants.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Version of the protocol.
    pub protocol: u32,
    /// Name and version of the program, for the operator.
    #[serde(default)]
    pub client: String,
    /// A token, where the relay asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The demo account to speak for, where the relay lets people in without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserName>,
    /// Topics wanted at once, with the positions to resume from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<SubscribeTopic>,
}

/// Without the token: this goes into logs.
impl std::fmt::Debug for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hello")
            .field("protocol", &self.protocol)
            .field("client", &self.client)
            .field("token", &self.token.as_ref().map(|_| "***"))
            .field("user", &self.user)
            .field("topics", &self.topics)
            .finish()
    }
}

/// Without the token: this goes into logs.
impl std::fmt::Debug for Refresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refresh").field("token", &self.token.as_ref().map(|_| "***")).finish()
    }
}

/// Asks for topics. Each is answered by `subscribed`, or by an `error` that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Which, and from where.
    pub topics: Vec<SubscribeTopic>,
}

/// One wish of a [`Subscribe`] or [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscribeTopic {
    /// The topic, or a pattern. A position goes with one topic only.
    pub topic: Pattern,
    /// The last message that the client has; absent for a fresh start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Most messages per second that the client wants of a *latest* topic; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_s_max: Option<u32>,
}

/// Gives topics back. Each is answered by `unsubscribed`; nothing of it comes after that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscribe {
    /// Which, spelled as when they were asked for.
    pub topics: Vec<Pattern>,
}

/// Goes on with a newer sign-in of the same user. Answered by `refreshed`, or by an `error`; the
/// connection goes on as it was then.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// The newer token; absent to ask the relay to look again at the session that came with the
    /// connection (a browser's cookie).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Asks something once. Answered by `response` with the same id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Repeated in the answer.
    pub id: RequestId,
    /// What is asked.
    #[serde(flatten)]
    pub method: Method,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "snake_case")]
pub enum Method {
    /// Nothing but an answer: proves life and measures the round trip.
    Ping {},
    /// The newest quote of an instrument.
    Price {
        /// Which.
        symbol: Symbol,
    },
    /// Who the relay takes the client for, and its limits.
    Account {},
    /// Instruments whose symbol, name or alias contains a text.
    Instruments {
        /// Part of a symbol, name or alias; empty for all.
        #[serde(default)]
        search: String,
        /// Most that are wanted.
        #[serde(default)]
        limit: Option<u32>,
    },
    /// The newest bars of an instrument, oldest first.
    Bars {
        /// Which.
        symbol: Symbol,
        /// Of what length.
        interval: Interval,
        /// Only bars that start before this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<UnixMillis>,
        /// Most that are wanted.
        #[serde(default)]
        limit: Option<u32>,
    },
    /// The newest trades of an instrument, oldest first.
    Ticks {
        /// Which.
        symbol: Symbol,
        /// Most that are wanted.
        #[serde(default)]
        limit: Option<u32>,
    },
    /// Writes of the user's documents. Asked again after a drop, it gets the same receipts.
    Push(Push),
    /// The user's documents, from a place in their log on.
    Documents {
        /// The place; absent from the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Position>,
    },
    /// What a document was before, newest first.
    History {
        /// Which.
        entity: Entity,
        /// Only versions before this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Version>,
    },
    /// Indicators and statistics of an instrument.
    Analytics {
        /// Which.
        symbol: Symbol,
    },
    /// The user's orders.
    Orders {},
    /// The user's portfolio.
    Portfolio {},
}
