//! Who this page is for, and how the relay is told: the relay's own accounts, tokens of the site
//! that the page belongs to, or nothing at all where accounts are only names.
//!
//! | file | |
//! | --- | --- |
//! | [`contract`] | what the relay says of a sign-in, and why it refuses one |
//! | [`deciding`] | whose page this is when it starts; pure |
//! | [`door`] | the relay's door: its requests of HTTP |
//! | [`secret`] | secrets that come in the page's own address, and leave it at once |
//! | [`token`] | tokens of the site: where they come from, when a newer one is wanted |
//!
//! What must never be here: markup; or a token, a password or a session kept anywhere but in memory.

mod contract;
mod deciding;
mod door;
mod secret;
mod token;

pub(crate) use contract::{DoorError, Mode, SessionInfo};
pub(crate) use deciding::{Arrival, Remembered, arrival};
pub(crate) use door::Door;
pub(crate) use secret::{Secret, take_secret};
pub(crate) use token::{TokenError, TokenUrl, renew_at};
