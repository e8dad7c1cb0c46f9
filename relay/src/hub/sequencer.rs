//! The sequencer: gives every topic its alias and every message its number.

use std::collections::HashMap;
use std::sync::Arc;

use thiserror::Error;
use tidemark_shared::protocol::{Epoch, FRAME_BYTES_MAX, Position, Sequence, Topic};

use crate::log::{Alias, Numbered};
use crate::publication::Publication;

/// Most topics of one relay. At the default windows they would fill any memory long before; this
/// only keeps a runaway source from filling it with empty logs.
const TOPICS_MAX: usize = 200_000;

/// Largest message of a log, encoded. It goes into a frame beside others, and into `subscribed`.
pub(super) const MESSAGE_BYTES_MAX: usize = FRAME_BYTES_MAX / 2;

/// The relay has no room for another topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this relay already has {TOPICS_MAX} topics, which is all it takes")]
pub struct TooManyTopics;

/// Why a publication got no number. Nothing was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotNumbered {
    /// It would begin a topic that there is no room for.
    #[error(transparent)]
    TooManyTopics(#[from] TooManyTopics),
    /// No frame could carry it.
    #[error("a message has at most {MESSAGE_BYTES_MAX} bytes, this one has {bytes}")]
    TooLarge {
        /// Its size when encoded.
        bytes: usize,
    },
}

/// The numbering of all topics.
#[derive(Debug)]
pub struct Sequencer {
    /// The epoch of logs that begin in this run.
    epoch: Epoch,
    topics: Vec<Numbering>,
    aliases: HashMap<Topic, Alias>,
}

#[derive(Debug)]
struct Numbering {
    topic: Topic,
    head: Position,
}

/// A topic as the sequencer knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its name.
    pub topic: Topic,
    /// Its short name.
    pub alias: Alias,
    /// The last number given out.
    pub head: Position,
}

impl Sequencer {
    /// A sequencer without topics. New logs are numbered in `epoch`.
    #[must_use]
    pub fn new(epoch: Epoch) -> Self {
        Sequencer { epoch, topics: Vec::new(), aliases: HashMap::new() }
    }

    /// The topic's alias and last number; a topic that nobody knew begins now.
    ///
    /// # Errors
    /// When there are too many topics.
    pub fn open(&mut self, topic: &Topic) -> Result<Opened, TooManyTopics> {
        self.open_at(topic, Position::new(self.epoch, Sequence::START))
    }

    /// Continues a numbering that an earlier run has begun.
    ///
    /// # Errors
    /// When there are too many topics.
    pub fn restore(&mut self, topic: &Topic, head: Position) -> Result<Opened, TooManyTopics> {
        self.open_at(topic, head)
    }

    /// Numbers a publication and encodes it.
    ///
    /// # Errors
    /// When there are too many topics, or the publication is too large.
    pub fn number(&mut self, publication: Publication) -> Result<Arc<Numbered>, NotNumbered> {
        let opened = self.open(&publication.topic)?;
        let sequence = opened.head.sequence.next();
        let numbered = Numbered::new(publication, opened.alias, opened.head.epoch, sequence);
        if numbered.bytes_max() > MESSAGE_BYTES_MAX {
            return Err(NotNumbered::TooLarge { bytes: numbered.bytes_max() });
        }
        if let Some(numbering) = self.topics.get_mut(opened.alias.index()) {
            numbering.head.sequence = sequence;
        }
        Ok(Arc::new(numbered))
    }

    /// All topics.
    pub fn topics(&self) -> impl Iterator<Item = Opened> {
        self.topics.iter().zip(0..).map(|(numbering, alias)| Opened {
            topic: numbering.topic.clone(),
            alias: Alias(alias),
            head: numbering.head,
        })
    }

    /// A topic's alias, if it has begun.
    #[must_use]
    pub fn alias_of(&self, topic: &Topic) -> Option<Alias> {
        self.aliases.get(topic).copied()
    }

    /// Whether a topic has begun.
    #[must_use]
    pub fn knows(&self, topic: &Topic) -> bool {
        self.aliases.contains_key(topic)
    }

    fn open_at(&mut self, topic: &Topic, head: Position) -> Result<Opened, TooManyTopics> {
        if let Some(alias) = self.aliases.get(topic) {
            let known = self.topics.get(alias.index()).map_or(head, |known| known.head);
            return Ok(Opened { topic: topic.clone(), alias: *alias, head: known });
        }
        if self.topics.len() >= TOPICS_MAX {
            return Err(TooManyTopics);
        }
        let alias = Alias(u32::try_from(self.topics.len()).map_err(|_| TooManyTopics)?);
        self.topics.push(Numbering { topic: topic.clone(), head });
        self.aliases.insert(topic.clone(), alias);
        Ok(Opened { topic: topic.clone(), alias, head })
    }
}
