//! The native client: tokio sockets around the connection machine of `tidemark-shared`.
//!
//! | file | what |
//! | --- | --- |
//! | `client` | [`Client`]: the handle that an application holds, and the [`News`] that it reads |
//! | `driver` | the task that feeds the machine and does what it says |
//! | `link` | one connection, whatever its transport: how it begins, ends and is given up |
//! | `websocket`, `sse`, `poll` | the transports |
//! | `http` | one HTTP exchange at a time with the relay |
//! | `event_stream` | where the events of an SSE body begin and end |
//! | `address` | where the relay is |
//!
//! What must never be here: a decision about the connection. When to connect, over what, from
//! which positions, and what is delivered: all that is the machine's.

mod address;
mod client;
mod driver;
mod event_stream;
mod http;
mod link;
mod poll;
mod sse;
mod websocket;

pub use address::{InvalidAddress, RelayAddress};
pub use client::{Client, Gone, News, NewsReader, Options};
pub use event_stream::{EventStream, EventTooLarge};
