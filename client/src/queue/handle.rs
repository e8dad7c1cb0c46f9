//! What screens read and do with the user's documents.

use std::rc::Rc;

use leptos::prelude::*;
use thiserror::Error;
use tidemark_shared::documents::{
    Collection, Digest, Draft, Entity, GroupId, HistoryPage, MutationId, UserName, Version,
};
use tidemark_shared::outbox::{Anew, Counts, Item, View, Write, WriteRefused};
use tidemark_shared::protocol::{Method, Reply, WireError};
use tidemark_shared::session::AskFailed;

use super::{QueueShell, export};
use crate::store::VaultError;

/// The user's documents. A handle: cheap to copy into every closure.
#[derive(Clone, Copy)]
pub(crate) struct Documents {
    shell: StoredValue<Rc<QueueShell>, LocalStorage>,
    state: RwSignal<StoreState>,
}

/// How safe what the user writes is on this device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum StoreState {
    /// What is saved survives everything.
    #[default]
    Ready,
    /// The browser stores nothing for this page: what is not sent is lost with the tab.
    MemoryOnly {
        /// What the platform said.
        why: String,
    },
    /// The connection to the browser's database was lost and is being made anew.
    Reopening,
    /// The browser had thrown away what was stored; what this page still knew was put back. Until
    /// the user has seen it: [`Documents::dismiss`].
    Wiped,
    /// A newer version of the page is open in another tab: this one must be loaded anew.
    NewerVersion,
    /// There is no room left on this device: the last write was not saved.
    QuotaFull,
}

/// What the user must be told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A write was not done by the relay; its text is in the queue.
    RolledBack {
        /// Of which document.
        entity: Entity,
        /// Why; absent for a conflict and for an expired write.
        error: Option<WireError>,
    },
    /// A document came damaged; what was there before stays.
    Damaged {
        /// Which.
        entity: Entity,
    },
    /// The queue was a copy of another one (a restored or cloned profile); nothing is lost.
    Forked,
    /// The relay had lost documents; this page gave them back.
    Reinstated {
        /// How many.
        documents: usize,
    },
}

/// Why something is not saved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum SaveFailed {
    /// The queue does not allow it.
    #[error(transparent)]
    Refused(#[from] WriteRefused),
    /// There is no room left on this device.
    #[error("there is no room left on this device")]
    QuotaFull,
    /// A newer version of the page is open in another tab.
    #[error("a newer version of this page is open in another tab: reload")]
    NewerVersion,
    /// The browser's database does not answer.
    #[error("the browser's database does not answer: {reason}")]
    Unavailable {
        /// What the platform said.
        reason: String,
    },
}

impl From<VaultError> for SaveFailed {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Refused(refused) => SaveFailed::Refused(refused),
            VaultError::Full => SaveFailed::QuotaFull,
            VaultError::Newer => SaveFailed::NewerVersion,
            VaultError::Wiped => SaveFailed::Unavailable { reason: error.to_string() },
            VaultError::Lost { reason } | VaultError::Unavailable { reason } => {
                SaveFailed::Unavailable { reason }
            }
        }
    }
}

impl Documents {
    /// The handle of a running queue.
    pub(crate) fn new(shell: Rc<QueueShell>) -> Self {
        Documents { state: shell.state, shell: StoredValue::new_local(shell) }
    }

    /// A document as the user sees it; follows that document only.
    pub(crate) fn view(self, entity: &Entity) -> Option<View> {
        let shell = self.shell();
        shell.signals.track_document(entity);
        shell.machine.borrow().view(entity)
    }

    /// The documents of a collection that are not deleted; follows which they are.
    pub(crate) fn ids(self, collection: &Collection) -> Vec<Entity> {
        let shell = self.shell();
        shell.signals.track_collection(collection);
        shell.machine.borrow().entities(collection)
    }

    /// The queue; follows it.
    pub(crate) fn items(self) -> Vec<Item> {
        let shell = self.shell();
        shell.signals.track_queue();
        shell.machine.borrow().items().cloned().collect()
    }

    /// How many writes are in which state; follows the queue.
    pub(crate) fn counts(self) -> Counts {
        let shell = self.shell();
        shell.signals.track_queue();
        shell.machine.borrow().counts()
    }

