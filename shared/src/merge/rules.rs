//! The rules of every collection: built in, and as the relay's operator has them.

mod built_in;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Policy, Strategies};
use crate::documents::{Collection, Field};

/// The rules of all collections.
///
/// | collection | when two have changed the same |
/// | --- | --- |
/// | `watchlists` | `items` join as a set that has an order; the later name and position count |
/// | `notes` | `text` is merged line by line, else the user decides; of all else the later counts |
/// | `alert_rules` | the condition with its symbol is one: the user decides; of all else the later counts |
/// | `layouts`, `settings` | field by field the later counts: a look is not worth a question |
/// | any other | values are merged all the way down, else the user decides |
///
/// Where the later counts, the earlier stays readable in the document's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    known: BTreeMap<Collection, CollectionRules>,
    others: CollectionRules,
}

/// The rules of one collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionRules {
    policy: Policy,
    fields: BTreeMap<Field, Policy>,
    groups: Vec<BTreeSet<Field>>,
}

/// What the relay's operator says about one collection. What is not said stays as it is built in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// How fields are settled that have no policy of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// How these fields are settled.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Field, Policy>,
    /// Fields that mean something only together, in place of the built-in groups. They are settled
    /// as the one of them that has a policy of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Vec<Field>>>,
}

/// Rules that cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RulesError {
    /// Nobody has registered it.
    #[error(
        "the rules of {collection} name {name:?}, which is neither a built-in policy nor a \
         registered strategy (built in: client_wins, server_wins, last_write_wins, three_way, \
         manual, id_set, text; registered: {registered})"
    )]
    UnknownStrategy {
        /// Whose rules.
        collection: Collection,
        /// The name.
        name: String,
        /// The names that there are.
        registered: String,
    },
    /// A group without fields.
    #[error("the rules of {collection} have a group without fields")]
    EmptyGroup {
        /// Whose rules.
        collection: Collection,
    },
    /// A field cannot go with two groups.
    #[error("the rules of {collection} have {field} in more than one place of their groups")]
    InTwoGroups {
        /// Whose rules.
        collection: Collection,
        /// Which field.
        field: Field,
    },
    /// A group is settled as one, so it has one policy.
    #[error(
        "the rules of {collection} have {one} and {other} in one group, but with different \
         policies"
    )]
    GroupDisagrees {
        /// Whose rules.
        collection: Collection,
        /// A field.
        one: Field,
        /// Another one of the same group.
        other: Field,
    },
    /// `id_set` and `text` look into one value.
    #[error(
        "the rules of {collection} settle the group of {field} by {policy}, which is for one field"
    )]
    NotForGroups {
        /// Whose rules.
        collection: Collection,
        /// A field of the group.
        field: Field,
        /// Its policy.
        policy: Policy,
    },
    /// Conflicts are what merging leaves over.
    #[error("conflicts are written by the relay only, and are never merged")]
    ConflictsAreNotMerged,
}

impl Rules {
    /// The built-in rules, changed by what the operator says.
    ///
    /// # Errors
    /// When they cannot be kept; then nothing should be merged at all.
    pub fn new(
        settings: &BTreeMap<Collection, RuleSettings>,
        strategies: &Strategies,
    ) -> Result<Self, RulesError> {
        let mut rules = Rules::default();
        for (collection, settings) in settings {
            if *collection == Collection::conflicts() {
                return Err(RulesError::ConflictsAreNotMerged);
            }
            let changed = rules.of(collection).clone().changed_by(settings);
            changed.check(collection, strategies)?;
            rules.known.insert(collection.clone(), changed);
        }
        Ok(rules)
    }

    /// A collection's rules.
    #[must_use]
    pub fn of(&self, collection: &Collection) -> &CollectionRules {
        self.known.get(collection).unwrap_or(&self.others)
    }
}

impl Default for Rules {
    /// What is built in.
    fn default() -> Self {
        built_in::rules()
    }
}

impl CollectionRules {
    /// How a field is settled by itself.
    #[must_use]
    pub fn policy_of(&self, field: &Field) -> &Policy {
        self.fields.get(field).unwrap_or(&self.policy)
    }

    /// How a group is settled.
    #[must_use]
    pub fn policy_of_group(&self, group: &BTreeSet<Field>) -> &Policy {
        group.iter().find_map(|field| self.fields.get(field)).unwrap_or(&self.policy)
    }

    /// Fields that mean something only together.
    #[must_use]
    pub fn groups(&self) -> &[BTreeSet<Field>] {
        &self.groups
    }

    fn changed_by(mut self, settings: &RuleSettings) -> Self {
        if let Some(policy) = &settings.policy {
            self.policy = policy.clone();
        }
        if let Some(groups) = &settings.groups {
            self.groups = groups.iter().map(|group| group.iter().cloned().collect()).collect();
        }
        for (field, policy) in &settings.fields {
            self.fields.insert(field.clone(), policy.clone());
        }
        self
    }

    fn check(&self, collection: &Collection, strategies: &Strategies) -> Result<(), RulesError> {
        for policy in self.fields.values().chain([&self.policy]) {
            self::known(policy, collection, strategies)?;
        }
        let mut seen = BTreeSet::new();
        for group in &self.groups {
            if let Some(field) = group.iter().find(|field| !seen.insert(*field)) {
                let (collection, field) = (collection.clone(), field.clone());
                return Err(RulesError::InTwoGroups { collection, field });
            }
            self.check_group(group, collection)?;
        }
        Ok(())
    }

    fn check_group(
        &self,
        group: &BTreeSet<Field>,
        collection: &Collection,
    ) -> Result<(), RulesError> {
        let collection = || collection.clone();
        let Some(first) = group.first() else {
            return Err(RulesError::EmptyGroup { collection: collection() });
        };
        let policy = self.policy_of_group(group);
        let mut own = group.iter().filter(|field| self.fields.contains_key(*field));
        if let Some(one) = own.next()
            && let Some(other) = own.find(|other| self.policy_of(other) != policy)
        {
            let (one, other) = (one.clone(), other.clone());
            return Err(RulesError::GroupDisagrees { collection: collection(), one, other });
        }
        match policy {
            Policy::IdSet | Policy::Text if group.len() > 1 => {
                let (field, policy) = (first.clone(), policy.clone());
                Err(RulesError::NotForGroups { collection: collection(), field, policy })
            }
            _ => Ok(()),
        }
    }
}

fn known(
    policy: &Policy,
    collection: &Collection,
    strategies: &Strategies,
) -> Result<(), RulesError> {
    match policy {
        Policy::Strategy(name) if strategies.get(name).is_none() => {
            let registered: Vec<&str> = strategies.names().collect();
            let none = || "none".to_owned();
            Err(RulesError::UnknownStrategy {
                collection: collection.clone(),
                name: name.as_ref().to_owned(),
                registered: if registered.is_empty() { none() } else { registered.join(", ") },
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
