//! Topic logs: what was published, numbered, encoded, and kept for a while.
//!
//! A reader is nothing but a cursor, the last sequence it was given; reading moves no memory.
//! What must never be here: a connection, a clock, or knowledge of who reads.

mod arena;
mod numbered;
mod retention;
mod topic_log;

pub use numbered::{Alias, Numbered};
pub use retention::{Retention, Window};
pub use topic_log::{Placement, Read, TopicLog};
