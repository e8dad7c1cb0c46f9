//! A relay with accounts of its own, and its page in a real Chromium: signing in, out, and in again.
//!
//! One story per file. In each of them the page's own book must stay clean.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod house;

mod a_demo_says_so;
mod an_admin_sends_somebody_away;
mod i_sign_out;
mod my_session_ends;
mod wrong_password;
