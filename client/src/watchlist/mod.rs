//! The instruments that the user watches, in the user's order.
//!
//! What must never be here: prices (those are the board's) or pixels.

mod list;
mod window;

pub(crate) use list::{AddRefused, LISTED_MAX, Step, Watchlist};
pub(crate) use window::Window;
