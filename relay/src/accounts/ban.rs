//! What must not be let in any more, whoever shows it.

use serde::{Deserialize, Serialize};
use tidemark_shared::clock::UnixMillis;

use super::Refusal;
use crate::auth::Credential;

/// Most bans at a time: all of them are kept in memory, and each sign-in asks them.
pub(super) const BANS_MAX: usize = 10_000;

/// Longest name of a credential: a token's is its issuer's name and its id.
const CREDENTIAL_BYTES_MAX: usize = 512;

/// Longest reason: a sentence or two.
const REASON_BYTES_MAX: usize = 500;

/// A credential that counts for nothing, until a time or for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Since when.
    pub at: UnixMillis,
    /// Who said so.
    pub by: String,
    /// Until when; absent: for good.
    pub until: Option<UnixMillis>,
    /// Why, for those who look after the relay.
    pub reason: String,
}

impl Ban {
    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self, now: UnixMillis) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// The credential that a text names.
pub(super) fn credential(text: &str) -> Result<Credential, Refusal> {
    let is_plain = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    match !text.is_empty() && text.len() <= CREDENTIAL_BYTES_MAX && is_plain {
        true => Ok(Credential(text.into())),
        false => Err(Refusal::NoCredential),
    }
}

/// A ban of one who looks after the relay.
pub(super) fn ban(
    by: &str,
    reason: String,
    until: Option<UnixMillis>,
    now: UnixMillis,
) -> Result<Ban, Refusal> {
    if reason.len() > REASON_BYTES_MAX {
        return Err(Refusal::LongReason { max: REASON_BYTES_MAX });
    }
    let ban = Ban { at: now, by: by.to_owned(), until, reason };
    match ban.is_over(now) {
        true => Err(Refusal::BanIsOver),
        false => Ok(ban),
    }
}
