//! That the browser driver and the bad network do what they say, without anything of ours between.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod browser_complains;
mod browser_drives;
mod network_blocks;
mod network_breaks;
mod network_damages;
mod origin;
