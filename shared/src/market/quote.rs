//! The newest of an instrument: price, best bid and ask, day figures, and its trading phase.

use serde::{Deserialize, Serialize};

use super::{Price, Quantity};
use crate::clock::UnixMillis;

/// Who took liquidity in a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The taker bought.
    Buy,
    /// The taker sold.
    Sell,
}

/// What the market of an instrument is doing. A price that stands still means something else
/// in each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Continuous trading.
    #[default]
    Open,
    /// Before the regular session.
    Pre,
    /// After the regular session.
    Post,
    /// Trading in this instrument is stopped for now.
    Halted,
    /// No trading until the next session.
    Closed,
}

/// Everything that is newest of one instrument. Each quote replaces the one before it whole,
/// so that a slow reader may be given only the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Price of the last trade.
    pub price: Price,
    /// When the venue says the price came about.
    pub time: UnixMillis,
    /// Size of the last trade; absent when the price is no trade's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Quantity>,
    /// Who took liquidity in the last trade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Best bid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bid: Option<Price>,
    /// Best ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Price>,
    /// What the day's change is measured against: the previous close, or the price 24 h ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Price>,
    /// Highest price of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Price>,
    /// Lowest price of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Price>,
    /// Traded volume of the day, in units of the instrument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Quantity>,
    /// What the market is doing.
    #[serde(default)]
    pub phase: Phase,
}

impl Quote {
    /// A quote of which nothing but the price is known.
    #[must_use]
    pub fn of_price(price: Price, time: UnixMillis) -> Self {
        Quote {
            price,
            time,
            size: None,
            side: None,
            bid: None,
            ask: None,
            reference: None,
            high: None,
            low: None,
            volume: None,
            phase: Phase::Open,
        }
    }
}

/// One trade, as the history of an instrument keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// When the venue says it happened.
    pub time: UnixMillis,
    /// At what price.
    pub price: Price,
    /// How much.
    pub size: Quantity,
}
