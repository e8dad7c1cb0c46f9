//! The queue of the user's writes, told as stories. One scenario a file, named as a user would
//! tell it; and a model test in which everything goes wrong at once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]

#[expect(unreachable_pub, reason = "read from here as one would read another crate")]
mod world;

mod a_document_comes_damaged;
mod a_tab_was_closed_too_early;
mod everything_goes_wrong;
mod i_take_it_back;
mod my_profile_was_copied;
mod nothing_flickers;
mod ten_thousand_writes;
mod the_alarm_can_ring;
mod the_answer_is_lost;
mod the_relay_says_no;
mod the_relay_was_restored;
mod written_offline_it_arrives_later;
