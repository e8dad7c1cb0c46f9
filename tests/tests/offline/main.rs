//! The page without a network, and the page's new versions, in a real Chromium.
//!
//! One story per file. The page comes from a host for static files in a folder of its own, or out
//! of the relay; the network is taken away by stopping what serves it, because a browser that only
//! plays offline keeps the connections that it has.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod visit;

mod a_bad_version_is_replaced;
mod a_download_breaks_off;
mod a_new_version_is_offered;
mod it_is_put_among_the_apps;
mod the_network_comes_back;
mod the_relay_is_gone;
mod the_relay_moves;
mod the_way_out;
mod what_caches_may_hold;
