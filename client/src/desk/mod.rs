//! The user's own data as the page works with it: watchlists, notes, alert rules, layouts,
//! settings, and the conflicts between what several devices wrote.
//!
//! | file | |
//! | --- | --- |
//! | [`pens`], [`editing`], [`seen`] | what is being changed right now, and how it becomes a write |
//! | [`lists`] | the user's watchlists |
//! | [`rules`], [`layouts`] | alert rules and chart layouts, as their forms have them |
//! | [`progress`] | how far a change has come |
//! | [`conflict`] | a conflict as its user decides it |
//! | [`plain`], [`lines`], [`caret`] | values and texts to read, compare and type |
//! | [`accounts`] | the names that were used on this device |
//!
//! What must never be here: markup, and what becomes of a write (that is the queue's).

pub(crate) mod accounts;
pub(crate) mod caret;
pub(crate) mod conflict;
mod editing;
pub(crate) mod layouts;
pub(crate) mod lines;
pub(crate) mod lists;
mod pens;
pub(crate) mod plain;
pub(crate) mod progress;
pub(crate) mod rules;
pub(crate) mod seen;

use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use tidemark_shared::documents::{
    Body, Collection, Conflict, ConflictState, DocumentId, Draft, Entity, Field, Outcome,
};
use tidemark_shared::outbox::{Item, ItemState};
use wasm_bindgen_futures::spawn_local;

use self::editing::Rest;
pub(crate) use self::pens::Penned;
use self::pens::Pens;
use self::progress::Progress;
use self::seen::Seen;
use crate::browser::listener::{Listener, Part};
use crate::browser::{document, is_hidden, random, window};
use crate::queue::{Documents, SaveFailed};

/// A pause in typing after which a text is written down.
pub(crate) const TYPING_PAUSE: Duration = Duration::from_millis(600);

/// Changes that are made by one key or one drop: long enough for a row to be moved over several
/// places in one write.
pub(crate) const MOVING_PAUSE: Duration = Duration::from_millis(400);

/// What the browser's database refused may go a little later.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Finished writes that the page remembers, so that its user can see them arrive.
const RECENT_MAX: usize = 10;

/// A longer queue is not looked through at each of its changes.
const FOLLOWED_MAX: usize = 500;

/// The user's data. A handle: cheap to copy into every closure.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// Where it is kept.
    pub(crate) documents: Documents,
    /// Writes that have arrived everywhere since the page was opened, newest first.
    pub(crate) recent: RwSignal<Vec<Item>>,
    pens: StoredValue<Rc<Pens>, LocalStorage>,
}

impl Desk {
    /// To be called once, within the page's reactive owner.
    pub(crate) fn new(documents: Documents) -> Self {
        let pens = StoredValue::new_local(Rc::new(Pens::default()));
        Desk { documents, recent: RwSignal::default(), pens }
    }

    /// Follows the queue and the page's end.
    pub(crate) fn begin(self) {
        self.follow_queue();
        self.forget_settled_conflicts();
        let hidden = Listener::new(&document(), "visibilitychange", Part::Watches, move |_| {
            if is_hidden() {
                self.write_all();
            }
        });
        let leaving =
            Listener::new(&window(), "pagehide", Part::Watches, move |_| self.write_all());
        // Live as long as the page.
        std::mem::forget((hidden, leaving));
    }

    /// A document's fields as the user sees them, with what is being typed; follows them.
    pub(crate) fn body(self, entity: &Entity) -> Option<Body> {
        if let Some(penned) = self.penned(entity) {
            return Some(penned.body);
        }
        self.documents.view(entity).filter(|view| !view.deleted).map(|view| view.body)
    }

    /// What is being changed of a document; follows it.
    pub(crate) fn penned(self, entity: &Entity) -> Option<Penned> {
        self.pens().shown(entity).get()
    }

    /// What the user sees of a document, to start a write from; follows it.
    pub(crate) fn seen(self, entity: &Entity) -> Seen {
        Seen::of(self.documents.view(entity))
    }

    /// Changes a document; it is written down after a pause.
    pub(crate) fn change(self, entity: &Entity, pause: Duration, change: impl FnOnce(&mut Body)) {
        let due = entity.clone();
        self.pens().change(
            entity,
            || untrack(|| self.seen(entity)),
            change,
            pause,
            move || self.write_down(&due),
        );
    }

    /// Writes down what is being changed of a document, without waiting for a pause.
    pub(crate) fn write_down(self, entity: &Entity) {
        let Some(draft) = self.pens().take(entity) else { return };
        let entity = entity.clone();
        spawn_local(async move {
            let outcome = self.documents.write(vec![draft]).await;
            self.wrote(&entity, outcome.map(drop));
        });
    }

