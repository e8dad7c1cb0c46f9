//! An event with its number and its bytes: made once, shared by every shard and every reader.

use tidemark_shared::protocol::{Encoding, Epoch, Event, Position, Sequence};

use crate::publication::Publication;

/// The short name of a topic within this run of the relay: binary frames carry it, and shards
/// index their logs by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias(pub u32);

impl Alias {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An event with its number and its bytes in every encoding.
#[derive(Debug)]
pub struct Numbered {
    /// Its topic's short name.
    pub alias: Alias,
    /// The event.
    pub event: Event,
    json: Box<[u8]>,
    binary: Box<[u8]>,
}

impl Numbered {
    /// Numbers a publication and encodes it.
    #[must_use]
    pub fn new(publication: Publication, alias: Alias, epoch: Epoch, sequence: Sequence) -> Self {
        let Publication { topic, at, source, priority, meta, payload } = publication;
        let position = Position::new(epoch, sequence);
        Self::of_event(Event { topic, position, at, source, priority, meta, payload }, alias)
    }

    /// Encodes an event that has its number already.
    #[must_use]
    pub fn of_event(event: Event, alias: Alias) -> Self {
        let encode = |encoding: Encoding| {
            let mut bytes = Vec::with_capacity(256);
            encoding.append_event(&event, alias.0, &mut bytes);
            bytes.into_boxed_slice()
        };
        let (json, binary) = (encode(Encoding::Json), encode(Encoding::Binary));
        Numbered { alias, event, json, binary }
    }

    /// Its bytes as a piece of a batch.
    #[must_use]
    pub fn bytes(&self, encoding: Encoding) -> &[u8] {
        match encoding {
            Encoding::Json => &self.json,
            Encoding::Binary => &self.binary,
        }
    }

    /// The longer of its encodings, in bytes.
    #[must_use]
    pub fn bytes_max(&self) -> usize {
        self.json.len().max(self.binary.len())
    }
}
