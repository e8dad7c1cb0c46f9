//! The native client and the real relay, through a network that can be bad.
//!
//! One story per file. In each of them every event must follow on the one before it, and say what
//! an independent witness saw in the same place.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod listener;

mod connection_is_cut;
mod relay_goes_away;
mod transports_are_blocked;
mod writes_take_effect_once;
