//! Events: what a topic's log is made of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Position, Topic};
use crate::clock::UnixMillis;
use crate::documents::Delta;
use crate::market::{Bar, FeedStatus, Price, Quote, Symbol};

/// Who goes first when a connection is slow.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Last.
    Low,
    /// As usual.
    #[default]
    Normal,
    /// Before the usual.
    High,
    /// First.
    Critical,
}

impl Priority {
    /// Whether it is the usual one, which the wire leaves out.
    #[must_use]
    pub fn is_normal(&self) -> bool {
        *self == Priority::Normal
    }
}

/// What is known about an event beside its content. All of it is optional on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of the payload's shape; absent means 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Milliseconds after `at` from which the event is worth nothing and may be dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// How often its source had to try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// What it was caused by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
}

impl Metadata {
    /// Whether there is nothing to say, which the wire leaves out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Metadata::default()
    }
}

/// One message of a topic's log. Its identity is its topic and position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The log it belongs to.
    pub topic: Topic,
    /// Where it stands there.
    pub position: Position,
    /// When the relay took it in.
    pub at: UnixMillis,
    /// Who made it: a feed's name, or `relay`.
    pub source: String,
    /// Who goes first when a connection is slow.
    pub priority: Priority,
    /// What else is known about it.
    pub meta: Metadata,
    /// What it says.
    pub payload: Payload,
}

impl Event {
    /// Whether at `now` it is past its time to live.
    #[must_use]
    pub fn is_stale(&self, now: UnixMillis) -> bool {
        match self.meta.ttl_ms {
            Some(ttl_ms) => now > self.at + Duration::from_millis(ttl_ms),
            None => false,
        }
    }
}

/// The content of an event; its name on the wire is the event's `kind`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// `quote`: the newest of an instrument.
    Quote(Quote),
    /// `bar`: a bar as it forms, or as it closed.
    Bar(Bar),
    /// `feed`: how a feed is doing.
    Feed(FeedStatus),
    /// `overview`: how the whole market is doing.
    Overview(Overview),
    /// `notice`: a sentence for people.
    Notice(Notice),
    /// `documents`: what has changed among a user's documents.
    Documents(Delta),
    /// A kind from the future: kept whole, so that the numbering stays without holes.
    Unknown(UnknownPayload),
}

impl Payload {
    /// Reads the JSON of a payload. A kind that this version does not know is kept as it is.
    ///
    /// # Errors
    /// When the JSON is not of the shape that its kind asks for.
    pub fn from_json(kind: String, json: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind.as_str() {
            "quote" => Payload::Quote(serde_json::from_str(json)?),
            "bar" => Payload::Bar(serde_json::from_str(json)?),
            "feed" => Payload::Feed(serde_json::from_str(json)?),
            "overview" => Payload::Overview(serde_json::from_str(json)?),
            "notice" => Payload::Notice(serde_json::from_str(json)?),
            "documents" => Payload::Documents(serde_json::from_str(json)?),
            // Between its tokens JSON may have line ends, which would be ends of messages here, and of
            // lines in an event stream. Within texts it has none.
            _ => Payload::Unknown(UnknownPayload { kind, json: json.replace(['\n', '\r'], " ") }),
        })
    }

    /// Its name on the wire.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Payload::Quote(_) => "quote",
            Payload::Bar(_) => "bar",
            Payload::Feed(_) => "feed",
            Payload::Overview(_) => "overview",
            Payload::Notice(_) => "notice",
            Payload::Documents(_) => "documents",
            Payload::Unknown(unknown) => &unknown.kind,
        }
    }
}

/// A payload of a kind that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPayload {
    /// Its name.
    pub kind: String,
    /// Its JSON as it came, on one line.
    pub json: String,
}

/// How the whole market is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Instruments that have a price.
    pub priced: u32,
    /// How many of them stand above their reference.
    pub up: u32,
    /// How many of them stand below it.
    pub down: u32,
    /// Strongest risers, strongest first.
    pub gainers: Vec<Movers>,
    /// Strongest fallers, strongest first.
    pub losers: Vec<Movers>,
}

/// An instrument that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movers {
    /// Which.
    pub symbol: Symbol,
    /// Its price.
    pub price: Price,
    /// What the move is measured against.
    pub reference: Price,
}

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Error,
}

/// A sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How serious it is.
    pub severity: Severity,
    /// What it says.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found when a fuzz target was written that reads, writes and reads again: a payload from the
    /// future that came with line ends between its tokens was cut at them when it was passed on.
    #[test]
    fn a_payload_from_the_future_is_on_one_line() {
        let json = "{\r\n  \"a\":\n\"\\n\"}";
        let Ok(Payload::Unknown(unknown)) = Payload::from_json("moon".into(), json) else {
            panic!("it is known");
        };
        assert_eq!(unknown.json, "{    \"a\": \"\\n\"}");
    }
}
