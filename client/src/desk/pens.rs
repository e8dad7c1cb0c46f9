//! The documents that are being changed on this page right now: what is typed is shown at once,
//! and written down after a pause.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use leptos::prelude::*;
use tidemark_shared::documents::{Body, Draft, Entity, shape};

use super::editing::{Editing, Rest};
use super::seen::Seen;
use crate::browser::timer::Timeout;

/// What a document looks like while it is being changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Penned {
    /// What the user wants.
    pub(crate) body: Body,
    /// Why it is not written down, when it cannot be.
    pub(crate) trouble: Option<String>,
}

/// A signal for each document that somebody looks at: empty unless it is being changed.
#[derive(Default)]
pub(super) struct Pens {
    pens: RefCell<HashMap<Entity, Pen>>,
    shown: RefCell<HashMap<Entity, ArcRwSignal<Option<Penned>>>>,
}

struct Pen {
    editing: Editing,
    /// Until the user pauses.
    pause: Option<Timeout>,
}

impl Pens {
    /// What is being changed of a document.
    pub(super) fn shown(&self, entity: &Entity) -> ArcRwSignal<Option<Penned>> {
        self.shown.borrow_mut().entry(entity.clone()).or_default().clone()
    }

    /// Changes a document that the user has `seen`. It is due after `pause`, when `due` is called.
    pub(super) fn change(
        &self,
        entity: &Entity,
        seen: impl FnOnce() -> Seen,
        change: impl FnOnce(&mut Body),
        pause: Duration,
        due: impl FnOnce() + 'static,
    ) {
        let mut pens = self.pens.borrow_mut();
        let pen = pens
            .entry(entity.clone())
            .or_insert_with(|| Pen { editing: Editing::begin(seen()), pause: None });
        pen.editing.change(change);
        pen.pause = Some(Timeout::after(pause, due));
        let body = pen.editing.to().clone();
        drop(pens);
        self.shown(entity).set(Some(Penned { body, trouble: None }));
    }

    /// Tries again later what could not be written.
    pub(super) fn later(&self, entity: &Entity, wait: Duration, due: impl FnOnce() + 'static) {
        if let Some(pen) = self.pens.borrow_mut().get_mut(entity) {
            pen.pause = Some(Timeout::after(wait, due));
        }
    }

    /// The write that a document needs now.
    pub(super) fn take(&self, entity: &Entity) -> Option<Draft> {
        let mut pens = self.pens.borrow_mut();
        let pen = pens.get_mut(entity)?;
        pen.pause = None;
        if pen.editing.is_writing() {
            return None;
        }
        if let Err(wrong) = shape::check(&entity.collection, pen.editing.to()) {
            let body = pen.editing.to().clone();
            drop(pens);
            self.shown(entity).set(Some(Penned { body, trouble: Some(wrong.problem.to_string()) }));
            return None;
        }
        let draft = pen.editing.take(entity);
        if draft.is_none() {
            // The user has taken it all back.
            pens.remove(entity);
            drop(pens);
            self.shown(entity).set(None);
        }
        draft
    }

    /// A write is safe. What is left to do.
    pub(super) fn saved(&self, entity: &Entity) -> Rest {
        let mut pens = self.pens.borrow_mut();
        let Some(pen) = pens.get_mut(entity) else { return Rest::Nothing };
        let rest = pen.editing.saved();
        // A timer that runs will come by itself.
        let is_waiting = pen.pause.is_some();
        if rest == Rest::Nothing {
            pens.remove(entity);
            drop(pens);
            self.shown(entity).set(None);
        }
        if is_waiting { Rest::Nothing } else { rest }
    }

    /// A write was not done.
    pub(super) fn failed(&self, entity: &Entity, reason: String) {
        let mut pens = self.pens.borrow_mut();
        let Some(pen) = pens.get_mut(entity) else { return };
        pen.editing.failed();
        let body = pen.editing.to().clone();
        drop(pens);
        self.shown(entity).set(Some(Penned { body, trouble: Some(reason) }));
    }

    /// The user does not want it any more.
    pub(super) fn drop_pen(&self, entity: &Entity) {
        if self.pens.borrow_mut().remove(entity).is_some() {
            self.shown(entity).set(None);
        }
    }

    /// The documents that are being changed.
    pub(super) fn all(&self) -> Vec<Entity> {
        self.pens.borrow().keys().cloned().collect()
    }
}
