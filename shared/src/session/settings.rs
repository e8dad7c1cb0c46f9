//! What of the machine's behaviour can be set.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::documents::UserName;
use crate::protocol::Encoding;

/// A way to talk to the relay. Better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Transport {
    /// One WebSocket.
    WebSocket,
    /// Server-Sent Events down, POST up.
    Sse,
    /// Long polling.
    Poll,
}

impl Transport {
    /// All of them, best first.
    pub const ALL: [Transport; 3] = [Transport::WebSocket, Transport::Sse, Transport::Poll];

    /// The next worse one.
    #[must_use]
    pub const fn fallback(self) -> Option<Transport> {
        match self {
            Transport::WebSocket => Some(Transport::Sse),
            Transport::Sse => Some(Transport::Poll),
            Transport::Poll => None,
        }
    }
}

/// What can be set. The defaults are the product's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Name and version of the program, for the relay's operator.
    pub client: String,
    /// A token to sign in with.
    pub token: Option<String>,
    /// The demo account to speak for, where the relay lets people in without a token.
    pub user: Option<UserName>,
    /// Transports that may be used, best first; never empty.
    pub transports: Vec<Transport>,
    /// The encoding wanted on a WebSocket; the other transports speak JSON.
    pub encoding: Encoding,
    /// Longest wait before the first retry. Each further one may wait twice as long.
    pub backoff_first: Duration,
    /// Longest wait before any retry.
    pub backoff_max: Duration,
    /// Give up after so many attempts in a row; `None`: never.
    pub attempts_max: Option<u32>,
    /// A connection that lived so long has proved stable: the backoff starts anew after it.
    pub stable_after: Duration,
    /// Longest wait for a connection to open.
    pub open_within: Duration,
    /// Longest wait for the relay's `welcome`.
    pub greet_within: Duration,
    /// Until the relay announces its own: silence after which the connection is suspected.
    pub heartbeat: Duration,
    /// Until the relay announces its own: silence after which it is dead.
    pub dead_after: Duration,
    /// After waking up: longest wait for the answer to a probe before connecting anew.
    pub probe_within: Duration,
    /// How long a question may wait for its answer, connection or not.
    pub answer_within: Duration,
    /// First wait before a better transport is tried again; doubled each time it fails.
    pub upgrade_after: Duration,
    /// Longest wait before a better transport is tried again.
    pub upgrade_after_max: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            client: String::new(),
            token: None,
            user: None,
            transports: Transport::ALL.to_vec(),
            encoding: Encoding::Binary,
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_secs(30),
            attempts_max: None,
            stable_after: Duration::from_secs(30),
            open_within: Duration::from_secs(10),
            greet_within: Duration::from_secs(10),
            heartbeat: Duration::from_secs(30),
            dead_after: Duration::from_secs(60),
            probe_within: Duration::from_secs(3),
            answer_within: Duration::from_secs(15),
            upgrade_after: Duration::from_secs(60),
            upgrade_after_max: Duration::from_secs(30 * 60),
        }
    }
}
