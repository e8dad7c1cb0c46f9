//! What is known of somebody who has an account.

use std::collections::BTreeSet;
use std::fmt;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;

use super::Refusal;
use crate::auth::Role;

/// Most accounts of one relay: all of them are kept in memory.
pub(super) const ACCOUNTS_MAX: usize = 10_000;

/// Most roles of one account: rules go through them.
const ROLES_MAX: usize = 32;

/// An account of the relay's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Who: a name without a tenant.
    pub user: UserName,
    /// The password's Argon2 hash, in the PHC format.
    pub hash: String,
    /// What they are to the operator.
    pub roles: BTreeSet<Role>,
    /// Since when there is the account.
    pub created: UnixMillis,
    /// When they were last here.
    pub last_seen: Option<UnixMillis>,
    /// They are not let in any more.
    pub disabled: bool,
}

/// What is to become of an account. What is absent stays.
#[derive(Clone, Default)]
pub struct AccountChange {
    /// All of its roles.
    pub roles: Option<BTreeSet<Role>>,
    /// Whether it is let in.
    pub disabled: Option<bool>,
    /// Its password's hash.
    pub hash: Option<String>,
}

impl Account {
    /// Whether they may look after the relay, and can.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        !self.disabled && self.roles.iter().any(|role| role.as_str() == Role::ADMIN)
    }

    /// The same account with these changes.
    #[must_use]
    pub(super) fn with(self, change: AccountChange) -> Self {
        Account {
            roles: change.roles.unwrap_or(self.roles),
            disabled: change.disabled.unwrap_or(self.disabled),
            hash: change.hash.unwrap_or(self.hash),
            ..self
        }
    }
}

/// Nobody needs to see a hash.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account { user, roles, disabled, .. } = self;
        write!(f, "Account({user}, {roles:?}, disabled: {disabled})")
    }
}

/// The name of an account: not a tenant's, and not what guests are called.
pub(super) fn account_name(text: &str) -> Result<UserName, Refusal> {
    let user = UserName::in_tenant(text, None).map_err(|_| Refusal::NoName)?;
    match user.as_str().eq_ignore_ascii_case("guest") {
        true => Err(Refusal::NoName),
        false => Ok(user),
    }
}

/// The roles that somebody asks for.
pub(super) fn roles(texts: &[String]) -> Result<BTreeSet<Role>, Refusal> {
    match texts.len() <= ROLES_MAX {
        true => texts.iter().map(|text| text.parse().map_err(Refusal::Role)).collect(),
        false => Err(Refusal::TooManyRoles { max: ROLES_MAX }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_local_and_nobody_is_called_as_guests_are() {
        assert_eq!(account_name("alice").unwrap().as_str(), "alice");
        for bad in ["", "alice@acme", "guest", "Guest", "' OR 1=1 --", "a b", &"a".repeat(41)] {
            assert!(account_name(bad).is_err(), "{bad}");
        }
    }
}
