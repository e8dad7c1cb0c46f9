//! Writes down the newest event of each topic, many in one write.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use tidemark_shared::protocol::{Event, Topic};

use super::{Entry, Keep, KeepError, Shelf};

/// Collects events and writes the newest of each topic.
pub(crate) struct Keeper {
    place: Rc<dyn Keep>,
    dirty: RefCell<HashMap<Topic, Option<Arc<Event>>>>,
    writing: Cell<bool>,
}

impl Keeper {
    /// A keeper that writes to `place`.
    pub(crate) fn new(place: Rc<dyn Keep>) -> Self {
        Keeper { place, dirty: RefCell::default(), writing: Cell::new(false) }
    }

    /// Keeps an event in place of the topic's older one, at the next [`Keeper::flush`].
    pub(crate) fn keep(&self, event: &Arc<Event>) {
        self.dirty.borrow_mut().insert(event.topic.clone(), Some(event.clone()));
    }

    /// Forgets a topic, at the next [`Keeper::flush`].
    pub(crate) fn forget(&self, topic: &Topic) {
        self.dirty.borrow_mut().insert(topic.clone(), None);
    }

    /// Writes what has changed. What a failed write held is written with the next one, unless
    /// something newer came meanwhile.
    pub(crate) async fn flush(&self) -> Result<(), KeepError> {
        if self.dirty.borrow().is_empty() || self.writing.replace(true) {
            return Ok(());
        }
        let batch = self.dirty.take();
        let outcome = self.place.write(Shelf::Events, entries(&batch)).await;
        self.writing.set(false);
        if outcome.is_err() {
            let mut dirty = self.dirty.borrow_mut();
            for (topic, event) in batch {
                dirty.entry(topic).or_insert(event);
            }
        }
        outcome
    }

    /// The events of the last visit. What cannot be read any more is as good as not kept.
    pub(crate) async fn load(&self) -> Result<Vec<Event>, KeepError> {
        let kept = self.place.read(Shelf::Events).await?;
        Ok(kept
            .iter()
            .filter_map(|(_, text)| serde_json::from_slice(text.as_bytes()).ok())
            .collect())
    }
}

fn entries(batch: &HashMap<Topic, Option<Arc<Event>>>) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(batch.len());
    for (topic, event) in batch {
        // An event that cannot be written again has a payload from the future: not worth keeping.
        let text = event.as_ref().and_then(|event| serde_json::to_string(event.as_ref()).ok());
        entries.push((topic.as_str().to_owned(), text));
    }
    entries
}

#[cfg(test)]
pub(super) mod tests {
    use std::future::{Future, ready};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use tidemark_shared::clock::UnixMillis;
    use tidemark_shared::market::Quote;
    use tidemark_shared::protocol::{Epoch, Metadata, Payload, Position, Priority, Sequence};

    use super::*;
    use crate::store::{Later, Memory};

    /// Memory answers at once, so one poll is enough.
    pub(in crate::store) fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("memory should answer at once"),
        }
    }

    fn event(sequence: u64) -> Arc<Event> {
        Arc::new(Event {
            topic: "price:AAPL".parse().unwrap(),
            position: Position::new(Epoch(7), Sequence(sequence)),
            at: UnixMillis(5),
            source: "simulator".into(),
            priority: Priority::Normal,
            meta: Metadata::default(),
            payload: Payload::Quote(Quote::of_price("1.50".parse().unwrap(), UnixMillis(4))),
        })
    }

    #[test]
    fn the_next_visit_finds_the_newest_event_with_its_position() {
        let keeper = Keeper::new(Rc::new(Memory::default()));
        keeper.keep(&event(1));
        keeper.keep(&event(2));
        now(keeper.flush()).unwrap();
        assert_eq!(now(keeper.load()).unwrap(), [event(2).as_ref().clone()]);
        keeper.forget(&event(2).topic);
        now(keeper.flush()).unwrap();
        assert!(now(keeper.load()).unwrap().is_empty());
    }

    /// A disk that is full once.
    #[derive(Default)]
    pub(in crate::store) struct FullOnce {
        memory: Memory,
        failed: Cell<bool>,
    }

    impl Keep for FullOnce {
        fn read(&self, shelf: Shelf) -> Later<'_, Vec<(String, String)>> {
            self.memory.read(shelf)
        }

        fn write(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()> {
            if self.failed.replace(true) {
                return self.memory.write(shelf, entries);
            }
            Box::pin(ready(Err(KeepError::Failed { reason: "QuotaExceededError".into() })))
        }

        fn replace(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()> {
            self.memory.replace(shelf, entries)
        }

        fn remove(&self) -> Later<'_, ()> {
            self.memory.remove()
        }
    }

    #[test]
    fn what_a_failed_write_held_is_written_with_the_next_one() {
        let keeper = Keeper::new(Rc::new(FullOnce::default()));
        keeper.keep(&event(1));
        assert!(now(keeper.flush()).is_err());
        now(keeper.flush()).unwrap();
        assert_eq!(now(keeper.load()).unwrap().len(), 1);
    }
}
