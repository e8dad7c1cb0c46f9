//! Weeks of one user's devices and relay, in virtual time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]

mod a_random_week;
mod the_alarm_can_ring;
