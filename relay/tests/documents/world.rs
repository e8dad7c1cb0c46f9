//! An engine over a store in memory.

use std::sync::Arc;

use tidemark_relay::documents::{Applied, DocumentRules, Engine, Limits, Refusal};
use tidemark_relay::store::MemoryStore;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{Conflict, DocumentId, Entity, Outcome, Push, Receipt, UserName};
use tidemark_shared::documents::{Delta, Document, Draft};
use tidemark_shared::protocol::{Epoch, Position};

use crate::device::Device;
use crate::plain_merging::PlainMerging;

pub const EPOCH: Epoch = Epoch(7);
pub const NOW: UnixMillis = UnixMillis(1_000_000);

pub struct World {
    pub engine: Engine<MemoryStore, PlainMerging>,
    pub now: UnixMillis,
}

impl World {
    pub fn new() -> Self {
        World::with(Limits { receipts_kept: 0, ..Limits::default() })
    }

    pub fn with(limits: Limits) -> Self {
        let rules = DocumentRules { merging: PlainMerging, limits };
        World { engine: Engine::new(Arc::new(MemoryStore::new(EPOCH)), rules), now: NOW }
    }

    /// One push, in a group of its own.
    pub fn try_push(&self, user: &UserName, push: &Push) -> Result<Applied, Refusal> {
        let mut group = self.engine.begin()?;
        let applied = group.apply(user, push, self.now)?;
        group.commit()?;
        Ok(applied)
    }

    pub fn push(&self, user: &UserName, push: &Push) -> Applied {
        self.try_push(user, push).unwrap()
    }

    /// One write, pushed by itself.
    pub fn write(&self, device: &mut Device, draft: Draft) -> Receipt {
        let mutation = device.write(draft);
        let mut pushed = self.push(&device.user, &device.push([mutation])).pushed;
        assert_eq!(pushed.nack, None);
        pushed.receipts.pop().unwrap()
    }

    pub fn outcome(&self, device: &mut Device, draft: Draft) -> Outcome {
        self.write(device, draft).outcome
    }

    /// Everything that a device without anything is told.
    pub fn documents(&self, user: &UserName) -> Vec<Document> {
        self.deltas(user, None).into_iter().flat_map(|delta| delta.documents).collect()
    }

    /// The answers to asking until nothing is missing.
    pub fn deltas(&self, user: &UserName, after: Option<Position>) -> Vec<Delta> {
        let mut deltas = vec![self.engine.documents(user, after).unwrap()];
        while let Some(last) = deltas.last().filter(|last| last.to < last.head) {
            deltas.push(self.engine.documents(user, Some(last.position())).unwrap());
        }
        deltas
    }

    pub fn document(&self, user: &UserName, entity: &Entity) -> Option<Document> {
        self.documents(user).into_iter().find(|document| document.entity == *entity)
    }

    pub fn conflict(&self, user: &UserName, id: &DocumentId) -> Conflict {
        let entity = format!("conflicts/{id}").parse().unwrap();
        Conflict::of_body(&self.document(user, &entity).unwrap().body).unwrap()
    }
}
