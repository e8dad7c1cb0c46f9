//! What somebody may do: strangers, guests and colleagues at every door of a relay.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]
#![allow(unreachable_pub, missing_docs, dead_code, reason = "nobody else uses a test")]

#[path = "../support/device.rs"]
mod device;

mod a_newer_sign_in;
mod a_whole_relay;
mod client;
mod delayed;
mod documents_by_collection;
mod feeds_one_by_one;
mod guests;
mod house;
mod nothing_newer;
mod roles_and_claims;
mod rules_that_contradict;
mod somebody_elses;
mod two_tenants;
