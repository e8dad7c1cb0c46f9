//! `notes`: what the user wrote about an instrument. The document's id is the instrument's symbol.

use serde_json::Value;

use super::{Problem, Reader, Shape, ShapeError};
use crate::documents::Body;

/// Longest text of a note, in bytes: some ten pages.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;

/// A note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// `text`: as the user wrote it, line ends and all.
    pub text: String,
}

impl Shape for Note {
    const COLLECTION: &'static str = "notes";

    fn of_body(body: &Body) -> Result<Self, ShapeError> {
        const FIELD: &str = "text";
        let reader = Reader::new(Self::COLLECTION, body);
        let text = reader.required(FIELD, reader.text(FIELD))?;
        if text.len() > NOTE_BYTES_MAX {
            let problem = Problem::TooManyBytes { bytes: text.len(), bytes_max: NOTE_BYTES_MAX };
            return Err(reader.wrong(FIELD, problem));
        }
        Ok(Note { text: text.to_owned() })
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![("text", Some(self.text.as_str().into()))]
    }
}
