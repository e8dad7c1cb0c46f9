//! A rule of the operator's: for whom it is, and what it says.

use tidemark_shared::documents::{Collection, Tenant, UserName};

use super::pattern::TopicPattern;
use crate::auth::{Identity, Role, SignedInBy};

/// One rule. For each question the first rule counts that is for whoever asks and speaks of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// For whom it is.
    pub who: ForWhom,
    /// Whether what it names is allowed or denied.
    pub effect: Effect,
    /// Topics that it speaks of.
    pub topics: Vec<TopicPattern>,
    /// Collections of which it says whether they may be read.
    pub read: Vec<CollectionPattern>,
    /// Collections of which it says whether they may be written.
    pub write: Vec<CollectionPattern>,
    /// How the market is seen, where it says so.
    pub market: Option<MarketRight>,
}

/// For whom a rule is. All that is named must hold; where nothing is, it is for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForWhom {
    /// One user, with the tenant where there are some.
    pub user: Option<UserName>,
    /// Everybody of a tenant.
    pub tenant: Option<Tenant>,
    /// Who has a role.
    pub role: Option<Role>,
    /// Of whom a token says something.
    pub claim: Option<Claim>,
    /// Who has not said who they are.
    pub guests: bool,
}

/// What a token must say of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The claim.
    pub name: String,
    /// Its value, or one of its values.
    pub is: String,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// What it names is allowed.
    #[default]
    Allow,
    /// What it names is denied.
    Deny,
}

/// How somebody sees the market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MarketRight {
    /// As it is.
    #[default]
    Live,
    /// As it was some minutes ago.
    Delayed,
    /// Not at all.
    Nothing,
}

/// Collections that a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CollectionPattern {
    /// All of them.
    All,
    /// One.
    One(Collection),
}

impl ForWhom {
    /// Whether somebody is meant.
    #[must_use]
    pub fn is(&self, identity: &Identity) -> bool {
        let of_tenant =
            |tenant: &Tenant| identity.user.tenant().is_some_and(|own| own == tenant.as_str());
        let claims = |claim: &Claim| {
            identity.claims.get(&claim.name).is_some_and(|values| values.contains(&claim.is))
        };
        self.user.as_ref().is_none_or(|user| *user == identity.user)
            && self.tenant.as_ref().is_none_or(of_tenant)
            && self.role.as_ref().is_none_or(|role| identity.roles.contains(role))
            && self.claim.as_ref().is_none_or(claims)
            && (!self.guests || identity.by == SignedInBy::Nobody)
    }
}

impl CollectionPattern {
    /// The one that is meant, unless all are.
    #[must_use]
    pub const fn one(&self) -> Option<&Collection> {
        match self {
            CollectionPattern::All => None,
            CollectionPattern::One(one) => Some(one),
        }
    }
}
