//! What a feed says, in words that no venue uses.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{FeedStatus, Phase, Price, Quantity, Side, Symbol};

/// Everything that feeds tell the pipeline. All feeds write to one bounded channel of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// Something happened to an instrument.
    Update(Update),
    /// The state of a feed changed, or its figures did (at most once a second).
    Status(FeedStatus),
    /// The venue was heard at this time, whatever it said: what we have of these symbols is true
    /// until then. Sent at most every five seconds.
    Alive {
        /// The feed.
        feed: String,
        /// The symbols it collects.
        symbols: Vec<Symbol>,
        /// When the venue was heard.
        heard: UnixMillis,
    },
}

/// Something happened to an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The instrument, by this relay's name for it.
    pub symbol: Symbol,
    /// The feed that says so.
    pub feed: String,
    /// When it happened by the venue's clock; the time of reception where the venue gives none.
    pub venue_time: UnixMillis,
    /// When the relay received it.
    pub received: UnixMillis,
    /// Whether it is news.
    pub origin: Origin,
    /// What happened.
    pub change: Change,
}

/// Whether an update is news, or what the venue tells every new subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It happened now.
    Live,
    /// It may be old (Coinbase `last_match`): it fills an empty screen, but is never counted as
    /// volume and never moves a price back in time.
    Snapshot,
}

/// What can happen to an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A trade.
    Trade {
        /// At what price.
        price: Price,
        /// How much.
        size: Quantity,
        /// Who took liquidity, where the venue says it.
        side: Option<Side>,
        /// The venue's number of the trade, for finding repetitions.
        id: Option<u64>,
    },
    /// The best bid and ask.
    Book {
        /// Best bid.
        bid: Price,
        /// Best ask.
        ask: Price,
    },
    /// Figures of the day. Absent ones are unknown, not zero.
    Day {
        /// What the change is measured against.
        reference: Option<Price>,
        /// Highest price.
        high: Option<Price>,
        /// Lowest price.
        low: Option<Price>,
        /// Volume in units of the instrument.
        volume: Option<Quantity>,
        /// The last price, where the venue gives it along: for instruments without trades.
        last: Option<Price>,
    },
    /// The market's phase.
    Phase(Phase),
}
