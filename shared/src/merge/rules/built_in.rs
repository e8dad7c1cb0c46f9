//! The rules that need no operator. Why each is as it is stands at [`Rules`].

use std::collections::BTreeMap;

use super::{CollectionRules, Rules};
use crate::documents::shape::together;
use crate::documents::{Collection, Field};
use crate::merge::Policy;

/// The built-in rules.
pub(super) fn rules() -> Rules {
    use Policy::{IdSet, LastWriteWins, Manual, Text, ThreeWay};
    let condition = ["symbol", "metric", "op", "threshold", "unit"].map(|field| (field, Manual));
    let known = [
        of(Collection::watchlists(), LastWriteWins, &[("items", IdSet)]),
        of(Collection::notes(), LastWriteWins, &[("text", Text)]),
        of(Collection::alert_rules(), LastWriteWins, &condition),
        of(Collection::layouts(), LastWriteWins, &[]),
        of(Collection::settings(), LastWriteWins, &[]),
    ];
    let others = CollectionRules { policy: ThreeWay, fields: BTreeMap::new(), groups: Vec::new() };
    Rules { known: known.into_iter().collect(), others }
}

fn of(
    collection: Collection,
    policy: Policy,
    fields: &[(&str, Policy)],
) -> (Collection, CollectionRules) {
    let fields = fields.iter().map(|(name, policy)| (field(name), policy.clone())).collect();
    let group = |group: &&[&str]| group.iter().map(|name| field(name)).collect();
    let groups = together(collection.as_str()).iter().map(group).collect();
    (collection, CollectionRules { policy, fields, groups })
}

fn field(name: &str) -> Field {
    name.parse().expect("fields of built-in rules are named as fields are")
}
