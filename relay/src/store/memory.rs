//! The store in memory: as simple as a store can be, so that the real one can be compared with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidemark_shared::protocol::Epoch;

use super::{Changes, Keys, Order, Read, Store, StoreError, Visit};

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// A store that is gone with its process.
#[derive(Debug)]
pub struct MemoryStore {
    epoch: Epoch,
    records: Mutex<Arc<Records>>,
    turn: Mutex<()>,
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new(epoch: Epoch) -> Self {
        MemoryStore { epoch, records: Mutex::default(), turn: Mutex::new(()) }
    }

    fn records(&self) -> MutexGuard<'_, Arc<Records>> {
        // Whoever panicked with it has not changed it: it is replaced as a whole.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    type Snapshot = Arc<Records>;

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn snapshot(&self) -> Result<Arc<Records>, StoreError> {
        Ok(Arc::clone(&self.records()))
    }

    fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        let mut records = self.records();
        let changed = Arc::make_mut(&mut records);
        for (key, value) in changes {
            match value {
                Some(value) => changed.insert(key.clone(), value.clone()),
                None => changed.remove(key),
            };
        }
        Ok(())
    }

    fn turn(&self) -> &Mutex<()> {
        &self.turn
    }
}

impl Read for Arc<Records> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(Records::get(self, key).cloned())
    }

    fn scan(&self, keys: &Keys, order: Order, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        let within = self.range(keys.from.clone()..keys.before.clone());
        let visit = |(key, value): (&Vec<u8>, &Vec<u8>)| visit(key, value);
        let _ = match order {
            Order::Ascending => { within }.try_for_each(visit),
            Order::Descending => within.rev().try_for_each(visit),
        };
        Ok(())
    }
}
