//! A document as the user sees it: as the relay has it, with the user's own writes on top.

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

    /// As the relay has it.
    pub(super) fn of(confirmed: Option<&Arc<Document>>) -> Self {
        View {
            body: confirmed.map(|document| document.body.clone()).unwrap_or_default(),
            deleted: confirmed.is_none_or(|document| document.deleted),
            confirmed: confirmed.cloned(),
            pending: Pending::Nothing,
            failed: None,
        }
    }

    /// With a write on top that the confirmed documents do not contain yet.
    pub(super) fn overlay(&mut self, entity: &Entity, item: &Item) {
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
            self.overlay_conflict_step(draft.conflict.as_ref());
            return;
        }
        match draft.kind {
            MutationKind::Delete => {
                self.deleted = true;
                self.body = Body::default();
            }
            MutationKind::Edit if draft.changes.is_empty() => {}
            MutationKind::Edit => {
                self.deleted = false;
                for (field, change) in &draft.changes {
                    if lost.contains(field) {
                        continue;
                    }
                    match &change.to {
                        Some(value) => self.body.0.insert(field.clone(), value.clone()),
                        None => self.body.0.remove(field),
                    };
                }
            }
        }
    }

    /// The relay will set the conflict's state in the same step as the document.
    fn overlay_conflict_step(&mut self, step: Option<&ConflictStep>) {
        let state = match step {
            Some(ConflictStep::Resolves(_)) => "resolved",
            Some(ConflictStep::Reopens(_)) => "open",
            None => return,
        };
        if let Some(field) = self.body.0.get_mut("state") {
            *field = Value::from(state);
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
