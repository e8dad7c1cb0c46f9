//! Random lives of the relay's core, the wire and the client's machine together, in virtual time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]

mod a_frozen_tab_costs_the_relay_nothing;
mod a_random_life;
mod the_alarm_can_ring;
