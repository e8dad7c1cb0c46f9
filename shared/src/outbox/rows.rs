//! The queue's rows as this tab knows them: changes of all tabs, taken in in the order in which
//! they were made.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::view::entities_of;
use super::{Done, Item, KEPT_FROM, Meta};
use crate::documents::{Entity, GroupId, MutationId};

/// Most changes that wait for one before them. When there are more, the rows are read anew anyway.
const EARLY_MAX: usize = 256;

/// The rows. The database has them; this follows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    meta: Option<Meta>,
    items: BTreeMap<MutationId, Item>,
    by_entity: BTreeMap<Entity, BTreeSet<Place>>,
    accepted: BTreeSet<MutationId>,
    /// Changes that came before one that was made before them, by their revision.
    early: BTreeMap<u64, Done>,
}

/// Orders writes by when they were made: what was kept when the queue was numbered anew is older
/// than all that has a number of the queue.
type Place = (bool, MutationId);

/// What a change of the rows has changed here.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// Rows that are new, different or gone, as they were before.
    pub(super) before: BTreeMap<MutationId, Option<Item>>,
    /// Whether something changed at all.
    pub(super) is_some: bool,
}

impl Rows {
    /// The row about the queue, once it is known.
    pub(super) const fn meta(&self) -> Option<&Meta> {
        self.meta.as_ref()
    }

    pub(super) fn get(&self, mid: MutationId) -> Option<&Item> {
        self.items.get(&mid)
    }

    /// All, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Item> {
        self.items.range(KEPT_FROM..).chain(self.items.range(..KEPT_FROM)).map(|(_, item)| item)
    }

    /// What waits for the relay, in the order in which it is to be sent: without holes.
    pub(super) fn undecided(&self) -> impl Iterator<Item = &Item> {
        let settled = self.meta.as_ref().map_or(MutationId::NONE, |meta| meta.settled);
        let open = self.items.range(settled.next()..KEPT_FROM).map(|(_, item)| item);
        let mut last = None;
        open.skip_while(|item| !item.is_undecided()).take_while(move |item| {
            let follows = last.is_none_or(|last: MutationId| last.next() == item.mid());
            last = Some(item.mid());
            follows && item.is_undecided()
        })
    }

    /// The writes that change a document, oldest first.
    pub(super) fn of_entity(&self, entity: &Entity) -> impl Iterator<Item = &Item> {
        let places = self.by_entity.get(entity).into_iter().flatten();
        places.filter_map(|(_, mid)| self.items.get(mid))
    }

    /// What the relay has done, as far as it is still in the queue.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &Item> {
        self.accepted.iter().filter_map(|mid| self.items.get(mid))
    }

    /// Whether no row with one of these numbers is so.
    pub(super) fn none_in(
        &self,
        mids: RangeInclusive<MutationId>,
        is_so: impl Fn(&Item) -> bool,
    ) -> bool {
        !self.items.range(mids).any(|(_, item)| is_so(item))
    }

    /// Whether this is the queue's name.
    pub(super) fn is_group(&self, group: &GroupId) -> bool {
        self.meta.as_ref().is_some_and(|meta| meta.group == *group)
    }

    /// Documents that writes change.
    pub(super) fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.by_entity.keys()
    }

    /// Documents that a change, and what waits for it, may make look different.
    pub(super) fn touched_by(&self, done: &Done) -> BTreeSet<Entity> {
        let mut touched = BTreeSet::new();
        for done in self.early.values().chain([done]) {
            let put = done.put.iter().map(Item::mid);
            let old =
                put.chain(done.removed.iter().copied()).filter_map(|mid| self.items.get(&mid));
            touched.extend(done.put.iter().chain(old).flat_map(entities_of));
        }
        touched
    }

    /// Whether a change was made before one that is known, and has not come.
    pub(super) fn has_hole(&self) -> bool {
        self.meta.is_some() && !self.early.is_empty()
    }

    /// All rows, as they were read in one transaction.
    pub(super) fn read(&mut self, meta: Meta, items: Vec<Item>) -> Moved {
        let mut moved = Moved::default();
        if self.meta.as_ref().is_some_and(|known| known.revision > meta.revision) {
            return moved;
        }
        moved.is_some = true;
        let old: Vec<MutationId> = self.items.keys().copied().collect();
        for mid in old {
            self.remove(mid, &mut moved);
        }
        for item in items {
            self.put(item, &mut moved);
        }
        self.early.retain(|revision, _| *revision > meta.revision);
        self.meta = Some(meta);
        self.take_early(&mut moved);
        moved
    }

    /// One change. It may come early, late, or twice.
    pub(super) fn take(&mut self, done: Done) -> Moved {
        let mut moved = Moved::default();
        let Some(revision) = done.meta.as_ref().map(|meta| meta.revision) else { return moved };
        if self.meta.as_ref().is_some_and(|known| revision <= known.revision) {
            return moved;
        }
        if self.early.len() < EARLY_MAX {
            self.early.insert(revision, done);
        }
        self.take_early(&mut moved);
        moved
    }

    fn take_early(&mut self, moved: &mut Moved) {
        while let Some(next) = self.meta.as_ref().map(|meta| meta.revision.saturating_add(1))
            && let Some(done) = self.early.remove(&next)
        {
            moved.is_some = true;
            self.meta = done.meta;
            for mid in done.removed {
                self.remove(mid, moved);
            }
            for item in done.put {
                self.put(item, moved);
            }
        }
    }

    fn put(&mut self, item: Item, moved: &mut Moved) {
        self.remove(item.mid(), moved);
        for entity in entities_of(&item) {
            self.by_entity.entry(entity).or_default().insert(place(item.mid()));
        }
        if item.is_accepted() {
            self.accepted.insert(item.mid());
        }
        self.items.insert(item.mid(), item);
    }

    fn remove(&mut self, mid: MutationId, moved: &mut Moved) {
        let item = self.items.remove(&mid);
        self.accepted.remove(&mid);
        for entity in item.iter().flat_map(entities_of) {
            if let Some(places) = self.by_entity.get_mut(&entity) {
                places.remove(&place(mid));
                if places.is_empty() {
                    self.by_entity.remove(&entity);
                }
            }
        }
        moved.before.entry(mid).or_insert(item);
    }
}

const fn place(mid: MutationId) -> Place {
    (mid.0 < KEPT_FROM.0, mid)
}
