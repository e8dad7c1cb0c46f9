//! From a venue's update to quotes, bars and history.
//!
//! [`Market`] is a state machine: reports and a time go in, [`Output`] comes out. On the way an
//! update is checked (`check`), trades that were told before are left out (`seen`), what is left
//! is joined into the instrument's quote (`composite`) and put into its bars (`series`). What is
//! published comes out a second time, some minutes later (`delay`).
//!
//! What must never be here: a socket, a clock, a thread, or how a venue spells things.

mod catalogue;
mod check;
mod composite;
mod dead_letters;
mod delay;
mod history;
mod late;
mod market;
mod overview;
mod pace;
mod queries;
mod seen;
mod series;
mod ticker;

pub use check::Rejection;
pub use dead_letters::DeadLetter;
pub use delay::Keep;
pub use market::{ADVANCE_EVERY, Figures, Market, Output, Touch};
