//! One subscriber: what it wants, what waits for it, and what happens when it fails.

use std::rc::{Rc, Weak};
use std::time::Duration;

use thiserror::Error;
use tidemark_shared::clock::Moment;

use super::{Happening, Kind};

/// How often a batch is given to a handler that fails before it is dropped.
const TRIES_MAX: u32 = 3;

/// Most events that wait for one handler. Beyond it the oldest go: a page must not grow.
const WAITING_MAX: usize = 1_000;

/// A handler could not do its work; it gets the same batch again at the next flush.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the handler failed: {reason}")]
pub(crate) struct HandlerFailed {
    /// Why.
    pub(crate) reason: String,
}

/// Which events a subscriber wants.
#[derive(Clone, Copy)]
pub(crate) struct Filter {
    kinds: &'static [Kind],
    passes: fn(&Happening) -> bool,
}

impl Filter {
    /// All events of some kinds.
    pub(crate) const fn kinds(kinds: &'static [Kind]) -> Self {
        Filter { kinds, passes: |_| true }
    }

    /// Only those of them that pass a test.
    pub(crate) const fn that(self, passes: fn(&Happening) -> bool) -> Self {
        Filter { kinds: self.kinds, passes }
    }

    fn wants(&self, event: &Happening) -> bool {
        self.kinds.contains(&event.what.kind()) && (self.passes)(event)
    }
}

/// When a subscriber is called.
#[derive(Clone, Copy)]
pub(crate) struct Batch {
    /// As soon as so many events wait.
    pub(crate) events: usize,
    /// Or when the oldest has waited so long.
    pub(crate) wait: Duration,
}

impl Batch {
    /// At once, one by one.
    pub(crate) const NONE: Batch = Batch { events: 1, wait: Duration::ZERO };
}

type Handler = Box<dyn FnMut(&[Rc<Happening>]) -> Result<(), HandlerFailed>>;

/// As long as it lives, its subscriber is wanted.
pub(super) type Token = Rc<()>;

pub(super) struct Subscriber {
    filter: Filter,
    batch: Batch,
    handler: Handler,
    token: Weak<()>,
    waiting: Vec<Rc<Happening>>,
    oldest: Moment,
    tries: u32,
}

impl Subscriber {
    pub(super) fn new(filter: Filter, batch: Batch, handler: Handler) -> (Self, Token) {
        let token = Rc::new(());
        let subscriber = Subscriber {
            filter,
            batch,
            handler,
            token: Rc::downgrade(&token),
            waiting: Vec::new(),
            oldest: Moment::START,
            tries: 0,
        };
        (subscriber, token)
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.token.strong_count() > 0
    }

    pub(super) fn take(&mut self, event: &Rc<Happening>, now: Moment) {
        if !self.is_wanted() || !self.filter.wants(event) {
            return;
        }
        if self.waiting.is_empty() {
            self.oldest = now;
        }
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.remove(0);
        }
        self.waiting.push(event.clone());
        // After a failure only a flush tries again, or a broken handler would be called each time.
        if self.tries == 0 && self.waiting.len() >= self.batch.events {
            self.flush();
        }
    }

    pub(super) fn flush_due(&mut self, now: Moment) {
        let due = self.tries > 0 || now.since(self.oldest) >= self.batch.wait;
        if self.is_wanted() && due && !self.waiting.is_empty() {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let done = (self.handler)(&self.waiting).is_ok();
        self.tries += 1;
        if done || self.tries >= TRIES_MAX {
            self.waiting.clear();
            self.tries = 0;
        }
    }
}
