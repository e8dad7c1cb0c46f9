//! Signing in by tokens, as those see it who do, and those who try to do without.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod a_token_too_late;
mod banned;
mod going_on;
mod house;
mod key_server;
mod keys_that_are_fetched;
mod nothing_secret_is_logged;
mod signer;
mod tickets;
mod tokens_in_addresses;
mod tokens_that_count;
mod tokens_that_do_not;
mod who_is_let_in;
mod wrong_settings;

#[path = "../support/log_trap.rs"]
mod log_trap;
#[path = "../support/stranger.rs"]
mod stranger;
