//! The store in a file: what it does with files that are not as they should be, and with power
//! cuts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]
#![allow(unreachable_pub, missing_docs, reason = "nobody else uses a test")]

#[path = "../support/device.rs"]
mod device;

mod a_backup;
mod a_file_that_is_not_as_it_should_be;
mod disk;
mod killed;
mod power_cuts;
mod the_command_line;
