//! The client's connection, told as stories. One scenario a file, named as a user would tell it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]

#[path = "../simulation/mod.rs"]
#[expect(unreachable_pub, reason = "written to be taken over by other test crates as it is")]
mod simulation;

mod a_beat_shows_a_lost_end;
mod a_better_transport_is_taken_without_a_gap;
mod a_question_survives_a_drop;
mod a_random_life;
mod anything_at_all;
mod attempts_are_capped;
mod five_thousand_topics;
mod hole_in_the_numbering;
mod laptop_wakes_up;
mod page_is_frozen;
mod relay_goes_away_politely;
mod relay_restarts;
mod sign_in_ends;
mod sign_in_is_needed;
mod stale_news_is_dropped;
mod the_alarm_can_ring;
mod the_network_is_gone;
mod topics_come_and_go;
mod websocket_blocked;
