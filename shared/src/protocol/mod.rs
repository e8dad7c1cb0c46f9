//! The wire protocol, version 1: what is said between a client and a relay.
//!
//! A *message* is one thing said ([`ClientMessage`], [`ServerMessage`]). A *frame* carries a batch
//! of messages: a WebSocket frame, an SSE event, the body of a poll. [`Encoding`] says how a batch
//! becomes bytes; both encodings say the same. PROTOCOL.md explains it all to implementers.
//!
//! What must never be here: a decision. This room only says what can be said.

mod client;
mod code;
mod encoding;
mod event;
mod position;
mod server;
mod topic;

pub use client::{
    ClientMessage, Hello, Method, Refresh, Request, RequestId, Subscribe, SubscribeTopic,
    Unsubscribe,
};
pub use code::{CloseCode, ErrorCode, Limit, WireError};
pub use encoding::{AliasTable, DecodeError, Encoding};
pub use event::{
    Event, Metadata, Movers, Notice, Overview, Payload, Priority, Severity, UnknownPayload,
};
pub use position::{Epoch, Position, Sequence};
pub use server::{
    Account, BarHistory, Beat, Closing, ConnectionLimits, Heartbeat, InstrumentList, NeedsAuth,
    Refreshed, Reply, Response, ServerMessage, Skipped, Subscribed, TickHistory, Unsubscribed,
    Welcome, WhyNotRecovered,
};
pub use topic::{Class, Delivery, InvalidTopic, Pattern, Topic};

/// The version of the protocol that this crate speaks.
pub const VERSION: u32 = 1;

/// Largest frame either side sends or takes, in bytes. Large enough for hundreds of messages,
/// small enough that a thousand unfinished ones are no danger.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;

/// Most messages that are taken from one frame. A frame of single newlines must not be work.
pub const FRAME_MESSAGES_MAX: usize = 1_024;

/// Most topics in one `subscribe` or `hello`.
pub const TOPICS_PER_REQUEST_MAX: usize = 1_024;
