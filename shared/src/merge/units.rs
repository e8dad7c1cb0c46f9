//! Which fields of a write are decided together.

use super::{CollectionRules, FieldOverlap, Policy};
use crate::documents::{Document, Draft, Field, GroupId};

/// A field that is decided by itself, or a group that is decided as one.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    /// Its fields: of a group also those that the write does not name.
    pub(super) fields: Vec<FieldOverlap<'a>>,
    /// The collection's policy for it.
    pub(super) policy: &'a Policy,
    /// Some of the group's fields may have been changed since without that it can be seen.
    pub(super) is_in_doubt: bool,
}

impl Unit<'_> {
    /// Whether the write wants something of it that is not so yet.
    pub(super) fn is_wanted(&self) -> bool {
        self.fields.iter().any(|field| field.base != field.mine)
            && self.fields.iter().any(|field| field.mine != field.theirs)
    }

    /// Whether others have, or may have, changed it since.
    pub(super) fn was_changed(&self) -> bool {
        self.is_in_doubt || self.fields.iter().any(|field| field.base != field.theirs)
    }
}

/// What a write touches of a document, unit by unit.
pub(super) fn units<'a>(
    rules: &'a CollectionRules,
    draft: &'a Draft,
    group: &GroupId,
    there: &'a Document,
) -> Vec<Unit<'a>> {
    let mut units = Vec::new();
    for fields in rules.groups() {
        if fields.iter().any(|field| draft.changes.contains_key(field)) {
            let is_whole = fields.iter().all(|field| draft.changes.contains_key(field));
            units.push(Unit {
                fields: fields.iter().map(|field| overlap(field, draft, there)).collect(),
                policy: rules.policy_of_group(fields),
                is_in_doubt: !is_whole && !is_as_seen(draft, group, there),
            });
        }
    }
    let in_groups = |field: &Field| rules.groups().iter().any(|group| group.contains(field));
    units.extend(draft.changes.keys().filter(|field| !in_groups(field)).map(|field| Unit {
        fields: vec![overlap(field, draft, there)],
        policy: rules.policy_of(field),
        is_in_doubt: false,
    }));
    units
}

/// A field that the write does not name is taken as unchanged by both.
fn overlap<'a>(field: &'a Field, draft: &'a Draft, there: &'a Document) -> FieldOverlap<'a> {
    let theirs = there.body.0.get(field);
    match draft.changes.get(field) {
        Some(change) => {
            FieldOverlap { field, base: change.from.as_ref(), mine: change.to.as_ref(), theirs }
        }
        None => FieldOverlap { field, base: theirs, mine: theirs, theirs },
    }
}

/// Whether the author knew the document as it is in the fields that the write does not name: it is
/// the version that it saw, or its own queue has brought it to where it is.
fn is_as_seen(draft: &Draft, group: &GroupId, there: &Document) -> bool {
    there.version == draft.base_version || there.author.group == *group
}
