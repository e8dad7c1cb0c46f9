//! What the units of an edit come to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::settle::Settled;
use super::units::Unit;
use super::{Merged, Side, State};
use crate::documents::{Body, Document, Field};

/// What others did between the author's look and the write's arrival.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meanwhile {
    Nothing,
    Changes,
}

/// What the units of an edit come to.
pub(super) struct Sum<'a> {
    there: &'a Document,
    body: Body,
    lost_by_mine: BTreeMap<Field, Option<Value>>,
    lost_by_theirs: BTreeMap<Field, Option<Value>>,
    open: Vec<Field>,
}

impl<'a> Sum<'a> {
    /// Begins with the document as it is.
    pub(super) fn of(there: &'a Document) -> Self {
        Sum {
            there,
            body: there.body.clone(),
            lost_by_mine: BTreeMap::new(),
            lost_by_theirs: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Takes what the write wants, where nobody else has changed it.
    pub(super) fn take_mine(&mut self, unit: &Unit<'_>) {
        self.take(unit, unit.fields.iter().map(|field| field.mine.cloned()));
    }

    /// Takes what has become of an overlap.
    pub(super) fn settle(&mut self, unit: &Unit<'_>, settled: Settled) {
        let differing = || unit.fields.iter().filter(|field| field.mine != field.theirs);
        match settled {
            Settled::Mine => {
                let theirs = differing().map(|field| (field.field.clone(), field.theirs.cloned()));
                self.lost_by_theirs.extend(theirs);
                self.take_mine(unit);
            }
            Settled::Theirs => {
                let mine = differing().map(|field| (field.field.clone(), field.mine.cloned()));
                self.lost_by_mine.extend(mine);
            }
            Settled::Joined(values) => self.take(unit, values.into_iter()),
            Settled::Chosen(values) => {
                for (field, value) in unit.fields.iter().zip(&values) {
                    if field.mine != value.as_ref() {
                        self.lost_by_mine.insert(field.field.clone(), field.mine.cloned());
                    }
                }
                self.take(unit, values.into_iter());
            }
            Settled::Ask => self.open.extend(differing().map(|field| field.field.clone())),
        }
    }

    /// What it comes to.
    pub(super) fn merged(self, meanwhile: Meanwhile) -> Merged {
        if !self.open.is_empty() {
            return Merged::Conflict { fields: self.open };
        }
        if self.body == self.there.body && self.lost_by_mine.is_empty() {
            return Merged::Unchanged;
        }
        let (lost, lost_by) = match self.lost_by_mine.is_empty() {
            true => (self.lost_by_theirs, Side::Theirs),
            false => (self.lost_by_mine, Side::Mine),
        };
        let merged = meanwhile == Meanwhile::Changes;
        Merged::Changed { becomes: State::Body(self.body), merged, lost, lost_by }
    }

    fn take(&mut self, unit: &Unit<'_>, values: impl Iterator<Item = Option<Value>>) {
        for (field, value) in unit.fields.iter().zip(values) {
            match value {
                Some(value) => self.body.0.insert(field.field.clone(), value),
                None => self.body.0.remove(field.field),
            };
        }
    }
}
