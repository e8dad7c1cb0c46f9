//! What is known of somebody who has signed in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;

/// Somebody who has signed in. Shared by all of a sign-in's connections, and never changed: a newer
/// sign-in is another one.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who, with the tenant.
    pub user: UserName,
    /// How the relay knows.
    pub by: SignedInBy,
    /// What they are to the operator.
    pub roles: BTreeSet<Role>,
    /// What a token says of them, as far as rules may look at it: its texts, numbers and switches,
    /// by name. A list is there once for each of its items.
    pub claims: BTreeMap<String, BTreeSet<String>>,
    /// When the sign-in ends; `None` when it does not.
    pub ends_at: Option<UnixMillis>,
    /// What can be banned, and is looked at again at a refresh; `None` for those who showed nothing.
    pub credential: Option<Credential>,
}

/// How the relay knows who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SignedInBy {
    /// It does not: nobody has said who they are.
    Nobody,
    /// It does not ask: demo accounts are whoever names them.
    Demo,
    /// A token of somebody whom the operator trusts.
    Token,
    /// A session of an account of the relay's own.
    Session,
}

/// What somebody is to the operator: `admin`, or a word of the operator's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(Arc<str>);

/// Names one sign-in: what can be banned. It is no secret: knowing it lets nobody in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Credential(pub Arc<str>);

/// A text that is no role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no role (1 to 64 of a-z, A-Z, 0-9 and . : - _ /)")]
pub struct InvalidRole(String);

/// Without what a token says of them, which may be an address: this goes into logs.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("user", &self.user)
            .field("by", &self.by)
            .field("roles", &self.roles)
            .field("claims", &self.claims.len())
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Somebody who has not said who they are.
    #[must_use]
    pub fn guest() -> Self {
        let user = "guest".parse().expect("it is a name");
        Identity::without_proof(user, SignedInBy::Nobody)
    }

    /// Somebody whom a relay with demo accounts takes at their word.
    #[must_use]
    pub fn demo(user: UserName) -> Self {
        Identity::without_proof(user, SignedInBy::Demo)
    }

    /// Whether they have a role.
    #[must_use]
    pub fn is(&self, role: &str) -> bool {
        self.roles.iter().any(|has| has.as_str() == role)
    }

    fn without_proof(user: UserName, by: SignedInBy) -> Self {
        let (roles, claims) = (BTreeSet::new(), BTreeMap::new());
        Identity { user, by, roles, claims, ends_at: None, credential: None }
    }
}

impl Role {
    /// Who may look after the relay itself.
    pub const ADMIN: &'static str = "admin";

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        const BYTES_MAX: usize = 64;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:-_/".contains(&byte);
        if text.is_empty() || text.len() > BYTES_MAX || !text.bytes().all(allowed) {
            return Err(InvalidRole(text.chars().take(BYTES_MAX).collect()));
        }
        Ok(Role(text.into()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
