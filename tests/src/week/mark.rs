//! Texts that occur in what one act of a user's has written, and nowhere else: by them everything
//! that was ever written can be found again, wherever it has got to, and counted.

use std::fmt;

use serde_json::Value;
use tidemark_shared::documents::Body;

/// A number of seven digits. It fits a symbol, a line of a note, a name and a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(u32);

const DIGITS: usize = 7;

impl Mark {
    /// Before the first one.
    pub const NONE: Mark = Mark(1_000_000);

    /// The one after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Mark(self.0 + 1)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// All marks in a document, as often as they are there.
#[must_use]
pub fn marks_in_body(body: &Body) -> Vec<Mark> {
    let mut found = Vec::new();
    body.0.values().for_each(|value| find(value, &mut found));
    found.sort_unstable();
    found
}

/// All marks in a value that may be absent, as often as they are there.
#[must_use]
pub fn marks_in(value: Option<&Value>) -> Vec<Mark> {
    let mut found = Vec::new();
    value.into_iter().for_each(|value| find(value, &mut found));
    found
}

fn find(value: &Value, found: &mut Vec<Mark>) {
    match value {
        Value::String(text) => find_in_text(text, found),
        Value::Array(items) => items.iter().for_each(|item| find(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| find(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn find_in_text(text: &str, found: &mut Vec<Mark>) {
    let words = text.split(|character: char| !character.is_ascii_digit());
    let numbers = words.filter(|word| word.len() == DIGITS).filter_map(|word| word.parse().ok());
    found.extend(numbers.filter(|number| *number > Mark::NONE.0).map(Mark));
}
