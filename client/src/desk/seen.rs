//! What a user sees of a document before changing it. Every write carries it, so that a merge
//! knows what its author started from.

use std::collections::BTreeMap;

use tidemark_shared::documents::shape::together;
use tidemark_shared::documents::{
    Body, Change, Changes, ConflictStep, Draft, Entity, Field, MutationKind, Version,
    changes_between,
};
use tidemark_shared::outbox::View;

/// What was seen of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The confirmed version; [`Version::NONE`] for none, and for one that was deleted.
    pub(crate) version: Version,
    /// Its fields; absent when it is not there.
    pub(crate) body: Option<Body>,
}

impl Seen {
    /// What a view shows.
    pub(crate) fn of(view: Option<View>) -> Self {
        match view {
            Some(view) if !view.deleted => {
                let confirmed = view.confirmed.as_ref().filter(|document| !document.deleted);
                let version = confirmed.map_or(Version::NONE, |document| document.version);
                Seen { version, body: Some(view.body) }
            }
            _ => Seen::default(),
        }
    }

    /// The write that makes it `to`; absent to delete it. Changes only what is different.
    pub(crate) fn draft(&self, entity: Entity, to: Option<&Body>) -> Draft {
        let nothing = Body::default();
        let from = self.body.as_ref().unwrap_or(&nothing);
        let (kind, changes) = match to {
            Some(to) => {
                let mut changes = changes_between(from, to);
                name_all_together(entity.collection.as_str(), from, &mut changes);
                (MutationKind::Edit, changes)
            }
            None => {
                // A deletion names every field, so that it is seen when somebody has edited one.
                let gone =
                    |value: &serde_json::Value| Change { from: Some(value.clone()), to: None };
                let fields = from.0.iter().map(|(field, value)| (field.clone(), gone(value)));
                (MutationKind::Delete, fields.collect::<BTreeMap<_, _>>())
            }
        };
        Draft {
            kind,
            entity,
            base_version: self.version,
            changes,
            policy: None,
            valid_until: None,
            conflict: None,
        }
    }

    /// The write that changes nothing but a conflict's state.
    pub(crate) fn step(&self, entity: Entity, step: ConflictStep) -> Draft {
        let mut draft = self.draft(entity, self.body.as_ref());
        draft.conflict = Some(step);
        draft
    }
}

/// Fields that mean something only together are all named as soon as one of them changes.
fn name_all_together(collection: &str, from: &Body, changes: &mut Changes) {
    for group in together(collection) {
        if !group.iter().any(|name| changes.contains_key(*name)) {
            continue;
        }
        for field in group.iter().filter_map(|name| name.parse::<Field>().ok()) {
            let value = from.0.get(&field).cloned();
            changes.entry(field).or_insert_with(|| Change { from: value.clone(), to: value });
        }
    }
}

/// A body of some fields, for tests.
#[cfg(test)]
pub(super) fn body(fields: serde_json::Value) -> Body {
    serde_json::from_value(fields).unwrap()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_write_says_what_its_author_saw_of_what_it_changes_and_of_nothing_else() {
        let seen = Seen { version: Version(3), body: Some(body(json!({"name": "A", "n": 1}))) };
        let entity: Entity = "watchlists/main".parse().unwrap();
        let draft = seen.draft(entity.clone(), Some(&body(json!({"name": "B", "n": 1}))));
        assert_eq!(draft.base_version, Version(3));
        assert_eq!(draft.changes.len(), 1);
        let change = &draft.changes["name"];
        assert_eq!((change.from.clone(), change.to.clone()), (Some(json!("A")), Some(json!("B"))));
        let deletion = seen.draft(entity, None);
        assert_eq!(deletion.kind, MutationKind::Delete);
        assert!(deletion.changes.values().all(|change| change.to.is_none()));
        assert_eq!(deletion.changes.len(), 2);
    }

    #[test]
    fn half_a_condition_is_never_written() {
        let rule = |threshold: &str| {
            body(json!({
                "symbol": "A", "metric": "price", "op": "above", "threshold": threshold,
                "unit": "currency", "active": true,
            }))
        };
        let seen = Seen { version: Version(1), body: Some(rule("1")) };
        let draft = seen.draft("alert_rules/1".parse().unwrap(), Some(&rule("2")));
        let fields: Vec<&str> = draft.changes.keys().map(Field::as_str).collect();
        assert_eq!(fields, ["metric", "op", "symbol", "threshold", "unit"]);
    }

    #[test]
    fn what_is_not_there_is_made_from_nothing() {
        let draft =
            Seen::default().draft("notes/A".parse().unwrap(), Some(&body(json!({"text": ""}))));
        assert_eq!((draft.base_version, draft.kind), (Version::NONE, MutationKind::Edit));
        assert_eq!(draft.changes["text"].from, None);
    }
}
