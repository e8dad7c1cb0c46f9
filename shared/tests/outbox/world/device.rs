//! A browser profile: the rows and the cache on its disk, and the tabs that are open.

use std::collections::BTreeMap;

use tidemark_shared::documents::{Document, Entity, GroupId, MutationId, UserName};
use tidemark_shared::outbox::{Done, Input, Item, Kept, Meta, Outbox, Write, WriteRefused};
use tidemark_shared::protocol::Position;

/// What a disk holds.
#[derive(Clone, Debug)]
pub struct Disk {
    pub meta: Meta,
    pub items: BTreeMap<MutationId, Item>,
    pub documents: BTreeMap<Entity, Document>,
    pub position: Option<Position>,
}

/// A browser profile.
#[derive(Debug)]
pub struct Device {
    pub disk: Disk,
    pub tabs: BTreeMap<TabId, Outbox>,
    /// How far its clock is from the relay's.
    pub skew_ms: i64,
    pub is_linked: bool,
}

/// A tab that was opened once. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TabId(pub u64);

impl Disk {
    pub fn new(user: UserName, group: GroupId) -> Self {
        let meta = Meta::new(user, group);
        Disk { meta, items: BTreeMap::new(), documents: BTreeMap::new(), position: None }
    }

    /// One transaction, as every shell makes it.
    pub fn perform(&mut self, write: &Write) -> Result<Done, WriteRefused> {
        let rows = write.reads().map_or_else(BTreeMap::new, |mids| {
            self.items.range(mids).map(|(mid, item)| (*mid, item.clone())).collect()
        });
        let done = write.perform(&self.meta, rows)?;
        if let Some(meta) = &done.meta {
            self.meta = meta.clone();
        }
        for mid in &done.removed {
            self.items.remove(mid);
        }
        for item in &done.put {
            assert!(item.mutation.is_intact(), "a row's hash is not its own");
            self.items.insert(item.mid(), item.clone());
        }
        Ok(done)
    }

    pub fn keep(&mut self, kept: Kept, documents: Vec<Document>, position: Position) {
        if kept == Kept::Replaced {
            self.documents.clear();
        }
        let named = documents.into_iter().map(|document| (document.entity.clone(), document));
        self.documents.extend(named);
        self.position = Some(position);
    }

    pub fn lose_cache(&mut self) {
        self.documents.clear();
        self.position = None;
    }

    pub fn loaded(&self) -> Input {
        Input::Loaded {
            meta: self.meta.clone(),
            items: self.items.values().cloned().collect(),
            documents: self.documents.values().cloned().collect(),
            position: self.position,
        }
    }

    pub fn reread(&self) -> Input {
        Input::Reread { meta: self.meta.clone(), items: self.items.values().cloned().collect() }
    }
}
