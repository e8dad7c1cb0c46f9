//! One topic's log: a window of numbered messages that any number of cursors read.

use std::collections::VecDeque;
use std::sync::Arc;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    Delivery, Encoding, Epoch, Position, Priority, Sequence, Topic, WhyNotRecovered,
};

use super::arena::Arena;
use super::{Alias, Numbered, Window};

/// The log of one topic.
#[derive(Debug)]
pub struct TopicLog {
    topic: Topic,
    alias: Alias,
    epoch: Epoch,
    window: Window,
    /// The sequence of the first entry, or of the next message when there is none.
    first: Sequence,
    entries: VecDeque<Entry>,
    json: Arena,
    binary: Arena,
    newest: Option<Arc<Numbered>>,
    as_of: Option<UnixMillis>,
}

/// Where a message ends in the arenas, and when it was taken in.
#[derive(Debug)]
struct Entry {
    json_end: u64,
    binary_end: u64,
    at: UnixMillis,
}

/// Where a new reader is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The reader's cursor: it gets what comes after this.
    pub after: Sequence,
    /// Why it does not stand where it asked for.
    pub lost: Option<WhyNotRecovered>,
}

/// What a cursor finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// It has everything.
    Nothing,
    /// Messages, as a piece of a batch.
    Messages {
        /// Their bytes.
        bytes: &'a [u8],
        /// The cursor after them.
        to: Sequence,
    },
    /// What comes next has left the window.
    Lost,
}

impl TopicLog {
    /// An empty log whose next message follows `head`.
    #[must_use]
    pub fn new(topic: Topic, alias: Alias, head: Position, window: Window) -> Self {
        TopicLog {
            topic,
            alias,
            epoch: head.epoch,
            window,
            first: head.sequence.next(),
            entries: VecDeque::new(),
            json: Arena::default(),
            binary: Arena::default(),
            newest: None,
            as_of: None,
        }
    }

    /// Takes the next message in. One that is here already is passed over; one after a hole
    /// starts the window anew, so that a reader is told of the loss instead of not noticing it.
    pub fn append(&mut self, message: &Arc<Numbered>) {
        let sequence = message.event.position.sequence;
        if sequence <= self.head() {
            return;
        }
        if sequence > self.head().next() {
            self.forget_all(sequence);
        }
        let at = message.event.at;
        self.entries.push_back(Entry {
            json_end: self.json.append(message.bytes(Encoding::Json)),
            binary_end: self.binary.append(message.bytes(Encoding::Binary)),
            at,
        });
        self.newest = Some(Arc::clone(message));
        self.touch(at);
        self.trim(at);
    }

    /// The source of the topic was alive at this time: what the log ends with is true until then.
    pub fn touch(&mut self, as_of: UnixMillis) {
        self.as_of = self.as_of.max(Some(as_of));
    }

    /// Drops what is past its age.
    pub fn trim(&mut self, now: UnixMillis) {
        let oldest = now - self.window.age_max;
        while self.entries.len() > 1 {
            let over_count = self.entries.len() > self.window.count_max;
            let over_bytes = self.retained_bytes() > self.window.bytes_max as u64;
            let over_age = self.entries.front().is_some_and(|entry| entry.at < oldest);
            if !(over_count || over_bytes || over_age) {
                return;
            }
            if let Some(gone) = self.entries.pop_front() {
                self.json.drop_before(gone.json_end);
                self.binary.drop_before(gone.binary_end);
                self.first = self.first.next();
            }
        }
    }

    /// Finds the place of a new reader. `numbered_to` is the last sequence given out by the
    /// sequencer, which may be ahead of what this log has got yet.
    #[must_use]
    pub fn place(&self, wanted: Option<Position>, numbered_to: Sequence) -> Placement {
        let at_head = |lost| Placement { after: self.head(), lost };
        let Some(wanted) = wanted else { return at_head(None) };
        if wanted.epoch != self.epoch {
            at_head(Some(WhyNotRecovered::NewEpoch))
        } else if wanted.sequence > numbered_to {
            at_head(Some(WhyNotRecovered::Ahead))
        } else if wanted.sequence.next() < self.first {
            at_head(Some(WhyNotRecovered::Expired))
        } else {
            Placement { after: wanted.sequence, lost: None }
        }
    }

