//! The hub: numbers what is published and writes it to every connection that reads it.
//!
//! A [`Sequencer`] gives each message its number and its bytes, once. Each [`Shard`] holds the
//! logs and the connections of one core; nothing is shared between shards, so no lock is taken on
//! the way from a log to a socket. The price is that each shard keeps its own copy of the logs.
//! A connection holds no queue: it holds a cursor per topic, and a write is a read from there.
//!
//! [`Shard`] is a plain state machine over [`Outlet`]s; `runtime` gives it a thread and sockets.
//!
//! What must never be here: how a transport shakes hands, what a venue says, what a user may do.

mod ages;
mod census;
mod connection;
mod outlet;
mod pace;
mod publisher;
mod refusals;
mod runtime;
mod sequencer;
mod service;
mod shard;
mod sign_in;
mod window_file;

pub use ages::Ages;
pub(crate) use census::is_near;
pub use census::{Crowded, UserRules};
pub use outlet::{Framing, LastFrame, Outlet, TransportKind, Written};
pub use publisher::{DemandReceiver, Publisher, RelayStopped};
pub use refusals::Refusals;
pub use runtime::{
    Adopted, Answers, Hub, HubSettings, PollError, SendError, SessionId, StreamBody,
};
pub use sequencer::{NotNumbered, Opened, Sequencer, TooManyTopics};
pub use service::{Answer, Asker, Newcomer, Question, Service};
pub use shard::{
    ConnectionId, ConnectionInfo, ConnectionName, ConnectionRules, InvalidConnectionName, Shard,
    ShardReport, ShardSettings, WaysIn,
};
pub use window_file::{WindowFile, WindowFileError};
