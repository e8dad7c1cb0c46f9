//! Messages that could not be read, kept for inspection.

use std::collections::VecDeque;

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