    /// What follows a cursor: as many whole messages as fit into both budgets, at least one.
    #[must_use]
    pub fn read(
        &self,
        encoding: Encoding,
        after: Sequence,
        bytes_max: usize,
        messages_max: usize,
    ) -> Read<'_> {
        if after >= self.head() {
            return Read::Nothing;
        }
        let Some(from) = after.next().0.checked_sub(self.first.0) else { return Read::Lost };
        // It is below `head`, so it is an index into the entries.
        let from = from as usize;
        let start = match from.checked_sub(1) {
            Some(before) => self.end_of(before, encoding),
            None => self.start(encoding),
        };
        let last = self.entries.len().min(from.saturating_add(messages_max.max(1)));
        let fits = |index: usize| self.end_of(index, encoding) - start <= bytes_max as u64;
        let mut to = last;
        // Most reads fit whole; the others are cut by bisection.
        if !fits(last - 1) {
            let (mut low, mut high) = (from + 1, last);
            while low < high {
                let middle = low + (high - low) / 2;
                if fits(middle) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            to = low;
        }
        let end = self.end_of(to - 1, encoding);
        Read::Messages {
            bytes: self.arena(encoding).slice(start, end),
            to: Sequence(self.first.0 + to as u64 - 1),
        }
    }

    /// The last message's sequence.
    #[must_use]
    pub fn head(&self) -> Sequence {
        Sequence(self.first.0 + self.entries.len() as u64 - 1)
    }

    /// The last message, though it may have left the window.
    #[must_use]
    pub const fn newest(&self) -> Option<&Arc<Numbered>> {
        self.newest.as_ref()
    }

    /// The last message's priority.
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.newest.as_ref().map_or(Priority::Normal, |newest| newest.event.priority)
    }

    /// Until when its content is known to be true.
    #[must_use]
    pub const fn as_of(&self) -> Option<UnixMillis> {
        self.as_of
    }

    /// Whose log it is.
    #[must_use]
    pub const fn topic(&self) -> &Topic {
        &self.topic
    }

    /// Its short name.
    #[must_use]
    pub const fn alias(&self) -> Alias {
        self.alias
    }

    /// Its numbering.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// How it treats slow readers.
    #[must_use]
    pub const fn delivery(&self) -> Delivery {
        self.topic.class().delivery()
    }

    /// How many messages are kept.
    #[must_use]
    pub fn retained(&self) -> usize {
        self.entries.len()
    }

    /// The kept messages as JSON lines, oldest first.
    #[must_use]
    pub fn retained_json(&self) -> &[u8] {
        self.json.slice(self.start(Encoding::Json), self.json.end())
    }

    fn retained_bytes(&self) -> u64 {
        let json = self.json.end() - self.start(Encoding::Json);
        let binary = self.binary.end() - self.start(Encoding::Binary);
        json.max(binary)
    }

    fn forget_all(&mut self, next: Sequence) {
        self.json.drop_before(self.json.end());
        self.binary.drop_before(self.binary.end());
        self.entries.clear();
        self.first = next;
    }

    fn arena(&self, encoding: Encoding) -> &Arena {
        match encoding {
            Encoding::Json => &self.json,
            Encoding::Binary => &self.binary,
        }
    }

    fn start(&self, encoding: Encoding) -> u64 {
        self.arena(encoding).start()
    }

    fn end_of(&self, index: usize, encoding: Encoding) -> u64 {
        match (self.entries.get(index), encoding) {
            (Some(entry), Encoding::Json) => entry.json_end,
            (Some(entry), Encoding::Binary) => entry.binary_end,
            (None, _) => self.arena(encoding).end(),
        }
    }
}

#[cfg(test)]
mod tests;
