//! The queue of the user's writes, told as stories. One scenario a file, named as a user would
//! tell it; and a model test in which everything goes wrong at once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]

#[expect(unreachable_pub, reason = "read from here as one would read another crate")]
mod world;

mod everything_goes_wrong;
mod written_offline_it_arrives_later;
