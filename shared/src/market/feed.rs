//! How an upstream feed is doing, so that a dead feed never looks like a quiet market.

use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;

/// What a feed is doing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedState {
    /// Nobody has asked for any of its symbols.
    Idle,
    /// Opening a connection, or waiting for the venue's acknowledgement.
    Connecting,
    /// Connected and heard from lately.
    Live,
    /// Connected, but silent for longer than this venue ever is.
    Stalled,
    /// Disconnected; the next attempt is due at `next_attempt`.
    Backoff,
    /// Too many failures in a row: no attempt until `next_attempt`.
    Broken,
    /// Refused for good, or switched off; only its operator can change that.
    Stopped,
}

/// The state of one feed: the value of the topic `feed:{name}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedStatus {
    /// The feed's name in the relay's configuration.
    pub feed: String,
    /// What it is doing.
    pub state: FeedState,
    /// Since when.
    pub since: UnixMillis,
    /// When anything last came from the venue, a heartbeat included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_heard: Option<UnixMillis>,
    /// When the next attempt to connect is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<UnixMillis>,
    /// The last thing that went wrong, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Symbols collected now.
    pub symbols: u32,
    /// Messages taken from the venue since the relay started.
    pub messages: u64,
    /// Messages set aside because they could not be read.
    pub dead_letters: u64,
    /// Holes seen in the venue's own numbering.
    pub gaps: u64,
}
