//! The relay's own accounts: who has one, who has signed in with it, and what is banned.
//!
//! | file | |
//! | --- | --- |
//! | [`keeper`] | the room's front: hashes, decides, stores, then tells who has to go |
//! | [`book`] | all accounts, sessions, bans and links in memory, and every decision about them |
//! | [`at_rest`] | what an operator does to the accounts of a relay that does not run |
//! | [`records`] | how they lie in the store |
//! | [`account`], [`session`], [`ban`], [`link`] | what each of them is |
//! | [`password`] | what a password may be |
//! | [`hasher`] | Argon2, a few at a time |
//! | [`attempts`] | how often somebody may try |
//! | [`token`] | random secrets, and what they are known by |
//! | [`cookie`] | a session's secret on its way to the browser and back |
//! | [`refusal`] | why something was not done |
//!
//! A change is decided in the book, then stored, then made in the book: what the book says has
//! always survived. Only when a session was last used is stored later, at most a minute.
//!
//! What must never be here: routes and connections, what a user may see, and a password, a session's
//! secret or an e-mail address in a log, an error or a debug print.

pub mod account;
pub mod at_rest;
mod attempts;
pub mod ban;
mod book;
pub mod cookie;
mod hasher;
pub mod keeper;
pub mod link;
pub mod password;
mod records;
pub mod refusal;
pub mod session;
pub mod token;

pub use account::{Account, AccountChange};
pub use ban::Ban;
pub use cookie::{Channel, Cookies};
pub use keeper::{Accounts, Ended, SignedIn, Visitor};
pub use link::Link;
pub use password::Password;
pub use refusal::Refusal;
pub use session::SessionRules;
pub use token::{Fingerprint, Token};
