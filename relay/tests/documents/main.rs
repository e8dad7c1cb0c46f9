//! The users' documents, as the engine keeps them in a store.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends with a panic")]
#![allow(unreachable_pub, missing_docs, reason = "nobody else uses a test")]

#[path = "../support/device.rs"]
mod device;
#[path = "../support/plain_merging.rs"]
mod plain_merging;

mod a_conflict_is_a_document;
mod against_a_model;
mod exactly_once;
mod nobody_else_s_documents;
mod the_threads;
mod too_much;
mod two_tenants;
mod what_a_device_is_told;
mod world;
