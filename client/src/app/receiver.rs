//! What the relay says, on its way to the next frame.

use std::sync::Arc;

use tidemark_shared::protocol::{Class, Event, Pattern, Payload};
use tidemark_shared::session::{Delivery, Note, Status};

use super::App;
use crate::bus::AppEvent;
use crate::link::Application;
use crate::tabs::{Neighbour, Word};

/// The app as the connection sees it.
pub(super) struct Receiver(pub(super) App);

impl Application for Receiver {
    fn delivered(&self, delivery: Delivery) {
        let parts = self.0.parts();
        parts.ledger.borrow_mut().observe(&delivery);
        match delivery {
            Delivery::Event(event) => self.take(event),
            Delivery::Snapshot { event, topic, lost } => {
                if let (Some(_), Some(on_reset)) = (lost, &*parts.on_reset.borrow()) {
                    on_reset(&topic);
                }
                if let Some(event) = event {
                    self.take(event);
                }
            }
            Delivery::Skipped { .. } => {}
            Delivery::Fresh { topic, as_of } => parts.pending.borrow_mut().fresh(topic, as_of),
            Delivery::Refused { topic, error } => {
                if let Pattern::One(one) = &topic
                    && let (Class::Price | Class::Delayed, Some(symbol)) =
                        (one.class(), one.symbol())
                {
                    // For whom prices are late, they come on another topic.
                    if one.class() == Class::Price && self.0.status_now().delayed_ms.is_some() {
                        return;
                    }
                    parts.rows.refuse(&symbol);
                }
                self.0.publish(AppEvent::Refused { topic, error });
            }
        }
        if let Some(frames) = parts.frames.get() {
            frames.ask();
        }
    }

    fn noted(&self, note: Note) {
        self.0.publish(AppEvent::Connection(note));
    }

    fn status_changed(&self, status: &Status) {
        // It may change with every message; the screen follows once per frame.
        let parts = self.0.parts();
        parts.queue.link_status(status);
        *parts.new_status.borrow_mut() = Some(status.clone());
        if let Some(frames) = parts.frames.get() {
            frames.ask();
        }
    }
}

impl Neighbour for Receiver {
    fn role_changed(&self, leads: bool) {
        self.0.parts().queue.role_changed(leads);
    }

    fn heard(&self, word: Word) {
        match word {
            Word::Written { done } => self.0.parts().queue.take_in(done),
            Word::SignedIn {} => self.0.signed_in_elsewhere(),
            // What this page shows is not this user's any more.
            Word::Leaving {} => self.0.leave(),
            _ => {}
        }
    }
}

impl Receiver {
    fn take(&self, event: Event) {
        let parts = self.0.parts();
        let event = Arc::new(event);
        match (event.topic.class(), &event.payload) {
            (_, Payload::Documents(delta)) => parts.queue.news(delta.clone()),
            (Class::Bars, _) => parts.pending.borrow_mut().bar(event),
            (_, Payload::Notice(notice)) => {
                parts.keeper.keep(&event);
                self.0.publish(AppEvent::Notice(notice.clone()));
            }
            _ => {
                parts.keeper.keep(&event);
                parts.pending.borrow_mut().latest(event);
            }
        }
    }
}
