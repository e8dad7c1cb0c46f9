//! Changes of rows, and what is done when the browser's database fails.

use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::GetUntracked;
use tidemark_shared::outbox::{Done, Input, Write};

use super::{QueueShell, SaveFailed, StoreState};
use crate::browser::persistence;
use crate::browser::timer::sleep;
use crate::store::{Rows, VaultError};

/// First wait before a lost database is tried again; each further one is twice as long.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Longest wait before it is tried again.
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(5);

/// How often a lost database is tried for the user, who waits: three seconds in all. The text is
/// still on the screen then.
const TRIES_FOR_USER: u32 = 5;

impl QueueShell {
    /// Changes rows because the user wants it. Answered when that is safe.
    pub(super) async fn save(self: &Rc<Self>, write: Write) -> Result<Done, SaveFailed> {
        let done = self.perform(write, TRIES_FOR_USER).await?;
        if !self.asked_to_persist.replace(true) {
            persistence::ask_for_it();
        }
        Ok(done)
    }

    /// Changes rows because the machine wants it.
    pub(super) async fn save_for_machine(self: &Rc<Self>, write: Write) {
        match self.perform(write.clone(), u32::MAX).await {
            Ok(_) => {}
            // This page cannot write any more: the machine waits until it is loaded anew.
            Err(VaultError::Newer) => {}
            Err(_) => self.input(Input::WriteFailed(write)),
        }
    }

    /// A change of another tab's, or of this one's. They may come in any order.
    pub(crate) fn take_in(self: &Rc<Self>, done: Done) {
        if let Some(meta) = &done.meta {
            let mut known = self.meta.borrow_mut();
            if meta.revision > known.revision {
                *known = meta.clone();
            }
        }
        self.input(Input::Written(done));
    }

    /// Looks whether the rows are there, and reads them anew if another tab has changed them
    /// without a word: it may have died.
    pub(crate) async fn catch_up(self: &Rc<Self>) {
        if self.is_leaving.get() {
            return;
        }
        match self.vault.peek().await {
            Ok(Some(meta)) => {
                self.works_again(StoreState::Reopening);
                if meta.revision > self.meta.borrow().revision {
                    self.read_anew().await;
                }
            }
            // What cannot be put back now is tried again at the next look.
            Ok(None) => _ = self.put_back().await,
            Err(VaultError::Lost { .. }) => self.set_state(StoreState::Reopening),
            Err(VaultError::Newer) => self.set_state(StoreState::NewerVersion),
            Err(_) => {}
        }
    }

    /// Reads all rows.
    pub(super) async fn read_anew(self: &Rc<Self>) {
        match self.vault.load().await {
            Ok(rows) => self.show(rows),
            // Whatever is wrong now tells the user. The machine asks again by itself.
            Err(VaultError::Wiped) => _ = self.put_back().await,
            Err(_) => {}
        }
    }

    fn show(self: &Rc<Self>, rows: Rows) {
        *self.meta.borrow_mut() = rows.meta.clone();
        self.input(Input::Reread { meta: rows.meta, items: rows.items });
    }

    async fn perform(self: &Rc<Self>, write: Write, tries: u32) -> Result<Done, VaultError> {
        let mut wait = AGAIN_AFTER;
        let mut tried = 0;
        let mut made_room = false;
        loop {
            let error = match self.vault.perform(write.clone()).await {
                Ok(done) => {
                    self.works_again(StoreState::Reopening);
                    self.works_again(StoreState::QuotaFull);
                    self.tell_tabs(&done);
                    self.take_in(done.clone());
                    return Ok(done);
                }
                Err(error) => error,
            };
            tried += 1;
            match &error {
                VaultError::Wiped if tried <= tries && !self.is_leaving.get() => {
                    self.put_back().await?
                }
                VaultError::Full if !made_room => {
                    made_room = true;
                    self.archive.make_room().await;
                }
                VaultError::Lost { .. } if tried < tries => {
                    self.set_state(StoreState::Reopening);
                    sleep(wait).await;
                    wait = (wait * 2).min(AGAIN_AFTER_MAX);
                }
                VaultError::Full => {
                    self.set_state(StoreState::QuotaFull);
                    return Err(error);
                }
                VaultError::Newer => {
                    self.set_state(StoreState::NewerVersion);
                    return Err(error);
                }
                _ => return Err(error),
            }
        }
    }

    /// What the browser has thrown away is put back as this page knows it: under the same name and
    /// numbers, so that the relay recognises what it has had already.
    async fn put_back(self: &Rc<Self>) -> Result<(), VaultError> {
        let items = self.machine.borrow().rows().cloned().collect();
        let meta = self.meta.borrow().clone();
        let rows = self.vault.begin_with(Rows { meta, items }).await?;
        self.show(rows);
        self.set_state(StoreState::Wiped);
        Ok(())
    }

    /// Whatever `was` wrong is so no more.
    fn works_again(&self, was: StoreState) {
        if self.state.get_untracked() == was {
            self.set_state(StoreState::Ready);
        }
    }
}
