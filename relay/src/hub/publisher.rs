//! The way into the hub: publications go in, numbered messages go out to every shard.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{Position, Topic};
use tokio::sync::mpsc;

use super::Sequencer;
use super::runtime::Command;
use crate::publication::{Demand, Publication};

/// The hub's threads have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the relay is stopping")]
pub struct RelayStopped;

/// Numbers what is published and hands it to every shard.
#[derive(Clone, Debug)]
pub struct Publisher {
    sequencer: Arc<Mutex<Sequencer>>,
    shards: Arc<[mpsc::Sender<Command>]>,
}

impl Publisher {
    pub(super) fn new(
        sequencer: Arc<Mutex<Sequencer>>,
        shards: Arc<[mpsc::Sender<Command>]>,
    ) -> Self {
        Publisher { sequencer, shards }
    }

    /// Publishes, in this order. Waits while a shard is behind, so that whoever publishes is
    /// slowed down instead of memory growing. Gives the position of each; none where the relay
    /// has no room for another topic.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn publish(
        &self,
        publications: Vec<Publication>,
    ) -> Result<Vec<Option<Position>>, RelayStopped> {
        let mut permits = Vec::with_capacity(self.shards.len());
        for shard in self.shards.iter() {
            permits.push(shard.reserve().await.map_err(|_| RelayStopped)?);
        }
        // Numbers are given and sent under one lock, so that every shard sees one order.
        let mut sequencer = self.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered: Vec<_> =
            publications.into_iter().map(|publication| sequencer.number(publication)).collect();
        let positions = numbered
            .iter()
            .map(|message| message.as_ref().ok().map(|message| message.event.position))
            .collect();
        let messages: Arc<[_]> = numbered.into_iter().flatten().collect();
        for permit in permits {
            permit.send(Command::Append(Arc::clone(&messages)));
        }
        Ok(positions)
    }

    /// The source of these topics was alive at a time.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn touch(&self, topics: &[Topic], as_of: UnixMillis) -> Result<(), RelayStopped> {
        let aliases: Arc<[_]> = {
            let mut sequencer = self.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            let known: Vec<&Topic> = topics.iter().filter(|topic| sequencer.knows(topic)).collect();
            known.into_iter().flat_map(|topic| sequencer.open(topic)).map(|o| o.alias).collect()
        };
        for shard in self.shards.iter() {
            let command = Command::Touch(Arc::clone(&aliases), as_of);
            shard.send(command).await.map_err(|_| RelayStopped)?;
        }
        Ok(())
    }

    /// Whether a topic has begun.
    #[must_use]
    pub fn knows(&self, topic: &Topic) -> bool {
        self.sequencer.lock().unwrap_or_else(PoisonError::into_inner).knows(topic)
    }
}

/// What the relay's readers want, as it changes. Few and small, so nothing bounds them but the
/// number of topics.
pub type DemandReceiver = mpsc::UnboundedReceiver<Demand>;

/// Adds up the demand of all shards: the first reader on any, the last on all.
#[derive(Debug)]
pub(super) struct DemandLedger {
    shards_that_read: Mutex<HashMap<Topic, usize>>,
    changes: mpsc::UnboundedSender<Demand>,
}

impl DemandLedger {
    pub(super) fn new() -> (Self, DemandReceiver) {
        let (changes, receiver) = mpsc::unbounded_channel();
        (DemandLedger { shards_that_read: Mutex::default(), changes }, receiver)
    }

    pub(super) fn enter(&self, demand: Demand) {
        let mut counts = self.shards_that_read.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = match &demand {
            Demand::Wanted(topic) => {
                let count = counts.entry(topic.clone()).or_default();
                *count += 1;
                *count == 1
            }
            Demand::Released(topic) => match counts.get_mut(topic) {
                Some(count) if *count > 1 => {
                    *count -= 1;
                    false
                }
                _ => counts.remove(topic).is_some(),
            },
        };
        if changed {
            // Nobody listens while the relay stops, and nobody needs to.
            let _ = self.changes.send(demand);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_shards_that_read_a_topic_are_one_demand() {
        let topic: Topic = "price:AAPL".parse().unwrap();
        let (wanted, released) = (Demand::Wanted(topic.clone()), Demand::Released(topic));
        let (ledger, mut changes) = DemandLedger::new();
        for demand in [&wanted, &wanted, &released, &released] {
            ledger.enter(demand.clone());
        }
        assert_eq!(changes.try_recv().unwrap(), wanted);
        assert_eq!(changes.try_recv().unwrap(), released);
        assert!(changes.try_recv().is_err());
    }
}
