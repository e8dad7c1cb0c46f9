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

#[cfg(test)]
mod tests {
    use tidemark_shared::clock::{Stamp, UnixMillis};
    use tidemark_shared::documents::GroupId;

    use super::*;
    use crate::store::keeper::tests::now;

    fn rows(group: u128) -> Rows {
        let user = "alice".parse().unwrap();
        Rows { meta: Meta::new(user, GroupId::from_bits(group)), items: Vec::new() }
    }

    fn write() -> Write {
        let draft = serde_json::from_str(
            r#"{"kind":"edit","entity":"notes/AAPL","base_version":0,
                "changes":{"text":{"to":"Buy"}}}"#,
        );
        let drafts = vec![draft.unwrap()];
        Write::Enqueue { drafts, now: UnixMillis(5), seen: Stamp::default() }
    }

    #[test]
    fn a_vault_that_was_thrown_away_says_so_and_takes_back_what_is_known() {
        let vault = MemoryVault::holding(rows(1));
        now(vault.perform(write())).unwrap();
        let known = now(vault.load()).unwrap();
        now(vault.remove()).unwrap();
        assert_eq!(now(vault.perform(write())), Err(VaultError::Wiped));
        assert_eq!(now(vault.begin_with(known.clone())).unwrap(), known);
        // Another tab was slower: what is there stays.
        assert_eq!(now(vault.begin_with(rows(2))).unwrap(), known);
        assert_eq!(now(vault.perform(write())).unwrap().put.len(), 1);
    }

    #[test]
    fn rows_of_a_newer_version_are_neither_read_nor_changed() {
        let mut newer = rows(1);
        newer.meta.schema = ROWS_SCHEMA + 1;
        let vault = MemoryVault::holding(newer);
        assert_eq!(now(vault.load()), Err(VaultError::Newer));
        assert_eq!(now(vault.perform(write())), Err(VaultError::Newer));
    }
}
