//! Upstream feeds: one file per venue, and the supervisor that all of them share.
//!
//! | file | what lives there |
//! | --- | --- |
//! | `config` | what an operator says about feeds; the catalogue of instruments |
//! | `venue` | what a venue's protocol is: a machine without I/O. [`binance`], [`coinbase`] |
//! | `collector` | the machine that runs any venue: `lifecycle` (when to connect), `interest` (what is wanted), `line` (one connection), `pace`, `tape` (numbering of trades), `status` |
//! | `supervisor`, `socket`, `port` | the same on tokio |
//! | [`simulator`] | a made-up market |
//! | `replay`, `recording` | a recorded session, played again |
//! | `past` | what feeds know of the time before they were started |
//! | `router` | who is told what is wanted |
//!
//! A new venue is a new file that implements [`Venue`], and a line in [`Source`] and [`start`].
//!
//! What must never be here: what becomes of an update. Validating, joining and keeping is the
//! pipeline's; a feed only says what the venue said.

pub mod binance;
pub mod coinbase;
mod collector;
mod config;
mod dead_letter;
mod first_data;
mod interest;
mod lifecycle;
mod line;
mod listings;
mod pace;
mod past;
mod port;
mod recording;
mod replay;
mod rfc3339;
mod router;
pub mod simulator;
mod socket;
mod start;
mod status;
mod supervisor;
mod tape;
mod update;
mod venue;

pub use config::{
    AtEnd, ConfigError, FeedConfig, InstrumentConfig, RecordedVenue, ReplayConfig, SimulatorConfig,
    Source, VenueConfig, catalogue,
};
pub use dead_letter::{DeadLetter, LetterBoxes};
pub use lifecycle::Patience;
pub use listings::Listings;
pub use past::Past;
pub use recording::{RecordedFrame, Recording};
pub use start::{Feeds, start, start_with};
pub use update::{Change, Origin, Report, Update};
pub use venue::{BadMessage, Fault, Output, Rules, Venue};
