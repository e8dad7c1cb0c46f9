//! What the collections of this version contain, and the check that both ends make before a
//! document is stored.
//!
//! | file | |
//! | --- | --- |
//! | [`watchlist`], [`note`], [`alert_rule`], [`layout`], [`settings`] | one shape each |
//! | [`reader`] | taking a body's fields for what they should be |
//! | [`error`] | what is wrong with a document, in words for its user |
//! | [`word`] | choices that are spelled as one word |
//!
//! A body may have fields that no shape here knows: a newer version has written them, and they are
//! kept. A collection that nobody here knows is stored as it is.
//!
//! What must never be here: what is done when two have changed the same. A page reads shapes and
//! does not merge.

mod alert_rule;
mod error;
mod layout;
mod note;
mod reader;
mod settings;
mod watchlist;
mod word;

pub use alert_rule::{AlertRule, Comparison, Condition, Indicator, IndicatorKind, Metric, Unit};
pub use error::{Problem, ShapeError};
pub use layout::{ChartStyle, Layout, PriceScale};
pub use note::{NOTE_BYTES_MAX, Note};
pub use settings::{Settings, Theme};
pub use watchlist::{LISTED_MAX, Watchlist};
pub use word::Word;

use serde_json::Value;

use self::reader::Reader;
use super::{Body, Change, Changes, Collection, DOCUMENT_BYTES_MAX, Field, changes_between};

/// Longest name of anything that the user names: what a narrow screen shows on two lines.
pub const NAME_CHARS_MAX: usize = 60;

/// The fields that mean something only together, in a known collection: each inner list is merged
/// as one, and a write that touches one of them says of all of them what its author saw.
#[must_use]
pub fn together(collection: &str) -> &'static [&'static [&'static str]] {
    if collection == AlertRule::COLLECTION { AlertRule::TOGETHER } else { &[] }
}

/// Whether a document may be stored: what this version knows of it is well-formed, and it is not
/// too large.
///
/// # Errors
/// With what is wrong with it.
pub fn check(collection: &Collection, body: &Body) -> Result<(), ShapeError> {
    // The relay writes these itself. They hold a document up to three times.
    if *collection == Collection::conflicts() {
        return Ok(());
    }
    let bytes = body.len_bytes();
    if bytes > DOCUMENT_BYTES_MAX {
        return Err(ShapeError::whole(collection.as_str(), Problem::TooLarge { bytes }));
    }
    match collection.as_str() {
        Watchlist::COLLECTION => Watchlist::of_body(body).map(drop),
        Note::COLLECTION => Note::of_body(body).map(drop),
        AlertRule::COLLECTION => AlertRule::of_body(body).map(drop),
        Layout::COLLECTION => Layout::of_body(body).map(drop),
        Settings::COLLECTION => Settings::of_body(body).map(drop),
        _ => Ok(()),
    }
}

/// A document of a known collection, read.
pub trait Shape: Sized {
    /// The name of its collection.
    const COLLECTION: &'static str;

    /// Its fields that mean something only together.
    const TOGETHER: &'static [&'static [&'static str]] = &[];

    /// Reads a body. Fields that it does not know are no error.
    ///
    /// # Errors
    /// With what is wrong with it.
    fn of_body(body: &Body) -> Result<Self, ShapeError>;

    /// All fields that it knows; those that are not set have no value.
    fn fields(&self) -> Vec<(&'static str, Option<Value>)>;

    /// Its collection.
    #[must_use]
    fn collection() -> Collection {
        Self::COLLECTION.parse().expect("shapes are of collections")
    }

    /// A body with nothing but its fields.
    #[must_use]
    fn to_body(&self) -> Body {
        put(self.fields(), Body::default())
    }

    /// What a write says that makes `seen` into this: fields that are as they were are left alone,
    /// also those that it does not know, and those that mean something only together are all
    /// named as soon as one of them changes. `None` for a document that is not there yet.
    #[must_use]
    fn changes_from(&self, seen: Option<&Body>) -> Changes {
        let nothing = Body::default();
        let seen = seen.unwrap_or(&nothing);
        let wanted = put(self.fields(), seen.clone());
        let mut changes = changes_between(seen, &wanted);
        for group in Self::TOGETHER {
            name_all_of(group, seen, &mut changes);
        }
        changes
    }
}

fn put(fields: Vec<(&'static str, Option<Value>)>, mut body: Body) -> Body {
    for (name, value) in fields {
        match value {
            Some(value) => body.0.insert(field(name), value),
            None => body.0.remove(name),
        };
    }
    body
}

fn name_all_of(group: &[&str], seen: &Body, changes: &mut Changes) {
    if group.iter().any(|name| changes.contains_key(*name)) {
        for name in group {
            let as_it_was = || {
                let value = seen.get(name).cloned();
                Change { from: value.clone(), to: value }
            };
            changes.entry(field(name)).or_insert_with(as_it_was);
        }
    }
}

fn field(name: &str) -> Field {
    name.parse().expect("shapes name their fields as fields are named")
}

#[cfg(test)]
mod tests;
