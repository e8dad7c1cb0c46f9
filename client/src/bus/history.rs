//! The newest events of each kind.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::{Happening, Kind};

/// Kept of each kind: a day of connection trouble fits. By kind, so that what happens sixty times
/// a second does not push out what happens once a day.
const KEPT_MAX: usize = 1_000;

/// The newest events of each kind.
#[derive(Default)]
pub(crate) struct History {
    kinds: HashMap<Kind, VecDeque<Rc<Happening>>>,
}

impl History {
    /// Keeps an event, and forgets the oldest of its kind when there are too many.
    pub(crate) fn keep(&mut self, event: Rc<Happening>) {
        let kept = self.kinds.entry(event.what.kind()).or_default();
        if kept.len() >= KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(event);
    }

    /// The events of a kind, oldest first.
    pub(crate) fn of(&self, kind: Kind) -> Vec<Rc<Happening>> {
        self.kinds.get(&kind).map(|kept| kept.iter().cloned().collect()).unwrap_or_default()
    }
}
