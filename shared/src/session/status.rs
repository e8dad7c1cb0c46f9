//! What people and programs may know of the connection.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Transport;
use crate::clock::{Moment, UnixMillis};
use crate::protocol::{Encoding, WireError};

/// What the connection is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// Not wanted.
    #[default]
    Idle,
    /// Opening a transport.
    Connecting,
    /// Open; waiting for the relay's `welcome`.
    Greeting,
    /// Reading what was missed.
    CatchingUp,
    /// Everything that the relay has is here.
    Live,
    /// Silent for longer than it should be; a probe is on its way.
    Suspect,
    /// Waiting for the next attempt.
    Backoff,
    /// The platform says that there is no network: waiting for it, or for the user.
    Offline,
    /// The page is frozen.
    Suspended,
    /// The relay wants a sign-in.
    NeedsAuth,
    /// The relay does not speak our version, or we broke the protocol: a newer client is needed.
    NeedsUpgrade,
    /// The configured number of attempts is used up.
    GaveUp,
}

/// Why a connection was lost or could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum LinkError {
    /// It could not be opened.
    #[error("could not connect: {reason}")]
    Failed {
        /// What the platform said.
        reason: String,
    },
    /// It did not open in time.
    #[error("no connection within {} s", within.as_secs())]
    OpenTimeout {
        /// The time it had.
        within: Duration,
    },
    /// The relay did not say `welcome` in time.
    #[error("the relay did not answer within {} s", within.as_secs())]
    GreetTimeout {
        /// The time it had.
        within: Duration,
    },
    /// The other end closed it.
    #[error("closed with code {code}: {reason}")]
    Closed {
        /// WebSocket close code.
        code: u16,
        /// What it said.
        reason: String,
    },
    /// Nothing was heard for too long.
    #[error("nothing heard for {} s", silent.as_secs())]
    Silent {
        /// For how long.
        silent: Duration,
    },
    /// The platform says that there is no network.
    #[error("the network is gone")]
    Offline,
    /// The relay sent something that is no protocol.
    #[error("the relay sent something unreadable: {reason}")]
    PeerMisbehaved {
        /// What.
        reason: String,
    },
    /// The relay refused us.
    #[error("the relay refused: {0}")]
    Refused(WireError),
}

/// What was counted since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events given to the application.
    pub delivered: u64,
    /// Events that came late, after a drop.
    pub caught_up: u64,
    /// Events that newer ones have replaced.
    pub skipped: u64,
    /// Events that came twice and were dropped.
    pub duplicates: u64,
    /// Holes in the relay's numbering. Each is a defect.
    pub holes: u64,
    /// Times that a topic lost messages and was given a snapshot.
    pub topics_lost: u64,
    /// Events dropped because their time to live was over.
    pub stale: u64,
    /// Times that a connection was had.
    pub connections: u64,
    /// Bytes of all frames that came.
    pub bytes_in: u64,
}

/// All that a screen shows of the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What it is doing.
    pub state: State,
    /// Since when.
    pub since: Moment,
    /// The transport in use or being tried.
    pub transport: Option<Transport>,
    /// The encoding in use.
    pub encoding: Option<Encoding>,
    /// Attempts since the last success.
    pub attempts: u32,
    /// When the next attempt is due.
    pub next_attempt: Option<Moment>,
    /// The last thing that went wrong.
    pub last_error: Option<LinkError>,
    /// The last measured round trip.
    pub round_trip: Option<Duration>,
    /// The relay's clock minus ours, in milliseconds.
    pub clock_offset_ms: i64,
    /// When anything was last heard of the relay.
    pub last_heard: Option<Moment>,
    /// The relay's name and version.
    pub relay: Option<String>,
    /// Who the relay takes us for.
    pub user: Option<String>,
    /// When the sign-in ends, by the relay's clock; absent when it does not.
    pub ends_at: Option<UnixMillis>,
    /// Prices are for this user so many milliseconds late, on `delayed` topics; absent for those
    /// who may see them as they come.
    pub delayed_ms: Option<u64>,
    /// The relay has said that the sign-in ends soon, and no newer one counts yet.
    pub asks_for_sign_in: bool,
    /// Why the last newer sign-in did not count, until one does.
    pub sign_in_refused: Option<WireError>,
    /// What was counted.
    pub counters: Counters,
}
