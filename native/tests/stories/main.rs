//! The native client against a small relay on loopback, told as stories.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]

mod a_dropped_connection_resumes;
mod a_refusal_is_told;
mod a_slow_application_loses_nothing;
mod a_transport_that_is_blocked;
mod every_transport_works;
mod mock;
