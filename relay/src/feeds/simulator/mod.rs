//! A made-up market: thirty instruments in several currencies, with no account and no internet.
//!
//! Everything is a pure function of the seed and the time: what a price was an hour ago needs no
//! memory, so history agrees with what is live, across restarts and between relays of one seed.
//! **Nothing of it is real**: names and the order of magnitude of prices are familiar, the rest is
//! noise, and that goes for its history too.
//!
//! Exchanges keep a compressed trading day (an hour by default: about two and a half minutes before
//! the session, 53 minutes of trading, two and a half after, two and a half closed), each exchange
//! at its own time, so that there is always something open and every phase can be seen. A day's
//! worth of movement happens in a simulated day. Crypto assets and currencies trade all the time.
//! Shares are halted now and then for some seconds, and there are bursts of trading.
//!
//! | file | what lives there |
//! | --- | --- |
//! | `listing` | the instruments |
//! | `noise` | random numbers and random walks that can be read at any time |
//! | `day` | the trading day |
//! | `market` | prices, trades and quotes of one instrument at any time |
//! | `history` | bars and ticks of the past |
//! | `stream` | what happens between two times, for the symbols that are wanted |
//! | `run` | the task |

mod day;
mod history;
mod listing;
mod market;
mod noise;
mod run;
mod stream;

pub use history::History;
pub(super) use listing::instruments;
pub(super) use run::run;
pub use stream::Stream;
