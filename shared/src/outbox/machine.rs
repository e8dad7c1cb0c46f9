//! The machine itself: what it holds, and who in this folder takes care of which input.

use std::collections::{BTreeMap, VecDeque};

use super::counts::Counts;
use super::replica::Replica;
use super::rows::{Moved, Rows};
use super::{Input, Item, Output, View};
use crate::clock::{Moment, Now, Stamp, UnixMillis};
use crate::documents::{Collection, Document, Entity};
use crate::protocol::{Position, WireError};

/// The queue of the user's writes, and the user's documents as they look with it.
#[derive(Debug)]
pub struct Outbox {
    pub(super) outputs: VecDeque<Output>,
    pub(super) rows: Rows,
    pub(super) confirmed: Replica,
    pub(super) is_holding: bool,
    pub(super) is_linked: bool,
    /// The newest stamp of all documents.
    pub(super) seen: Stamp,
    /// Documents that the present input may change, as they looked before it.
    before: BTreeMap<Entity, Option<View>>,
    pub(super) now: Now,
    pub(super) seed: u64,
}

impl Outbox {
    /// A machine that does nothing until [`Input::Loaded`]. `seed` decides its jitter and the names
    /// of its groups: it is to be random.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Outbox {
            outputs: VecDeque::new(),
            rows: Rows::default(),
            confirmed: Replica::default(),
            is_holding: false,
            is_linked: false,
            seen: Stamp::default(),
            before: BTreeMap::new(),
            now: Now { moment: Moment::START, unix: UnixMillis(0) },
            seed,
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        self.now = Now { moment: now.moment.max(self.now.moment), unix: now.unix };
        match input {
            Input::Loaded { meta, items, documents, position } => {
                self.confirmed = Replica::new(documents, position);
                let moved = self.rows.read(meta, items);
                self.rows_moved(moved);
            }
            Input::Reread { meta, items } => {
                self.note_all_views();
                let moved = self.rows.read(meta, items);
                self.rows_moved(moved);
            }
            Input::Written(done) => {
                let touched = self.rows.touched_by(&done);
                touched.into_iter().for_each(|entity| self.note_view(entity));
                let moved = self.rows.take(done);
                self.rows_moved(moved);
            }
            Input::Holding => self.is_holding = true,
            Input::Released => self.is_holding = false,
            Input::LinkUp => self.is_linked = true,
            Input::LinkDown => self.is_linked = false,
            _ => {}
        }
        self.tell_changed_views();
    }

    /// The next thing to do; to be called until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timer`] is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        None
    }

    /// A document as the user sees it; none when nobody ever wrote it.
    #[must_use]
    pub fn view(&self, entity: &Entity) -> Option<View> {
        let confirmed = self.confirmed.documents.get(entity);
        let mut items = self.rows.of_entity(entity).peekable();
        if confirmed.is_none() && items.peek().is_none() {
            return None;
        }
        let mut view = View::of(confirmed);
        let position = self.confirmed.position;
        for item in items.filter(|item| !item.is_everywhere(position)) {
            view.overlay(entity, item);
        }
        Some(view)
    }

    /// The documents of a collection that are there, as the user sees it.
    #[must_use]
    pub fn entities(&self, collection: &Collection) -> Vec<Entity> {
        let confirmed = self.confirmed.documents.keys();
        let mut entities: Vec<Entity> = confirmed
            .chain(self.rows.entities())
            .filter(|entity| entity.collection == *collection)
            .filter(|entity| self.view(entity).is_some_and(|view| !view.deleted))
            .cloned()
            .collect();
        entities.sort_unstable();
        entities.dedup();
        entities
    }

    /// What is in the queue, oldest first. Writes that the user took back are not shown.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.rows.iter().filter(|item| !item.is_withdrawn())
    }

    /// How many are in which state.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(self.items())
    }

    /// Where the document log stands with the confirmed documents.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        self.confirmed.position
    }

    /// A document as the relay has it.
    #[must_use]
    pub fn confirmed(&self, entity: &Entity) -> Option<&Document> {
        self.confirmed.documents.get(entity).map(AsRef::as_ref)
    }

    /// Whether this tab holds the connection.
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        self.is_holding
    }

    /// The newest stamp that the user may have seen, for [`Write::Enqueue`](super::Write::Enqueue).
    #[must_use]
    pub const fn seen(&self) -> Stamp {
        self.seen
    }

    fn note_view(&mut self, entity: Entity) {
        if !self.before.contains_key(&entity) {
            let view = self.view(&entity);
            self.before.insert(entity, view);
        }
    }

    fn note_all_views(&mut self) {
        let entities: Vec<Entity> =
            self.confirmed.documents.keys().chain(self.rows.entities()).cloned().collect();
        entities.into_iter().for_each(|entity| self.note_view(entity));
    }

    fn rows_moved(&mut self, moved: Moved) {
        if moved.is_some {
            self.outputs.push_back(Output::Queue);
        }
        for (mid, before) in moved.before {
            let Some(item) = self.rows.get(mid) else { continue };
            if item.needs_user() && before.is_some_and(|before| !before.needs_user()) {
                let entity = item.mutation.draft.entity.clone();
                let error: Option<WireError> = item.rejection().cloned();
                self.outputs.push_back(Output::RolledBack { entity, error });
            }
        }
    }

    fn tell_changed_views(&mut self) {
        let before = std::mem::take(&mut self.before);
        let changed = before.into_iter().filter(|(entity, view)| self.view(entity) != *view);
        let changed: Vec<Entity> = changed.map(|(entity, _)| entity).collect();
        if !changed.is_empty() {
            self.outputs.push_back(Output::Viewed(changed));
        }
    }
}