    /// Makes a document be `to`, at once; absent to delete it.
    pub(crate) async fn put(self, entity: Entity, to: Option<Body>) -> Result<(), SaveFailed> {
        self.pens().drop_pen(&entity);
        let draft = untrack(|| self.seen(&entity)).draft(entity, to.as_ref());
        self.write(draft).await
    }

    /// Writes a draft, at once.
    pub(crate) async fn write(self, draft: Draft) -> Result<(), SaveFailed> {
        self.documents.write(vec![draft]).await.map(drop)
    }

    /// How far the changes of a document have come; follows them. Nothing where there is nothing.
    pub(crate) fn progress(self, entity: &Entity) -> Option<Progress> {
        let penned = self.penned(entity);
        let view = self.documents.view(entity);
        let in_conflict = || self.open_conflicts().iter().any(|(_, open)| open.entity == *entity);
        progress::of(penned, view.as_ref(), in_conflict)
    }

    /// The conflicts that wait for the user, oldest first; follows them.
    pub(crate) fn open_conflicts(self) -> Vec<(DocumentId, Conflict)> {
        let mut all = self.conflicts();
        all.retain(|(_, conflict)| conflict.state == ConflictState::Open);
        all
    }

    /// All conflicts that are known, oldest first; follows them.
    pub(crate) fn conflicts(self) -> Vec<(DocumentId, Conflict)> {
        let known = self.documents.ids(&Collection::conflicts());
        let read = known.into_iter().filter_map(|entity| {
            let view = self.documents.view(&entity)?;
            Some((entity.id, Conflict::of_body(&view.body).ok()?))
        });
        let mut all: Vec<_> = read.collect();
        all.sort_by_key(|(_, conflict)| conflict.opened);
        all
    }

    /// A name for a new document.
    pub(crate) fn new_id() -> DocumentId {
        format!("{:032x}", random::bits()).parse().expect("hexadecimal digits are a name")
    }

    /// Writes down all that is being changed.
    fn write_all(self) {
        for entity in self.pens().all() {
            self.write_down(&entity);
        }
    }

    fn wrote(self, entity: &Entity, outcome: Result<(), SaveFailed>) {
        let pens = self.pens();
        match outcome {
            Ok(()) => {
                if pens.saved(entity) == Rest::More {
                    self.write_down(entity);
                }
            }
            Err(error) => {
                pens.failed(entity, error.to_string());
                let due = entity.clone();
                // What a rule forbids is forbidden later, too.
                if !matches!(error, SaveFailed::Refused(_)) {
                    pens.later(entity, AGAIN_AFTER, move || self.write_down(&due));
                }
            }
        }
    }

    /// Remembers what has arrived everywhere.
    fn follow_queue(self) {
        Effect::new(move |before: Option<Vec<Item>>| {
            // Who has so much to send does not watch single writes arrive.
            if self.documents.counts().all() > FOLLOWED_MAX {
                return Vec::new();
            }
            let now = self.documents.items();
            let before = before.unwrap_or_default();
            let arrived = progress::arrived(&before, &now);
            if !arrived.is_empty() {
                self.recent.update(|recent| {
                    recent.splice(..0, arrived.into_iter().rev());
                    recent.truncate(RECENT_MAX);
                });
            }
            now
        });
    }

    /// What was decided needs no place in the queue any more: its conflict keeps all of it.
    fn forget_settled_conflicts(self) {
        Effect::new(move || {
            let settled: Vec<DocumentId> = self
                .conflicts()
                .into_iter()
                .filter(|(_, conflict)| conflict.state == ConflictState::Resolved)
                .map(|(id, _)| id)
                .collect();
            if settled.is_empty() {
                return;
            }
            for item in self.documents.items() {
                if conflict_of(&item).is_some_and(|id| settled.contains(id)) {
                    spawn_local(async move {
                        // Another tab may have been faster.
                        let _ = self.documents.discard(item.mid()).await;
                    });
                }
            }
        });
    }

    fn pens(self) -> Rc<Pens> {
        self.pens.with_value(Rc::clone)
    }
}

/// The conflict that a write has ended in.
pub(crate) fn conflict_of(item: &Item) -> Option<&DocumentId> {
    match &item.state {
        ItemState::Decided { receipt, .. } => match &receipt.outcome {
            Outcome::Conflict { conflict, .. } => Some(conflict),
            _ => None,
        },
        _ => None,
    }
}

/// A field of a known name.
pub(crate) fn field(name: &'static str) -> Field {
    name.parse().expect("the page names fields as fields are named")
}