    /// Whose documents these are.
    pub(crate) fn user(self) -> UserName {
        self.shell().user.clone()
    }

    /// The name of this device's queue to the relay.
    pub(crate) fn group(self) -> GroupId {
        self.shell().meta.borrow().group.clone()
    }

    /// How safe what is written is on this device; follows it.
    pub(crate) fn state(self) -> StoreState {
        self.state.get()
    }

    /// The user has seen [`StoreState::Wiped`].
    pub(crate) fn dismiss(self) {
        if self.state.get_untracked() == StoreState::Wiped {
            self.state.set(StoreState::Ready);
        }
    }

    /// Calls `action` with everything that the user must be told once.
    pub(crate) fn on_told(self, action: impl Fn(Told) + 'static) {
        *self.shell().on_told.borrow_mut() = Some(Box::new(action));
    }

    /// Saves drafts, all or none, in this order. Answered when they are safe on this device.
    pub(crate) async fn write(self, drafts: Vec<Draft>) -> Result<Vec<MutationId>, SaveFailed> {
        let shell = self.shell();
        let seen = shell.machine.borrow().seen();
        let enqueue = Write::Enqueue { drafts, now: shell.relay_now(), seen };
        let done = shell.save(enqueue).await?;
        Ok(done.put.iter().map(Item::mid).collect())
    }

    /// Sends at once what waits.
    pub(crate) fn retry_now(self) {
        self.shell().retry_now();
    }

    /// Takes back a write that was never sent.
    pub(crate) async fn cancel(self, mid: MutationId) -> Result<(), SaveFailed> {
        let hash = self.hash(mid)?;
        self.shell().save(Write::Cancel { mid, hash }).await.map(drop)
    }

    /// Forgets a write that failed.
    pub(crate) async fn discard(self, mid: MutationId) -> Result<(), SaveFailed> {
        let hash = self.hash(mid)?;
        self.shell().save(Write::Discard { mid, hash, anew: None }).await.map(drop)
    }

    /// Writes a failed one anew.
    pub(crate) async fn replace(self, mid: MutationId, draft: Draft) -> Result<(), SaveFailed> {
        let hash = self.hash(mid)?;
        let shell = self.shell();
        let seen = shell.machine.borrow().seen();
        let anew = Some(Anew { draft, now: shell.relay_now(), seen });
        shell.save(Write::Discard { mid, hash, anew }).await.map(drop)
    }

    /// All that is not everywhere yet, as a file's text.
    pub(crate) fn export(self) -> String {
        let shell = self.shell();
        let machine = shell.machine.borrow();
        export::file(&shell.user, machine.items(), shell.relay_now())
    }

    /// What a document was before.
    pub(crate) async fn history(
        self,
        entity: Entity,
        before: Option<Version>,
    ) -> Result<HistoryPage, AskFailed> {
        let empty = HistoryPage { entity: entity.clone(), revisions: Vec::new(), more: false };
        match self.shell().ask(Method::History { entity, before }).await? {
            Reply::History(page) => Ok(page),
            _ => Ok(empty),
        }
    }

    /// What the user sees under a number: it may stand for something else in the meantime.
    fn hash(self, mid: MutationId) -> Result<Digest, SaveFailed> {
        let shell = self.shell();
        let machine = shell.machine.borrow();
        let item = machine.items().find(|item| item.mid() == mid);
        Ok(item.ok_or(WriteRefused::Gone)?.mutation.hash)
    }

    /// As [`Documents::items`], now.
    pub(crate) fn peek_items(self) -> Vec<Item> {
        self.shell().machine.borrow().items().cloned().collect()
    }

    /// All documents of the collections of this version, now.
    pub(crate) fn peek_all(self) -> Vec<(Entity, View)> {
        let shell = self.shell();
        let machine = shell.machine.borrow();
        let collections: [fn() -> Collection; 6] = [
            Collection::watchlists,
            Collection::notes,
            Collection::alert_rules,
            Collection::layouts,
            Collection::settings,
            Collection::conflicts,
        ];
        let entities = collections.iter().flat_map(|of| machine.entities(&of()));
        entities.filter_map(|it| Some((it.clone(), machine.view(&it)?))).collect()
    }

    fn shell(self) -> Rc<QueueShell> {
        self.shell.with_value(Rc::clone)
    }
}
