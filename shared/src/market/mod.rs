//! What is traded and at what price: decimals, instruments, quotes, bars, the state of feeds.
//!
//! Money is never a float here: a venue's `"0.10"` stays `0.10` to the last digit and the last
//! zero. What must never be here: how a venue spells things (that is the relay's `feeds`).

mod bar;
mod decimal;
mod feed;
mod instrument;
mod quote;
mod window;

pub use bar::{Bar, Interval, UnknownInterval};
pub use decimal::{NotADecimal, Price, Quantity};
pub use feed::{FeedState, FeedStatus};
pub use instrument::{AssetClass, Instrument, InvalidSymbol, Symbol};
pub use quote::{Phase, Quote, Side, Tick};
pub use window::{BarWindow, CLOSE_GRACE_MS, Changed, FLAT_RUN_MAX, LATENESS_MS_MAX, roll_up};
