//! The built page and the real relay, in a real Chromium, through a network that can be bad.
//!
//! One story per file. In each of them the page's own book must stay clean, what the page shows
//! must be what an independent witness saw, and the browser must have no complaint.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod visit;

mod connection_is_half_closed;
mod everything_but_polling_is_blocked;
mod keyboard_is_enough;
mod messages_are_damaged;
mod network_is_slow;
mod nothing_arrives_any_more;
mod nothing_foreign_runs;
mod page_is_reloaded;
mod prices_move;
mod relay_is_killed;
mod relay_restarts;
mod screens_look_right;
mod tab_is_frozen;
mod train_goes_through_a_tunnel;
mod websocket_is_blocked;
