//! The shell around the connection machine: it turns the machine's outputs into browser calls, and
//! what the browser does into the machine's inputs.
//!
//! | file | |
//! | --- | --- |
//! | [`shell`] | one machine, one timer, its open wires |
//! | [`wire`] | one attempt at a connection, over any transport, or to the tab that leads |
//! | [`websocket`], [`stream`], [`poll`] | the three transports |
//! | [`uplink`] | the POST half that streams and polls share |
//! | [`sse`] | reading `text/event-stream` |
//! | [`refusal`] | what an HTTP error means to the machine |
//! | [`page_events`] | network, visibility, freeze and wake-up |
//! | [`address`] | where the relay is |
//!
//! What must never be here: a decision about when to connect or what to deliver (that is the
//! machine's), or what a message means to the screen (that is the board's).

pub(crate) mod address;
mod page_events;
mod poll;
mod refusal;
mod shell;
mod sse;
mod stream;
mod uplink;
mod websocket;
mod wire;

pub(crate) use page_events::{Leaving, PageEvents};
pub(crate) use shell::{Application, Shell};
pub(crate) use wire::{Far, Report};
