//! Messages that could not be read, kept for inspection.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tidemark_shared::clock::UnixMillis;

/// Most letters kept of one feed: enough to see a pattern.
const LETTERS_MAX: usize = 100;

/// Most bytes kept of one message: with all letters full, 400 KiB of a feed.
const TEXT_BYTES_MAX: usize = 4 * 1024;

/// A message that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// When it came.
    pub at: UnixMillis,
    /// Why it could not be read.
    pub reason: String,
    /// Its beginning.
    pub text: String,
}

impl DeadLetter {
    /// Keeps the beginning of a message.
    #[must_use]
    pub(super) fn new(at: UnixMillis, reason: impl ToString, text: &str) -> Self {
        let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or(text);
        DeadLetter { at, reason: reason.to_string(), text: text.to_owned() }
    }
}

/// The newest dead letters of one feed.
#[derive(Clone, Debug, Default)]
pub(super) struct DeadLetters(VecDeque<DeadLetter>);

impl DeadLetters {
    /// Keeps a letter; the oldest gives way.
    pub(super) fn keep(&mut self, letter: DeadLetter) {
        if self.0.len() == LETTERS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(letter);
    }

    /// All of them, oldest first.
    #[must_use]
    pub(super) fn all(&self) -> Vec<DeadLetter> {
        self.0.iter().cloned().collect()
    }
}

/// Where the dead letters of all feeds are, for whoever inspects them. Clones show the same.
#[derive(Clone, Debug, Default)]
pub struct LetterBoxes(BTreeMap<String, Arc<Mutex<DeadLetters>>>);

impl LetterBoxes {
    /// The newest dead letters of a feed, oldest first; `None` for an unknown feed.
    #[must_use]
    pub fn of(&self, feed: &str) -> Option<Vec<DeadLetter>> {
        // Whoever panicked while holding a box left it whole: it only ever moves letters.
        Some(self.0.get(feed)?.lock().unwrap_or_else(PoisonError::into_inner).all())
    }

    /// Hangs up an empty box for a feed.
    pub(super) fn hang_up(&mut self, feed: &str) -> Arc<Mutex<DeadLetters>> {
        Arc::clone(self.0.entry(feed.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_rubbish_takes_no_more_than_its_place() {
        let mut letters = DeadLetters::default();
        let huge = "ä".repeat(100_000);
        for number in 0..1_000 {
            letters.keep(DeadLetter::new(UnixMillis(number), "rubbish", &huge));
        }
        let kept = letters.all();
        assert_eq!(kept.len(), LETTERS_MAX);
        assert_eq!(kept.first().unwrap().at, UnixMillis(900));
        assert!(kept.iter().all(|letter| letter.text.len() <= TEXT_BYTES_MAX));
    }
}
