//! The user's own data, from end to end: what somebody has written is there, once, whatever happens
//! to page, browser, network and relay.
//!
//! One story per file. What has become of a write is asked of the relay, past the network that the
//! story breaks. In each story with a browser it must have no complaint at the end.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod answers_are_lost;
mod relay_dies_under_load;
