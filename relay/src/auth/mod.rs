//! Who somebody is, and how the relay knows.
//!
//! | file | what lives there |
//! | --- | --- |
//! | [`identity`] | what is known of somebody who has signed in |
//! | [`gate`] | from what somebody presents to an identity, or to a refusal |
//!
//! What must never be here: what somebody may do once they are in.

pub mod gate;
pub mod identity;

pub use gate::{Gate, Mode};
pub use identity::{Credential, Identity, Role, SignedInBy};
