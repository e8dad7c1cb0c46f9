//! Which rule settles an overlap.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A text that names no policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{text:?} is no merge policy: client_wins, server_wins, last_write_wins, three_way, manual, \
     id_set, text, or the name of a registered strategy (1 to 40 of a-z, 0-9 and _)"
)]
pub struct InvalidPolicy {
    /// What was read, cut.
    text: String,
}

impl InvalidPolicy {
    /// For a text.
    pub(super) fn of(text: &str) -> Self {
        /// Twice the longest name: enough to recognise it by.
        const SHOWN_CHARS_MAX: usize = 80;
        InvalidPolicy { text: text.chars().take(SHOWN_CHARS_MAX).collect() }
    }
}

/// How it is settled when two have changed the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Policy {
    /// What comes in counts.
    ClientWins,
    /// What is there counts.
    ServerWins,
    /// The later one counts, by their hybrid clocks.
    LastWriteWins,
    /// Objects are merged key by key, all the way down; what then still overlaps is the user's.
    ThreeWay,
    /// The user decides.
    Manual,
    /// A list of things with ids: merged as a set that has an order.
    IdSet,
    /// Text: merged line by line; what then still overlaps is the user's.
    Text,
    /// A rule that whoever runs this relay has registered.
    Strategy(Arc<str>),
}

impl Policy {
    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Policy::ClientWins => "client_wins",
            Policy::ServerWins => "server_wins",
            Policy::LastWriteWins => "last_write_wins",
            Policy::ThreeWay => "three_way",
            Policy::Manual => "manual",
            Policy::IdSet => "id_set",
            Policy::Text => "text",
            Policy::Strategy(name) => name,
        }
    }
}

impl FromStr for Policy {
    type Err = InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, InvalidPolicy> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        Ok(match text {
            "client_wins" => Policy::ClientWins,
            "server_wins" => Policy::ServerWins,
            "last_write_wins" => Policy::LastWriteWins,
            "three_way" => Policy::ThreeWay,
            "manual" => Policy::Manual,
            "id_set" => Policy::IdSet,
            "text" => Policy::Text,
            name if (1..=40).contains(&name.len()) && name.bytes().all(allowed) => {
                Policy::Strategy(name.into())
            }
            _ => return Err(InvalidPolicy::of(text)),
        })
    }
}

impl TryFrom<String> for Policy {
    type Error = InvalidPolicy;

    fn try_from(text: String) -> Result<Self, InvalidPolicy> {
        text.parse()
    }
}

impl From<Policy> for String {
    fn from(policy: Policy) -> String {
        policy.as_str().to_owned()
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
