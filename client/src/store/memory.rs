//! Keeps things until the page is closed: for browsers that refuse a database, and for tests.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::future::ready;

use super::{Entry, Keep, Later, Shelf};

/// Texts in memory.
#[derive(Default)]
pub(crate) struct Memory {
    shelves: RefCell<HashMap<Shelf, BTreeMap<String, String>>>,
}

impl Keep for Memory {
    fn read(&self, shelf: Shelf) -> Later<'_, Vec<(String, String)>> {
        let all = self.shelves.borrow().get(&shelf).cloned().unwrap_or_default();
        Box::pin(ready(Ok(all.into_iter().collect())))
    }

    fn write(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()> {
        let mut shelves = self.shelves.borrow_mut();
        let kept = shelves.entry(shelf).or_default();
        for (name, text) in entries {
            match text {
                Some(text) => _ = kept.insert(name, text),
                None => _ = kept.remove(&name),
            }
        }
        Box::pin(ready(Ok(())))
    }

    fn replace(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()> {
        self.shelves.borrow_mut().remove(&shelf);
        self.write(shelf, entries)
    }

    fn remove(&self) -> Later<'_, ()> {
        self.shelves.borrow_mut().clear();
        Box::pin(ready(Ok(())))
    }
}
