//! The sentences of those who are refused: what was not done, and what to do.

use std::time::Duration;

use tidemark_shared::market::Symbol;
use tidemark_shared::protocol::{ErrorCode, Pattern, WireError};

use crate::auth::{Identity, SignedInBy};
use crate::spoken::how_long;

/// Another user's.
pub(super) fn of_another(pattern: &Pattern) -> WireError {
    forbidden(format!(
        "{pattern} belongs to another user; nothing was subscribed: ask for your own, or sign in as \
         them"
    ))
}

/// What a rule of the operator's denies.
pub(super) fn denied(what: impl std::fmt::Display, undone: &str, identity: &Identity) -> WireError {
    let way_out = match identity.by {
        SignedInBy::Nobody => "sign in, or ask who runs this relay for it",
        _ => "ask who runs this relay for it",
    };
    forbidden(format!("you are not allowed {what} here; {undone}: {way_out}"))
}

/// A price that is too new.
pub(super) fn too_new(what: &str, delay: Duration, symbol: Option<&Symbol>) -> WireError {
    let late = how_long(delay);
    let way_out = match symbol {
        Some(symbol) => format!("subscribe to delayed:{symbol} instead"),
        None => "ask for single instruments instead".to_owned(),
    };
    forbidden(format!(
        "prices are {late} late for you, and {what} is not; nothing was subscribed: {way_out}"
    ))
}

pub(super) fn forbidden(message: String) -> WireError {
    WireError::new(ErrorCode::Forbidden, message)
}
