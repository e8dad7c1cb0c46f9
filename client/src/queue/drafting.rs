//! How an edit becomes a draft: what the user saw, and what the user wants.

use tidemark_shared::documents::{
    Body, Change, Changes, Draft, Entity, MutationKind, Version, changes_between,
};

/// The draft that makes `from` into `to`; nothing when they are the same.
pub(super) fn edit(entity: Entity, base: Version, from: &Body, to: &Body) -> Option<Draft> {
    let changes = changes_between(from, to);
    (!changes.is_empty()).then(|| draft(MutationKind::Edit, entity, base, changes))
}

/// The draft that takes a document away as it was seen: a later change of somebody else's is then
/// noticed.
pub(super) fn removal(entity: Entity, base: Version, seen: &Body) -> Draft {
    let away = |value: &serde_json::Value| Change { from: Some(value.clone()), to: None };
    let changes = seen.0.iter().map(|(field, value)| (field.clone(), away(value))).collect();
    draft(MutationKind::Delete, entity, base, changes)
}

const fn draft(kind: MutationKind, entity: Entity, base: Version, changes: Changes) -> Draft {
    Draft {
        kind,
        entity,
        base_version: base,
        changes,
        policy: None,
        valid_until: None,
        conflict: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(json: &str) -> Body {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_edit_says_only_what_is_different() {
        let entity: Entity = "notes/AAPL".parse().unwrap();
        let (from, to) = (body(r#"{"a":"1","b":"2"}"#), body(r#"{"a":"1","b":"3"}"#));
        let draft = edit(entity.clone(), Version(4), &from, &to).unwrap();
        assert_eq!(draft.changes.len(), 1);
        assert_eq!(draft.base_version, Version(4));
        assert_eq!(edit(entity, Version(4), &from, &from), None);
    }

    #[test]
    fn a_removal_names_all_that_was_seen() {
        let draft =
            removal("notes/AAPL".parse().unwrap(), Version(1), &body(r#"{"a":"1","b":[]}"#));
        assert_eq!(draft.kind, MutationKind::Delete);
        assert!(draft.changes.values().all(|change| change.from.is_some() && change.to.is_none()));
        assert_eq!(draft.changes.len(), 2);
    }
}
