//! One page in several tabs of a real Chromium: who leads changes, and nobody notices.
//!
//! One story per file.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod desk;

mod browser_throws_the_queue_away;
mod leading_tab_is_closed;
mod leading_tab_is_frozen;
mod list_of_an_older_page_is_kept;
mod user_signs_out_in_one_tab;
