//! What is handed to the hub: an event that has no number yet, and what topics are wanted.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{Metadata, Payload, Priority, Topic};

/// An event before the log has numbered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The log it is meant for.
    pub topic: Topic,
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

/// What the subscribers of the whole relay want, as it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// A topic that nobody read has its first reader.
    Wanted(Topic),
    /// The last reader of a topic is gone.
    Released(Topic),
}
