//! The newest of everything that the relay tells, as signals for the screen.
//!
//! Messages come as they like; the screen changes at most once per animation frame: what comes
//! between two frames waits in a map of latest values.
//!
//! What must never be here: markup, or a decision about the connection.

mod freshness;
mod ledger;
mod pending;
mod rows;
mod sparkline;
mod ticker;

pub(crate) use freshness::{Evidence, Freshness, Reach, is_down};
pub(crate) use ledger::Ledger;
pub(crate) use pending::Pending;
pub(crate) use rows::{Row, Rows};
pub(crate) use sparkline::Sparkline;
pub(crate) use ticker::{Direction, Origin, Ticker};
