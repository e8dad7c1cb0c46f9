//! What outlives a page: the rows of the queue, and the documents that were kept. Nothing changes
//! it but a whole transaction.

use std::collections::BTreeMap;

use tidemark_shared::documents::{Document, Entity, GroupId, MutationId, UserName};
use tidemark_shared::outbox::{Done, Input, Item, Kept, Meta, Write, WriteRefused};
use tidemark_shared::protocol::Position;

/// Both databases of one browser profile, for one user.
#[derive(Clone, Debug)]
pub struct Database {
    /// The row about the queue.
    pub meta: Meta,
    /// The rows.
    pub items: BTreeMap<MutationId, Item>,
    /// The cache: documents as they were confirmed.
    pub documents: BTreeMap<Entity, Document>,
    /// Where the document log stood with them.
    pub position: Option<Position>,
}

impl Database {
    /// An empty one.
    #[must_use]
    pub fn new(user: UserName, group: GroupId) -> Self {
        let meta = Meta::new(user, group);
        Database { meta, items: BTreeMap::new(), documents: BTreeMap::new(), position: None }
    }

    /// A transaction that changes rows.
    ///
    /// # Errors
    /// When the rows do not allow it.
    pub fn change(&mut self, write: &Write) -> Result<Done, WriteRefused> {
        let read = |range| self.items.range(range).map(|(mid, item)| (*mid, item.clone()));
        let rows = write.reads().into_iter().flat_map(read).collect();
        let done = write.perform(&self.meta, rows)?;
        self.put(&done);
        Ok(done)
    }

    /// Stores what a write says.
    pub fn put(&mut self, done: &Done) {
        if let Some(meta) = &done.meta {
            self.meta = meta.clone();
        }
        for mid in &done.removed {
            self.items.remove(mid);
        }
        for item in &done.put {
            self.items.insert(item.mid(), item.clone());
        }
    }

    /// A transaction that keeps confirmed documents.
    pub fn keep(&mut self, kept: Kept, documents: Vec<Document>, position: Position) {
        if kept == Kept::Replaced {
            self.documents.clear();
        }
        let named = documents.into_iter().map(|document| (document.entity.clone(), document));
        self.documents.extend(named);
        self.position = Some(position);
    }

    /// The browser needed the space.
    pub fn lose_cache(&mut self) {
        self.documents.clear();
        self.position = None;
    }

    /// What a page reads when it starts.
    #[must_use]
    pub fn loaded(&self) -> Input {
        Input::Loaded {
            meta: self.meta.clone(),
            items: self.items.values().cloned().collect(),
            documents: self.documents.values().cloned().collect(),
            position: self.position,
        }
    }

    /// What a page reads when it has missed something.
    #[must_use]
    pub fn reread(&self) -> Input {
        let items = self.items.values().cloned().collect();
        Input::Reread { meta: self.meta.clone(), items }
    }
}
