//! Taking a body's fields for what they should be.

use std::str::FromStr;

use serde_json::Value;

use super::{NAME_CHARS_MAX, Problem, ShapeError, Word};
use crate::documents::Body;

/// A body that is being read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    collection: &'static str,
    body: &'a Body,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(collection: &'static str, body: &'a Body) -> Self {
        Reader { collection, body }
    }

    /// An error in a field.
    pub(super) fn wrong(self, field: &'static str, problem: Problem) -> ShapeError {
        let collection = self.collection.to_owned();
        ShapeError { collection, field: Some(field), problem }
    }

    /// What has to be there.
    pub(super) fn required<T>(
        self,
        field: &'static str,
        read: Result<Option<T>, ShapeError>,
    ) -> Result<T, ShapeError> {
        read?.ok_or_else(|| self.wrong(field, Problem::Missing))
    }

    /// Any text.
    pub(super) fn text(self, field: &'static str) -> Result<Option<&'a str>, ShapeError> {
        self.value(field, "a text", Value::as_str)
    }

    /// A text of one line that is not too long.
    pub(super) fn line(
        self,
        field: &'static str,
        chars_max: usize,
    ) -> Result<Option<String>, ShapeError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let chars = text.chars().count();
        if chars > chars_max {
            return Err(self.wrong(field, Problem::TooManyChars { chars, chars_max }));
        }
        if let Some(character) = text.chars().find(|character| character.is_control()) {
            return Err(self.wrong(field, Problem::Unprintable { character }));
        }
        Ok(Some(text.to_owned()))
    }

    /// What the user calls it.
    pub(super) fn name(self, field: &'static str) -> Result<Option<String>, ShapeError> {
        let name = self.line(field, NAME_CHARS_MAX)?;
        if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            return Err(self.wrong(field, Problem::Blank));
        }
        Ok(name)
    }

    /// One of some words.
    pub(super) fn word<T: Word>(self, field: &'static str) -> Result<Option<T>, ShapeError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let unknown = || self.wrong(field, Problem::not_one_of(text, T::allowed()));
        T::of_text(text).ok_or_else(unknown).map(Some)
    }

    /// A text that has its own way of being read.
    pub(super) fn parsed<T>(self, field: &'static str) -> Result<Option<T>, ShapeError>
    where
        T: FromStr,
        Problem: From<T::Err>,
    {
        let Some(text) = self.text(field)? else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| self.wrong(field, error.into()))
    }

    /// Yes or no.
    pub(super) fn yes(self, field: &'static str) -> Result<Option<bool>, ShapeError> {
        self.value(field, "true or false", Value::as_bool)
    }

    /// A place in an order.
    pub(super) fn place(self, field: &'static str) -> Result<Option<u32>, ShapeError> {
        let whole = |value: &Value| value.as_u64().and_then(|place| place.try_into().ok());
        self.value(field, "a whole number from 0 to 4294967295", whole)
    }

    /// A list.
    pub(super) fn list(
        self,
        field: &'static str,
        items_max: usize,
    ) -> Result<Option<&'a [Value]>, ShapeError> {
        let list = self.value(field, "a list", |value| value.as_array().map(Vec::as_slice))?;
        let items = list.map_or(0, <[Value]>::len);
        if items > items_max {
            return Err(self.wrong(field, Problem::TooManyItems { items, items_max }));
        }
        Ok(list)
    }

    fn value<T>(
        self,
        field: &'static str,
        expected: &'static str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ShapeError> {
        let Some(value) = self.body.get(field) else { return Ok(None) };
        read(value).ok_or_else(|| self.wrong(field, Problem::NotA { expected })).map(Some)
    }
}
