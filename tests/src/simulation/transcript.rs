//! All that happened, as one number: two runs are the same life if their numbers are.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// Takes in what happens, in order.
#[derive(Debug)]
pub struct Transcript {
    // Its keys are constants: the same bytes give the same number in every run.
    hasher: DefaultHasher,
    text: Option<String>,
}

impl Transcript {
    /// A transcript that is a number only.
    #[must_use]
    pub fn hashed() -> Self {
        Transcript { hasher: DefaultHasher::new(), text: None }
    }

    /// A transcript that can be read as well.
    #[must_use]
    pub fn told() -> Self {
        Transcript { text: Some(String::new()), ..Transcript::hashed() }
    }

    /// Whether it can be read.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        self.text.is_some()
    }

    /// Something happened.
    pub fn note(&mut self, at: Duration, what: fmt::Arguments<'_>) {
        at.hash(&mut self.hasher);
        let hashed = fmt::write(&mut Hashing(&mut self.hasher), what);
        if let Some(text) = &mut self.text {
            let told = fmt::write(text, format_args!("{at:?} {what}\n"));
            told.and(hashed).expect("what happens can be written down");
        }
    }

    /// Bytes went over a wire.
    pub fn bytes(&mut self, at: Duration, what: fmt::Arguments<'_>, bytes: &[u8]) {
        bytes.hash(&mut self.hasher);
        match self.text {
            Some(_) => self.note(at, format_args!("{what} {}", bytes.escape_ascii())),
            None => self.note(at, what),
        }
    }

    /// The number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.hasher.finish()
    }

    /// The text; empty if it was not kept.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

struct Hashing<'a>(&'a mut DefaultHasher);

impl fmt::Write for Hashing<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
