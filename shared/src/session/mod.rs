//! The client's connection as a state machine without I/O.
//!
//! A shell (the browser's, the native one, the simulator) feeds it [`Input`]s with the time, then
//! drains [`Session::poll_output`] until there is none, then arms one timer for
//! [`Session::next_deadline`] and feeds [`Input::Timer`] when it fires. The machine never calls
//! back from inside.
//!
//! What must never be here: a socket, a clock, a source of randomness other than its seed.

pub(crate) mod backoff;
mod cursor;
mod deadlines;
mod input;
mod ladder;
mod leaving;
mod liveness;
mod machine;
mod opening;
mod output;
mod packing;
mod phase;
mod platform;
mod questions;
mod receiving;
mod relay_clock;
mod settings;
mod signing_in;
mod status;
mod subscriptions;
mod upgrading;
mod waking;

pub use crate::clock::Now;
pub use input::{Input, LinkId};
pub use machine::Session;
pub use output::{AskFailed, Delivery, Note, Output};
pub use settings::{Settings, Transport};
pub use status::{Counters, LinkError, State, Status};
