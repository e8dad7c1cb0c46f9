//! One venue's protocol as a machine without I/O: text and a time go in, outputs come out.
//!
//! A venue knows how to say and read things on *one* connection. It never decides when to connect,
//! how fast to send, or which trades are repetitions: those rules are the same everywhere and live
//! in the [collector](super::collector).

use std::time::Duration;

use thiserror::Error;
use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::market::Symbol;
use tidemark_shared::session::Now;

use super::{Change, Origin};

/// The protocol of one venue on one connection.
pub trait Venue: Send {
    /// What its operator demands of clients.
    fn rules(&self) -> Rules;

    /// The address to connect to.
    fn endpoint(&self) -> &str;

    /// The same venue for another connection, of which nothing is known yet.
    fn another(&self) -> Box<dyn Venue>;

    /// Asks for symbols. The connection is open.
    fn subscribe(&mut self, symbols: &[Symbol], now: Now, out: &mut Vec<Output>);

    /// Gives symbols back. The connection is open.
    fn unsubscribe(&mut self, symbols: &[Symbol], now: Now, out: &mut Vec<Output>);

    /// Reads one text frame.
    ///
    /// # Errors
    /// When the frame is nothing that this venue says. The connection stays usable.
    fn handle(&mut self, frame: &str, now: Now, out: &mut Vec<Output>) -> Result<(), BadMessage>;

    /// When [`Venue::handle_timer`] is due, if ever.
    fn next_deadline(&self) -> Option<Moment>;

    /// Notices what did not come in time.
    fn handle_timer(&mut self, now: Now, out: &mut Vec<Output>);
}

/// What the operator of a venue demands of clients, and what they may expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Least time between two frames that we send.
    pub send_spacing: Duration,
    /// A healthy connection is never silent for longer, heartbeats and pings included.
    pub silence_max: Duration,
    /// The venue cuts older connections; absent when it doesn't.
    pub lifetime_max: Option<Duration>,
}

/// What a venue wants done, or what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this text frame, when pacing allows.
    Send(String),
    /// Something happened to an instrument.
    Happened {
        /// Which.
        symbol: Symbol,
        /// When, by the venue's clock; absent where it gives no time.
        at: Option<UnixMillis>,
        /// Whether it is news.
        origin: Origin,
        /// What.
        change: Change,
    },
    /// The venue said the number of an instrument's last trade without the trade.
    Numbered {
        /// Which instrument.
        symbol: Symbol,
        /// The number.
        last_trade: u64,
    },
    /// The venue accepted a subscription.
    Acknowledged(Vec<Symbol>),
    /// The venue will not serve this symbol; the others are not concerned.
    Refused {
        /// Which.
        symbol: Symbol,
        /// The venue's words.
        reason: String,
    },
    /// Accepted, but nothing came yet: perhaps the venue doesn't know the symbol.
    Silent(Symbol),
    /// The venue asks its clients to move to a new connection.
    Moving,
    /// The connection is of no use any more.
    Failed {
        /// Whether another one can help.
        fault: Fault,
        /// For people.
        reason: String,
    },
}

/// Whether a new connection can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The network's or the moment's: try again later.
    Passing,
    /// The configuration's, or the venue's for good: only the operator can change it.
    Lasting,
}

/// A frame that could not be read. The feed goes on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadMessage {
    /// It is no JSON, or a field is missing or has the wrong type.
    #[error("malformed: {reason}")]
    Malformed {
        /// What the reader stumbled over.
        reason: String,
    },
    /// It is an object, but of no kind that this venue sends.
    #[error("nothing that {venue} sends")]
    Unrecognised {
        /// The venue whose frame it should have been.
        venue: &'static str,
    },
    /// It belongs to another product of the same company, with another protocol.
    #[error("a message of {product}, which is another product")]
    OtherProduct {
        /// Which.
        product: &'static str,
    },
    /// A time that is no RFC 3339 time in UTC.
    #[error("not a time: {text:?}")]
    BadTime {
        /// What was read, cut after 40 characters.
        text: String,
    },
    /// A frame of a kind that carries no text.
    #[error("a binary frame of {length_bytes} bytes")]
    Binary {
        /// Its length.
        length_bytes: usize,
    },
}

impl From<serde_json::Error> for BadMessage {
    fn from(error: serde_json::Error) -> Self {
        BadMessage::Malformed { reason: error.to_string() }
    }
}
