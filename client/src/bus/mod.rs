//! The page's event bus: what happened, for whoever wants to know, without knowing each other.
//!
//! Subscribers say what they want (a [`Filter`]) and how (a [`Batch`]). A handler that fails gets
//! its batch again. The newest events of each kind stay queryable.
//!
//! What must never be here: a clock or a timer. Whoever runs the bus calls [`Bus::flush_due`].

mod event;
mod history;
mod subscription;

use std::cell::RefCell;
use std::rc::Rc;

pub(crate) use event::{AppEvent, Happening, Kind, StorageState};
pub(crate) use history::History;
pub(crate) use subscription::{Batch, Filter, HandlerFailed};
use subscription::{Subscriber, Token};
use tidemark_shared::clock::{Moment, UnixMillis};

/// Most subscribers: a page has a dozen. More is a leak.
const SUBSCRIBERS_MAX: usize = 64;

/// The bus. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Bus(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    history: History,
    subscribers: Vec<Rc<RefCell<Subscriber>>>,
}

/// Stands for a subscriber; dropping it ends the subscription.
pub(crate) struct Subscription {
    // Held for its drop alone: a subscriber whose token is gone is forgotten.
    _token: Token,
}

impl Bus {
    /// Tells everybody. Subscribers without a batch are called before this returns.
    pub(crate) fn publish(&self, what: AppEvent, now: Moment, at: UnixMillis) {
        let event = Rc::new(Happening { at, what });
        self.0.borrow_mut().history.keep(event.clone());
        for subscriber in self.subscribers() {
            // One that publishes from its own handler does not hear itself.
            if let Ok(mut subscriber) = subscriber.try_borrow_mut() {
                subscriber.take(&event, now);
            }
        }
    }

    /// Calls `handler` with the events that pass `filter`. `None`: there are too many already.
    pub(crate) fn subscribe(
        &self,
        filter: Filter,
        batch: Batch,
        handler: impl FnMut(&[Rc<Happening>]) -> Result<(), HandlerFailed> + 'static,
    ) -> Option<Subscription> {
        let mut inner = self.0.borrow_mut();
        inner
            .subscribers
            .retain(|known| known.try_borrow().map_or(true, |known| known.is_wanted()));
        if inner.subscribers.len() >= SUBSCRIBERS_MAX {
            return None;
        }
        let (subscriber, token) = Subscriber::new(filter, batch, Box::new(handler));
        inner.subscribers.push(Rc::new(RefCell::new(subscriber)));
        Some(Subscription { _token: token })
    }

    /// Hands out the batches whose time has come, and those that failed before.
    pub(crate) fn flush_due(&self, now: Moment) {
        for subscriber in self.subscribers() {
            if let Ok(mut subscriber) = subscriber.try_borrow_mut() {
                subscriber.flush_due(now);
            }
        }
    }

    /// The newest events of a kind, oldest first.
    pub(crate) fn history(&self, kind: Kind) -> Vec<Rc<Happening>> {
        self.0.borrow().history.of(kind)
    }

    fn subscribers(&self) -> Vec<Rc<RefCell<Subscriber>>> {
        // Cloned out: a handler may subscribe.
        self.0.borrow().subscribers.clone()
    }
}

#[cfg(test)]
mod tests;
