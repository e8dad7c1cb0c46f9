//! A document as the user sees it: as the relay has it, with the user's own writes on top.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Item, ItemState};
use crate::documents::{
    Body, Collection, ConflictStep, Document, Entity, Field, MutationId, MutationKind, Outcome,
    Version,
};

/// A document as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its fields.
    pub body: Body,
    /// It was deleted; its body is empty.
    pub deleted: bool,
    /// As the relay has it; absent when it does not have it.
    pub confirmed: Option<Arc<Document>>,
    /// How far the writes on it have come: the one that has come least far counts.
    pub pending: Pending,
    /// The newest write on it that waits for the user.
    pub failed: Option<MutationId>,
}

/// How far the user's writes of a document have come. Later ones have come less far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pending {
    /// All are everywhere.
    #[default]
    Nothing,
    /// The relay has them all; not everybody has heard yet.
    Accepted,
    /// One is on its way.
    Sending,
    /// One is on this device only.
    Saved,
}

impl View {
    /// The version that a write on it names as its base.
    #[must_use]
    pub fn base_version(&self) -> Version {
        self.confirmed.as_ref().map_or(Version::NONE, |document| document.version)
    }

    /// As the relay has it, with the writes on top that the confirmed documents do not contain yet,
    /// oldest first.
    pub(super) fn of<'a>(
        entity: &Entity,
        confirmed: Option<&'a Arc<Document>>,
        items: impl Iterator<Item = &'a Item>,
    ) -> Self {
        let mut layers = Layers::of(confirmed);
        items.for_each(|item| layers.add(entity, item));
        let fields = layers.fields.into_iter();
        let mut body: Body = fields.map(|(field, value)| (field.clone(), value.clone())).collect();
        if let Some((state, field)) = layers.conflict.zip(body.0.get_mut("state")) {
            *field = Value::from(state);
        }
        View {
            body,
            deleted: layers.deleted,
            confirmed: confirmed.cloned(),
            pending: layers.pending,
            failed: layers.failed,
        }
    }
}

/// A document and writes on top. Borrowed: of a hundred writes of a field only the last is copied.
struct Layers<'a> {
    fields: BTreeMap<&'a Field, &'a Value>,
    deleted: bool,
    pending: Pending,
    failed: Option<MutationId>,
    /// The state of a conflict. The relay will set it in the same step as the document.
    conflict: Option<&'static str>,
}

impl<'a> Layers<'a> {
    fn of(confirmed: Option<&'a Arc<Document>>) -> Self {
        let fields = confirmed.into_iter().flat_map(|document| &document.body.0);
        Layers {
            fields: fields.collect(),
            deleted: confirmed.is_none_or(|document| document.deleted),
            pending: Pending::Nothing,
            failed: None,
            conflict: None,
        }
    }

    fn add(&mut self, entity: &Entity, item: &'a Item) {
        let (pending, lost) = match &item.state {
            _ if item.needs_user() => {
                self.failed = Some(item.mid());
                return;
            }
            ItemState::Saved => (Pending::Saved, [].as_slice()),
            ItemState::Sending { .. } => (Pending::Sending, [].as_slice()),
            ItemState::Decided { receipt, .. } => {
                (Pending::Accepted, lost_fields(&receipt.outcome))
            }
        };
        if item.is_withdrawn() {
            return;
        }
        self.pending = self.pending.max(pending);
        let draft = &item.mutation.draft;
        if draft.entity != *entity {
            self.conflict = match &draft.conflict {
                Some(ConflictStep::Resolves(_)) => Some("resolved"),
                Some(ConflictStep::Reopens(_)) => Some("open"),
                None => self.conflict,
            };
            return;
        }
        match draft.kind {
            MutationKind::Delete => {
                self.deleted = true;
                self.fields.clear();
            }
            MutationKind::Edit if draft.changes.is_empty() => {}
            MutationKind::Edit => {
                self.deleted = false;
                let wins = draft.changes.iter().filter(|(field, _)| !lost.contains(field));
                for (field, change) in wins {
                    match &change.to {
                        Some(value) => self.fields.insert(field, value),
                        None => self.fields.remove(field),
                    };
                }
            }
        }
    }
}

/// The documents that a write changes: its own, and the conflict that it resolves or reopens.
pub(super) fn entities_of(item: &Item) -> impl Iterator<Item = Entity> {
    let draft = &item.mutation.draft;
    let conflict = draft.conflict.as_ref().map(|step| {
        let (ConflictStep::Resolves(id) | ConflictStep::Reopens(id)) = step;
        Entity::new(Collection::conflicts(), id.clone())
    });
    std::iter::once(draft.entity.clone()).chain(conflict)
}

fn lost_fields(outcome: &Outcome) -> &[Field] {
    match outcome {
        Outcome::Merged { lost, .. } => lost,
        _ => &[],
    }
}
