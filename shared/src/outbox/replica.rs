//! The documents as the relay has them, up to a position of its log.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::documents::{Delta, Document, Entity};
use crate::protocol::{Epoch, Position};

/// Confirmed documents, and where the log stands with them.
#[derive(Clone, Debug, Default)]
pub(super) struct Replica {
    pub(super) documents: BTreeMap<Entity, Arc<Document>>,
    pub(super) position: Option<Position>,
}

/// What a piece of the log is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It goes on where the reader stands.
    Follows,
    /// The reader has all of it.
    Old,
    /// Something is missing before it.
    Gap,
    /// It is of a log that began anew.
    OtherEpoch,
}

impl Replica {
    pub(super) fn new(documents: Vec<Document>, position: Option<Position>) -> Self {
        let named =
            documents.into_iter().map(|document| (document.entity.clone(), document.into()));
        Replica { documents: named.collect(), position }
    }

    pub(super) fn epoch(&self) -> Option<Epoch> {
        self.position.map(|position| position.epoch)
    }

    pub(super) fn fit(&self, delta: &Delta) -> Fit {
        match self.position {
            Some(at) if at.epoch != delta.epoch => Fit::OtherEpoch,
            Some(at) if delta.to <= at.sequence => Fit::Old,
            at if delta.follows(at) => Fit::Follows,
            _ => Fit::Gap,
        }
    }

    /// Takes in a piece that follows, and tells which documents are different now.
    pub(super) fn take(&mut self, delta: Delta) -> Vec<Arc<Document>> {
        self.position = Some(delta.position());
        let mut changed = Vec::new();
        for document in delta.documents {
            let known = self.documents.get(&document.entity);
            if known.is_some_and(|known| known.sequence >= document.sequence) {
                continue;
            }
            let document = Arc::new(document);
            self.documents.insert(document.entity.clone(), Arc::clone(&document));
            changed.push(document);
        }
        changed
    }
}
