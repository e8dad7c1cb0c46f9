//! One signal per document, per collection, and for the queue. They carry nothing: whoever is
//! woken by one reads the machine.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use leptos::prelude::*;
use tidemark_shared::documents::{Collection, Entity};

/// The signals.
#[derive(Default)]
pub(super) struct Signals {
    documents: RefCell<HashMap<Entity, ArcTrigger>>,
    collections: RefCell<HashMap<Collection, ArcTrigger>>,
    queue: ArcTrigger,
    /// Whether a document was there when it last changed.
    present: RefCell<HashMap<Entity, bool>>,
}

impl Signals {
    /// Follows one document.
    pub(super) fn track_document(&self, entity: &Entity) {
        let signal = self.documents.borrow_mut().entry(entity.clone()).or_default().clone();
        signal.track();
    }

    /// Follows which documents a collection has.
    pub(super) fn track_collection(&self, collection: &Collection) {
        let signal = self.collections.borrow_mut().entry(collection.clone()).or_default().clone();
        signal.track();
    }

    /// Follows the queue.
    pub(super) fn track_queue(&self) {
        self.queue.track();
    }

    /// The queue looks different.
    pub(super) fn queue_changed(&self) {
        self.queue.notify();
    }

    /// Documents look different. `is_there` says whether a document can be seen now.
    pub(super) fn documents_changed(
        &self,
        entities: &[Entity],
        is_there: impl Fn(&Entity) -> bool,
    ) {
        let mut moved = BTreeSet::new();
        for entity in entities {
            let is_there = is_there(entity);
            let before = self.present.borrow_mut().insert(entity.clone(), is_there);
            if before != Some(is_there) {
                moved.insert(entity.collection.clone());
            }
            // Cloned out: whoever is woken may ask for further signals.
            let signal = self.documents.borrow().get(entity).cloned();
            signal.iter().for_each(Notify::notify);
        }
        for collection in moved {
            let signal = self.collections.borrow().get(&collection).cloned();
            signal.iter().for_each(Notify::notify);
        }
    }
}
