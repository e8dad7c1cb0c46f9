//! Changes that become true together.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{MutexGuard, PoisonError};

use super::{Keys, Order, Read, Store, StoreError, Visit};

/// What becomes of each record: its new value, or nothing when it goes away.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Changes on top of what is committed. They are seen by whoever reads from the transaction, and by
/// nobody else before they are committed; a transaction that is dropped has changed nothing.
///
/// They are kept in memory until then: a record that many writes of one group change is written
/// once, and all are written in the order of their keys.
pub struct Transaction<'s, S: Store> {
    store: &'s S,
    base: S::Snapshot,
    changes: Changes,
    _turn: MutexGuard<'s, ()>,
}

impl<'s, S: Store> Transaction<'s, S> {
    /// Begins a transaction; waits for the one before to end.
    ///
    /// # Errors
    /// When the store fails.
    pub fn begin(store: &'s S) -> Result<Self, StoreError> {
        // Whoever died in a transaction has changed nothing.
        let turn = store.turn().lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Transaction { base: store.snapshot()?, store, changes: Changes::new(), _turn: turn })
    }

    /// The store it changes.
    #[must_use]
    pub const fn store(&self) -> &'s S {
        self.store
    }

    /// Writes a record.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changes.insert(key, Some(value));
    }

    /// Takes a record away, if it is there.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.changes.insert(key, None);
    }

    /// Makes all of it durable.
    ///
    /// # Errors
    /// When the store fails. Whether the changes were made is known only after opening it again.
    pub fn commit(self) -> Result<(), StoreError> {
        match self.changes.is_empty() {
            true => Ok(()),
            false => self.store.write(&self.changes),
        }
    }
}

impl<S: Store> Read for Transaction<'_, S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.changes.get(key) {
            Some(changed) => Ok(changed.clone()),
            None => self.base.get(key),
        }
    }

    fn scan(&self, keys: &Keys, order: Order, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        let within = self.changes.range(keys.from.clone()..keys.before.clone());
        match order {
            Order::Ascending => {
                let comes_first = |ours: &[u8], theirs: &[u8]| ours <= theirs;
                weave(&self.base, keys, order, within, comes_first, visit)
            }
            Order::Descending => {
                let comes_first = |ours: &[u8], theirs: &[u8]| ours >= theirs;
                weave(&self.base, keys, order, within.rev(), comes_first, visit)
            }
        }
    }
}

/// Goes through the committed records and the changes side by side; a change hides the record that
/// it changes.
fn weave<'c>(
    base: &impl Read,
    keys: &Keys,
    order: Order,
    changes: impl Iterator<Item = (&'c Vec<u8>, &'c Option<Vec<u8>>)>,
    comes_first: impl Fn(&[u8], &[u8]) -> bool,
    visit: &mut Visit<'_>,
) -> Result<(), StoreError> {
    let mut changes = changes.peekable();
    let mut has_enough = false;
    base.scan(keys, order, &mut |key, value| {
        let mut is_hidden = false;
        while let Some((ours, changed)) = changes.next_if(|(ours, _)| comes_first(ours, key)) {
            is_hidden |= ours == key;
            if let Some(value) = changed
                && visit(ours, value).is_break()
            {
                has_enough = true;
                return ControlFlow::Break(());
            }
        }
        if !is_hidden && visit(key, value).is_break() {
            has_enough = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    while !has_enough && let Some((key, changed)) = changes.next() {
        has_enough = changed.as_ref().is_some_and(|value| visit(key, value).is_break());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidemark_shared::protocol::Epoch;

    use super::*;
    use crate::store::MemoryStore;

    fn seen(read: &impl Read, keys: &Keys, order: Order, most: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut seen = Vec::new();
        let visit = &mut |key: &[u8], value: &[u8]| {
            seen.push((key.to_vec(), value.to_vec()));
            if seen.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        read.scan(keys, order, visit).unwrap();
        seen
    }

    fn key() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(0_u8..3, 0..4)
    }

    fn changes() -> impl Strategy<Value = Changes> {
        let value = proptest::option::of(proptest::collection::vec(0_u8..9, 1..3));
        proptest::collection::btree_map(key(), value, 0..12)
    }

    proptest! {
        #[test]
        fn a_transaction_reads_as_if_it_were_committed(
            before in changes(), after in changes(), from in key(), until in key(), most in 1..5_usize,
        ) {
            let store = MemoryStore::new(Epoch(1));
            store.write(&before).unwrap();
            let mut transaction = Transaction::begin(&store).unwrap();
            for (key, value) in after {
                match value {
                    Some(value) => transaction.put(key, value),
                    None => transaction.remove(key),
                }
            }
            let keys = Keys { from: from.clone(), before: until };
            let orders = [Order::Ascending, Order::Descending];
            let read = orders.map(|order| seen(&transaction, &keys, order, most));
            let got = transaction.get(&from).unwrap();
            transaction.commit().unwrap();
            let snapshot = store.snapshot().unwrap();
            prop_assert_eq!(read, orders.map(|order| seen(&snapshot, &keys, order, most)));
            prop_assert_eq!(got, snapshot.get(&from).unwrap());
        }
    }

    #[test]
    fn a_dropped_transaction_has_changed_nothing() {
        let store = MemoryStore::new(Epoch(1));
        let mut transaction = Transaction::begin(&store).unwrap();
        transaction.put(b"a".to_vec(), b"1".to_vec());
        drop(transaction);
        assert_eq!(store.snapshot().unwrap().get(b"a"), Ok(None));
    }
}
