//! Two have changed the same. One scenario a file, named as a user would tell it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]

mod two;

mod a_condition_is_never_mixed;
mod a_loser_can_still_be_read;
mod a_rule_of_ones_own;
mod any_two_devices_agree;
mod anything_at_all;
mod deleted_here_and_edited_there;
mod each_policy_settles_as_it_says;
mod nothing_to_merge_with;
mod offline_for_a_while;
mod other_peoples_cases;
mod prices_by_two_ways;
mod the_user_has_said_so;
