//! `watchlists`: instruments in the user's order.

use std::collections::HashSet;

use serde_json::Value;

use super::{Problem, Reader, Shape, ShapeError};
use crate::documents::Body;
use crate::market::Symbol;

/// Most instruments on a list: what the page is measured to scroll smoothly.
pub const LISTED_MAX: usize = 1_000;

/// A watchlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watchlist {
    /// `name`: what the user calls it.
    pub name: String,
    /// `items`: its instruments in the user's order, none twice.
    pub items: Vec<Symbol>,
    /// `position`: its place among the user's lists, lower ones first.
    pub position: u32,
}

impl Shape for Watchlist {
    const COLLECTION: &'static str = "watchlists";

    fn of_body(body: &Body) -> Result<Self, ShapeError> {
        let reader = Reader::new(Self::COLLECTION, body);
        Ok(Watchlist {
            name: reader.required("name", reader.name("name"))?,
            items: items(reader)?,
            position: reader.place("position")?.unwrap_or_default(),
        })
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let items = self.items.iter().map(Symbol::as_str);
        vec![
            ("name", Some(self.name.as_str().into())),
            ("items", Some(items.collect())),
            ("position", Some(self.position.into())),
        ]
    }
}

fn items(reader: Reader<'_>) -> Result<Vec<Symbol>, ShapeError> {
    const FIELD: &str = "items";
    let listed = reader.required(FIELD, reader.list(FIELD, LISTED_MAX))?;
    let mut seen = HashSet::with_capacity(listed.len());
    let mut items = Vec::with_capacity(listed.len());
    for item in listed {
        let not_texts = Problem::NotA { expected: "a list of texts" };
        let text = item.as_str().ok_or_else(|| reader.wrong(FIELD, not_texts))?;
        if !seen.insert(text) {
            return Err(reader.wrong(FIELD, Problem::double(text)));
        }
        items.push(text.parse().map_err(|error| reader.wrong(FIELD, Problem::Symbol(error)))?);
    }
    Ok(items)
}
