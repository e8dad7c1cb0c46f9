//! Who somebody is, and how the relay knows.
//!
//! | file | what lives there |
//! | --- | --- |
//! | [`identity`] | what is known of somebody who has signed in |
//! | [`gate`] | from what somebody presents to an identity, or to a refusal |
//! | [`presented`] | what a request presents: a header, an address |
//! | [`token`], [`claims`] | a token taken apart; who somebody is by it |
//! | [`issuer`], [`algorithm`] | whose tokens count, and how they may be signed |
//! | [`keys`], [`key_ring`], [`fetch`], [`issuers`] | keys; how they age; how they come; all of it together |
//! | [`tickets`] | what lets in once, by an address |
//! | [`sessions`], [`bans`] | what others tell the gate |
//! | [`masked`] | what of a request may be logged |
//!
//! What must never be here: what somebody may do once they are in.

mod algorithm;
mod bans;
mod claims;
mod fetch;
pub mod gate;
pub mod identity;
mod issuer;
mod issuers;
mod key_ring;
mod keys;
mod masked;
mod presented;
mod sessions;
mod tickets;
mod token;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use bans::{BanList, Bans};
pub use fetch::{InvalidUrl, JwksUrl};
pub use gate::{Gate, Mode};
pub use identity::{Credential, Identity, Role, SignedInBy};
pub use issuer::{InvalidIssuer, Issuer, KeySource, TenantRule};
pub use keys::InvalidKeys;
pub use masked::Masked;
pub use sessions::Sessions;
pub use tickets::TICKET_LASTS;
pub use token::{TOKEN_BYTES_MAX, TokenError};
