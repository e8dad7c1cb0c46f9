//! `settings`: how the user wants the page. Its one document is `settings/main`.

use serde_json::Value;

use super::word::words;
use super::{Problem, Reader, Shape, ShapeError, Word as _};
use crate::documents::Body;
use crate::market::Symbol;

/// Longest tag of a language, in bytes: what BCP 47 asks everybody to have room for.
const LANGUAGE_BYTES_MAX: usize = 35;

words! {
    /// Light or dark.
    Theme {
        /// What the device says.
        System: "system",
        /// Light.
        Light: "light",
        /// Dark.
        Dark: "dark",
    }
}

/// How the user wants the page. What is not set is as the device has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `theme`: light or dark.
    pub theme: Option<Theme>,
    /// `language`: a BCP 47 tag, like `ko` or `pt-BR`.
    pub language: Option<String>,
    /// `watchlist`: the id of the list that is shown.
    pub watchlist: Option<String>,
    /// `symbol`: the instrument that is shown.
    pub symbol: Option<Symbol>,
}

impl Shape for Settings {
    const COLLECTION: &'static str = "settings";

    fn of_body(body: &Body) -> Result<Self, ShapeError> {
        let reader = Reader::new(Self::COLLECTION, body);
        Ok(Settings {
            theme: reader.word("theme")?,
            language: language(reader)?,
            watchlist: reader.line("watchlist", 64)?,
            symbol: reader.parsed("symbol")?,
        })
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![
            ("theme", self.theme.map(|theme| theme.as_str().into())),
            ("language", self.language.as_deref().map(Value::from)),
            ("watchlist", self.watchlist.as_deref().map(Value::from)),
            ("symbol", self.symbol.as_ref().map(|symbol| symbol.as_str().into())),
        ]
    }
}

fn language(reader: Reader<'_>) -> Result<Option<String>, ShapeError> {
    const FIELD: &str = "language";
    let Some(tag) = reader.line(FIELD, LANGUAGE_BYTES_MAX)? else { return Ok(None) };
    let is_tag = !tag.is_empty()
        && tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
    let not_a_tag = Problem::NotA { expected: "a language's tag, like ko or pt-BR" };
    if is_tag { Ok(Some(tag)) } else { Err(reader.wrong(FIELD, not_a_tag)) }
}
