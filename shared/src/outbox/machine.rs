//! The machine itself: what it holds, and who in this folder takes care of which input.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::pulling::Pulling;
use super::replica::Replica;
use super::restoring::Restoring;
use super::rows::{Moved, Rows};
use super::sending::Sending;
use super::view::entities_of;
use super::waiting::Looking;
use super::writing::Writing;
use super::{Counts, Done, Input, Item, Kept, Meta, Output, View, Write};
use crate::clock::{Moment, Now, Stamp, UnixMillis};
use crate::documents::{Collection, Delta, Digest, Document, Entity, GroupId};
use crate::protocol::Position;

/// The queue of the user's writes, and the user's documents as they look with it.
#[derive(Debug)]
pub struct Outbox {
    pub(super) outputs: VecDeque<Output>,
    pub(super) rows: Rows,
    pub(super) confirmed: Replica,
    pub(super) is_holding: bool,
    pub(super) is_linked: bool,
    pub(super) pulling: Pulling,
    pub(super) sending: Sending,
    pub(super) writing: Writing,
    pub(super) looking: Looking,
    pub(super) restoring: Option<Restoring>,
    /// The change of the queue's name that is to be made.
    pub(super) regrouping: Option<Write>,
    pub(super) has_forked: bool,
    /// Documents came while another tab was to keep them; it may have been closed before it did.
    has_unkept: bool,
    /// The newest stamp of all documents.
    seen: Stamp,
    /// Documents that the present input may change, as they looked before it.
    before: BTreeMap<Entity, Option<View>>,
    /// The time of the last input.
    pub(super) now: Now,
    seed: u64,
    groups: u64,
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
            pulling: Pulling::new(seed),
            sending: Sending::new(seed.rotate_left(21)),
            writing: Writing::new(seed.rotate_left(42)),
            looking: Looking::default(),
            restoring: None,
            regrouping: None,
            has_forked: false,
            has_unkept: false,
            seen: Stamp::default(),
            before: BTreeMap::new(),
            now: Now { moment: Moment::START, unix: UnixMillis(0) },
            seed,
            groups: 0,
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        // A stopwatch does not run backwards. If the shell's does, it is taken to stand still.
        self.now = Now { moment: now.moment.max(self.now.moment), unix: now.unix };
        match input {
            Input::Loaded { meta, items, documents, position } => {
                documents.iter().for_each(|document| self.note_view(document.entity.clone()));
                let seen = documents.iter().map(|document| document.stamp).max();
                self.seen = seen.unwrap_or_default();
                self.confirmed = Replica::new(documents, position);
                self.read(meta, items);
            }
            Input::Reread { meta, items } => self.read(meta, items),
            Input::Written(done) => self.written(done),
            Input::WriteFailed(write) => self.write_failed(&write),
            Input::Holding => self.hold(),
            Input::Released => self.release(),
            Input::LinkUp => self.link_up(),
            Input::LinkDown => self.link_down(),
            Input::Pushed { id, answer } => self.pushed(id, answer),
            Input::Pulled { id, answer } => self.pulled(id, answer),
            Input::News(delta) => self.news(delta),
            Input::CacheLost => self.keep_all(),
            Input::RetryNow => self.try_at_once(),
            Input::Timer => self.expire(self.now.moment),
        }
        self.go_on();
        self.tell_changed_views();
    }

    /// The next thing to do; to be called until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// A document as the user sees it; none when nobody ever wrote it.
    #[must_use]
    pub fn view(&self, entity: &Entity) -> Option<View> {
        let confirmed = self.confirmed.documents.get(entity);
        let mut items = self.rows.of_entity(entity).peekable();
        if confirmed.is_none() && items.peek().is_none() {
            return None;
        }
        let position = self.confirmed.position;
        Some(View::of(entity, confirmed, items.filter(|item| !item.is_everywhere(position))))
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

    /// All rows as this tab knows them, for a browser that has lost its own.
    pub fn rows(&self) -> impl Iterator<Item = &Item> {
        self.rows.iter()
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

    /// How many documents came that were not what their checksum says.
    #[must_use]
    pub const fn damaged(&self) -> u64 {
        self.pulling.damaged()
    }

    /// A document may look different after the present input.
    pub(super) fn note_view(&mut self, entity: Entity) {
        if !self.before.contains_key(&entity) {
            let view = self.view(&entity);
            self.before.insert(entity, view);
        }
    }

    /// Every document may.
    pub(super) fn note_all_views(&mut self) {
        let confirmed = self.confirmed.documents.keys();
        let entities: Vec<Entity> = confirmed.chain(self.rows.entities()).cloned().collect();
        entities.into_iter().for_each(|entity| self.note_view(entity));
    }

    /// Documents that go on where the confirmed ones end.
    pub(super) fn take_confirmed(&mut self, delta: Delta) {
        let named = delta.documents.iter().map(|document| document.entity.clone());
        // What was accepted may be everywhere now, and then it is not pending any more.
        let accepted = self.rows.accepted().flat_map(entities_of);
        let touched: Vec<Entity> = named.chain(accepted).collect();
        touched.into_iter().for_each(|entity| self.note_view(entity));
        let changed = self.confirmed.take(delta);
        self.keep(Kept::Stays, changed);
    }

    /// Confirmed documents are new: they are kept by the tab that holds the connection.
    pub(super) fn keep(&mut self, kept: Kept, documents: Vec<Arc<Document>>) {
        let stamps = documents.iter().map(|document| document.stamp);
        self.seen = stamps.fold(self.seen, Stamp::max);
        let Some(position) = self.confirmed.position else { return };
        if !self.is_holding {
            self.has_unkept = true;
            return;
        }
        let documents = documents.iter().map(|document| document.as_ref().clone()).collect();
        self.outputs.push_back(Output::Keep { kept, documents, position });
    }

    /// What was kept before does not count any more.
    pub(super) fn keep_all(&mut self) {
        self.keep(Kept::Replaced, self.confirmed.documents.values().cloned().collect());
    }

    /// A name for the queue that nobody has.
    pub(super) fn new_group(&mut self) -> GroupId {
        self.groups += 1;
        let old = self.rows.meta().map(|meta| meta.group.clone());
        let digest = Digest::of(&(self.seed, self.groups, old));
        let (half, _) = digest.bytes().split_first_chunk().expect("32 bytes are more than 16");
        GroupId::from_bits(u128::from_be_bytes(*half))
    }

    fn hold(&mut self) {
        if std::mem::replace(&mut self.is_holding, true) {
            return;
        }
        self.looking.start(self.now.moment);
        if self.rows.meta().is_some() {
            // The tab that held it may have been closed before it told of its last change.
            self.reread();
        }
        if std::mem::take(&mut self.has_unkept) {
            self.keep_all();
        }
    }

    fn release(&mut self) {
        self.is_holding = false;
        self.looking.stop();
        self.sending.forget();
    }

    fn link_up(&mut self) {
        self.is_linked = true;
        self.forget_questions();
        self.pulling.want();
        self.try_at_once();
    }

    fn link_down(&mut self) {
        self.is_linked = false;
        self.forget_questions();
    }

    /// What was asked over a connection that is gone is asked again over the next.
    fn forget_questions(&mut self) {
        self.sending.forget();
        if self.pulling.asked_until().is_some() {
            self.pulling.forget();
            self.pulling.want();
        }
    }

    fn read(&mut self, meta: Meta, items: Vec<Item>) {
        let old: Vec<Entity> = self.rows.entities().cloned().collect();
        old.into_iter().for_each(|entity| self.note_view(entity));
        let new: Vec<Entity> = items.iter().flat_map(entities_of).collect();
        new.into_iter().for_each(|entity| self.note_view(entity));
        let moved = self.rows.read(meta, items);
        self.rows_moved(moved);
        self.forget_writing();
    }

    fn written(&mut self, done: Done) {
        if done.meta.is_none() {
            // A change found nothing to do: it was meant for rows that are different by now.
            self.reread();
            return;
        }
        let touched = self.rows.touched_by(&done);
        touched.into_iter().for_each(|entity| self.note_view(entity));
        let moved = self.rows.take(done);
        self.rows_moved(moved);
        self.notice_written();
    }

    fn rows_moved(&mut self, moved: Moved) {
        if moved.is_some {
            self.outputs.push_back(Output::Queue);
        }
        for (mid, before) in moved.before {
            let Some(item) = self.rows.get(mid) else { continue };
            if item.needs_user() && before.is_some_and(|before| before.is_undecided()) {
                let entity = item.mutation.draft.entity.clone();
                let error = item.rejection().cloned();
                self.outputs.push_back(Output::RolledBack { entity, error });
            }
        }
    }

    /// Does what is to be done next, after whatever happened.
    fn go_on(&mut self) {
        self.looking.notice_hole(self.rows.has_hole(), self.now.moment);
        if self.rows.meta().is_none() {
            return;
        }
        self.store_outcomes();
        self.take_new_name();
        self.notice_other_epoch();
        self.restore();
        self.pull();
        self.send();
        self.let_leave();
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
