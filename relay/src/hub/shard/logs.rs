//! The logs of a shard, and who reads each of them.

use std::sync::Arc;

use tidemark_shared::clock::UnixMillis;

use crate::log::{Alias, Numbered, TopicLog};

/// The logs by alias. Aliases are dense, so this is an array with holes.
#[derive(Debug, Default)]
pub(super) struct Logs {
    slots: Vec<Option<Slot>>,
    /// Logs that got something since readers were last marked.
    dirty: Vec<Alias>,
}

#[derive(Debug)]
struct Slot {
    log: TopicLog,
    readers: Vec<Reader>,
    dirty: bool,
}

/// A cursor that stands in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reader {
    /// The place of its connection.
    pub(super) place: u32,
    /// Its index among the connection's cursors.
    pub(super) cursor: u32,
}

impl Logs {
    pub(super) fn has(&self, alias: Alias) -> bool {
        self.slot(alias).is_some()
    }

    pub(super) fn get(&self, alias: Alias) -> Option<&TopicLog> {
        self.slot(alias).map(|slot| &slot.log)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &TopicLog> {
        self.slots.iter().flatten().map(|slot| &slot.log)
    }

    pub(super) fn insert(&mut self, log: TopicLog) {
        let index = log.alias().index();
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, || None);
        }
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = Some(Slot { log, readers: Vec::new(), dirty: false });
        }
    }

    pub(super) fn append(&mut self, message: &Arc<Numbered>) {
        let Some(slot) = self.slot_mut(message.alias) else { return };
        slot.log.append(message);
        if !slot.dirty && !slot.readers.is_empty() {
            slot.dirty = true;
            self.dirty.push(message.alias);
        }
    }

    pub(super) fn touch(&mut self, alias: Alias, as_of: UnixMillis) {
        if let Some(slot) = self.slot_mut(alias) {
            slot.log.touch(as_of);
        }
    }

    pub(super) fn trim(&mut self, now: UnixMillis) {
        for slot in self.slots.iter_mut().flatten() {
            slot.log.trim(now);
        }
    }

    /// Shows every reader of a log that got something since the last call.
    pub(super) fn each_reader_of_dirty(&mut self, mut show: impl FnMut(Reader)) {
        for alias in std::mem::take(&mut self.dirty) {
            let Some(slot) = self.slot_mut(alias) else { continue };
            slot.dirty = false;
            slot.readers.iter().copied().for_each(&mut show);
        }
    }

    /// Adds a reader and gives its index in the log's list.
    pub(super) fn add_reader(&mut self, alias: Alias, reader: Reader) -> Option<Added> {
        let slot = self.slot_mut(alias)?;
        slot.readers.push(reader);
        let index = u32::try_from(slot.readers.len() - 1).ok()?;
        Some(Added { index, first: index == 0 })
    }

    /// Removes a reader. The one that takes its place in the list is told, as is whether none is
    /// left.
    pub(super) fn remove_reader(&mut self, alias: Alias, index: u32) -> Option<Removed> {
        let slot = self.slot_mut(alias)?;
        if (index as usize) < slot.readers.len() {
            slot.readers.swap_remove(index as usize);
        }
        let moved = slot.readers.get(index as usize).copied();
        Some(Removed { moved, last: slot.readers.is_empty() })
    }

    /// A reader's cursor has moved within its connection.
    pub(super) fn renumber(&mut self, alias: Alias, index: u32, cursor: u32) {
        let slot = self.slot_mut(alias);
        if let Some(reader) = slot.and_then(|slot| slot.readers.get_mut(index as usize)) {
            reader.cursor = cursor;
        }
    }

    fn slot(&self, alias: Alias) -> Option<&Slot> {
        self.slots.get(alias.index())?.as_ref()
    }

    fn slot_mut(&mut self, alias: Alias) -> Option<&mut Slot> {
        self.slots.get_mut(alias.index())?.as_mut()
    }
}

/// What came of adding a reader.
pub(super) struct Added {
    pub(super) index: u32,
    pub(super) first: bool,
}

/// What came of removing a reader.
pub(super) struct Removed {
    /// The reader that now has the removed one's index.
    pub(super) moved: Option<Reader>,
    pub(super) last: bool,
}
