//! Links that let somebody set a password, once.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;

/// A link that nobody has used by then is worth nothing any more.
pub(super) const LINK_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// A one-time link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Until when it counts.
    pub until: UnixMillis,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To make the account of the one who looks after the relay.
    FirstAdmin,
    /// To give a user a new password.
    NewPassword(UserName),
}

impl Link {
    /// A link for somebody's new password.
    #[must_use]
    pub fn new_password(user: UserName, now: UnixMillis) -> Self {
        Link { until: now + LINK_LASTS, purpose: Purpose::NewPassword(user) }
    }

    pub(super) fn first_admin(now: UnixMillis) -> Self {
        Link { until: now + LINK_LASTS, purpose: Purpose::FirstAdmin }
    }
}
