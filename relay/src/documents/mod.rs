//! The users' documents: writes taken in exactly once, receipts for them, and what each device has
//! to be told.
//!
//! | file | |
//! | --- | --- |
//! | [`writer`] | the threads that own both sides: one writes in groups, one answers questions |
//! | [`engine`] | a group of pushes, taken in and committed together |
//! | [`step`] | what becomes of one write |
//! | [`dispute`] | writes that need their user |
//! | [`ledger`] | a user's records, as they change |
//! | [`shelf`] | a user's records, read |
//! | [`pages`] | what fits into one frame |
//! | [`keys`] | where each record lies |
//! | [`merging`] | what is asked of the merge |
//! | [`limits`] | how much one user may have |
//! | [`permits`] | which collections somebody may read and write |
//!
//! The order in which a push is looked at: the epoch; whose group it is; then each write's number:
//! known with the same hash, it gets its receipt again; known with another hash or settled, the
//! queue is a copy; beyond the next one, one is missing; else it is taken in. A write that breaks a
//! rule uses up its number and is receipted as rejected, so that it never blocks the ones behind it.
//!
//! What must never be here: sockets, the hub, how fields are merged. Time is an argument, except in
//! [`writer`], which is handed a clock.

mod dispute;
mod engine;
mod keys;
mod ledger;
mod limits;
mod merging;
mod pages;
mod permits;
mod shelf;
mod step;
mod writer;

pub use engine::{Applied, DocumentRules, Engine, Group, Refusal};
pub use limits::Limits;
pub use merging::{MergeByRules, Merging};
pub use permits::{Permits, Verdict, Who};
pub use writer::{Failure, Question, Sink, Threads, Writer};
