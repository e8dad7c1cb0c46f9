//! Keeps the queue until the page is closed: for browsers that refuse a database, and for tests.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::ready;

use tidemark_shared::documents::MutationId;
use tidemark_shared::outbox::{Done, Item, Meta, ROWS_SCHEMA, Write};

use super::vault::{Guarded, Rows, Vault, VaultError, transact};

/// Rows in memory.
#[derive(Default)]
pub(crate) struct MemoryVault {
    meta: RefCell<Option<Meta>>,
    items: RefCell<BTreeMap<MutationId, Item>>,
}

impl MemoryVault {
    /// A vault with some rows.
    pub(crate) fn holding(rows: Rows) -> Self {
        let vault = MemoryVault::default();
        *vault.meta.borrow_mut() = Some(rows.meta);
        vault.put(rows.items);
        vault
    }

    fn put(&self, items: Vec<Item>) {
        self.items.borrow_mut().extend(items.into_iter().map(|item| (item.mid(), item)));
    }

    fn rows(&self) -> Result<Rows, VaultError> {
        let meta = self.meta.borrow().clone().ok_or(VaultError::Wiped)?;
        if meta.schema > ROWS_SCHEMA {
            return Err(VaultError::Newer);
        }
        Ok(Rows { meta, items: self.items.borrow().values().cloned().collect() })
    }

    fn change(&self, write: &Write) -> Result<Done, VaultError> {
        let mut items = self.items.borrow_mut();
        let read = write.reads().map(|range| {
            let read = items.range(range);
            read.map(|(mid, item)| (*mid, item.clone())).collect()
        });
        let done = transact(self.meta.borrow().clone(), read.unwrap_or_default(), write)?;
        for mid in &done.removed {
            items.remove(mid);
        }
        for item in &done.put {
            items.insert(item.mid(), item.clone());
        }
        if let Some(meta) = &done.meta {
            *self.meta.borrow_mut() = Some(meta.clone());
        }
        Ok(done)
    }
}

impl Vault for MemoryVault {
    fn peek(&self) -> Guarded<'_, Option<Meta>> {
        Box::pin(ready(Ok(self.meta.borrow().clone())))
    }

    fn load(&self) -> Guarded<'_, Rows> {
        Box::pin(ready(self.rows()))
    }

    fn perform(&self, write: Write) -> Guarded<'_, Done> {
        Box::pin(ready(self.change(&write)))
    }

    fn begin_with(&self, rows: Rows) -> Guarded<'_, Rows> {
        if self.meta.borrow().is_none() {
            *self.meta.borrow_mut() = Some(rows.meta);
            self.put(rows.items);
        }
        Box::pin(ready(self.rows()))
    }

    /// Memory is not lost.
    fn when_lost(&self, _: Box<dyn Fn()>) {}

    fn remove(&self) -> Guarded<'_, ()> {
        *self.meta.borrow_mut() = None;
        self.items.borrow_mut().clear();
        Box::pin(ready(Ok(())))
    }
}
