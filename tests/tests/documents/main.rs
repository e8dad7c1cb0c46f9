//! The user's own data, from end to end: what somebody has written is there, once, whatever happens
//! to page, browser, network and relay.
//!
//! One story per file. What has become of a write is asked of the relay, past the network that the
//! story breaks. In each story with a browser it must have no complaint at the end.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod desk;

mod a_newer_page_is_open;
mod a_rule_says_no;
mod answers_are_lost;
mod databases_are_wiped;
mod no_room_is_left;
mod nothing_may_be_stored;
mod profile_is_cloned;
mod relay_dies_under_load;
mod relay_is_restored;
mod somebody_else_signs_in;
mod two_devices_one_note;
mod two_tabs;
mod written_on_the_train;
