//! What is wrong with a document, in words for its user.

use std::fmt;

use thiserror::Error;

use super::super::DOCUMENT_BYTES_MAX;
use crate::market::{InvalidSymbol, NotADecimal, UnknownInterval};

/// Enough of a wrong text to recognise it by.
const SHOWN_CHARS_MAX: usize = 40;

/// A document that is not what its collection holds.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ShapeError {
    /// Of which collection.
    pub collection: String,
    /// In which field; absent when it is about the whole.
    pub field: Option<&'static str>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a document or a field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// It has to be there.
    #[error("it is missing")]
    Missing,
    /// It is something else than what it must be.
    #[error("it must be {expected}")]
    NotA {
        /// What it must be.
        expected: &'static str,
    },
    /// There is nothing in it to see.
    #[error("it is blank")]
    Blank,
    /// It has a character that cannot be shown.
    #[error("it has a character that cannot be shown (U+{:04X})", u32::from(*.character))]
    Unprintable {
        /// Which.
        character: char,
    },
    /// Too many characters.
    #[error("it has {chars} characters; {chars_max} are allowed")]
    TooManyChars {
        /// How many it has.
        chars: usize,
        /// How many it may have.
        chars_max: usize,
    },
    /// Too many bytes.
    #[error("it has {bytes} bytes; {bytes_max} are allowed")]
    TooManyBytes {
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        bytes_max: usize,
    },
    /// Too many things.
    #[error("it has {items} items; {items_max} are allowed")]
    TooManyItems {
        /// How many it has.
        items: usize,
        /// How many it may have.
        items_max: usize,
    },
    /// The same twice.
    #[error("{item:?} is in it twice")]
    Double {
        /// What.
        item: String,
    },
    /// Not one of the words that it may be.
    #[error("{text:?} is none of {allowed}")]
    NotOneOf {
        /// What was read, cut.
        text: String,
        /// What it may be.
        allowed: String,
    },
    /// Not a symbol.
    #[error(transparent)]
    Symbol(#[from] InvalidSymbol),
    /// Not an interval.
    #[error(transparent)]
    Interval(#[from] UnknownInterval),
    /// Not a decimal number.
    #[error(transparent)]
    Decimal(#[from] NotADecimal),
    /// The document is too large.
    #[error("it has {bytes} bytes; {DOCUMENT_BYTES_MAX} are allowed")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
}

impl ShapeError {
    /// About the whole document.
    pub(super) fn whole(collection: &str, problem: Problem) -> Self {
        ShapeError { collection: collection.to_owned(), field: None, problem }
    }
}

impl Problem {
    /// A text that is none of some words.
    pub(super) fn not_one_of(text: &str, allowed: String) -> Self {
        Problem::NotOneOf { text: text.chars().take(SHOWN_CHARS_MAX).collect(), allowed }
    }

    /// Something that is there twice.
    pub(super) fn double(item: &str) -> Self {
        Problem::Double { item: item.chars().take(SHOWN_CHARS_MAX).collect() }
    }
}

impl fmt::Display for ShapeError {
    /// What is wrong, and that nothing has come to harm.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ShapeError { collection, field, problem } = self;
        match field {
            Some(field) => write!(f, "{field} in {collection}: {problem}")?,
            None => write!(f, "a document in {collection}: {problem}")?,
        }
        f.write_str("; what is stored was left as it is")
    }
}
