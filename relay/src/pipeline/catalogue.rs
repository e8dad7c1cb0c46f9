//! What can be traded, and finding it by a part of its name.

use std::collections::HashMap;

use tidemark_shared::market::{Instrument, Symbol};

/// Most instruments that are listed: all shares of the large exchanges fit, and a search through
/// them takes a few milliseconds.
const INSTRUMENTS_MAX: usize = 20_000;

/// The instruments, in the order in which they were listed.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    entries: Vec<Entry>,
    by_symbol: HashMap<Symbol, usize>,
}

/// An instrument with its spellings in lower case.
#[derive(Debug)]
struct Entry {
    instrument: Instrument,
    symbol: String,
    names: Vec<String>,
}

/// How well an instrument fits a search, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Symbol,
    SymbolStart,
    Name,
    NameStart,
    Part,
}

impl Catalogue {
    /// Adds instruments, or replaces what is said of them. What is over the limit is left out.
    pub(super) fn list(&mut self, instruments: Vec<Instrument>) {
        for instrument in instruments {
            let end = self.entries.len();
            let known = self.by_symbol.get(&instrument.symbol).copied();
            if let Some(entry) = known.and_then(|index| self.entries.get_mut(index)) {
                *entry = Entry::new(instrument);
            } else if end < INSTRUMENTS_MAX {
                self.by_symbol.insert(instrument.symbol.clone(), end);
                self.entries.push(Entry::new(instrument));
            }
        }
    }

    pub(super) fn contains(&self, symbol: &Symbol) -> bool {
        self.by_symbol.contains_key(symbol)
    }

    /// The instruments that a text may mean, best first.
    pub(super) fn search(&self, text: &str) -> Vec<&Instrument> {
        let text = text.trim().to_lowercase();
        let mut found: Vec<(Fit, &Entry)> =
            self.entries.iter().filter_map(|entry| Some((entry.fit(&text)?, entry))).collect();
        // Stable, so that equals stay in the order in which they were listed.
        found.sort_by_key(|(fit, _)| *fit);
        found.into_iter().map(|(_, entry)| &entry.instrument).collect()
    }
}

impl Entry {
    fn new(instrument: Instrument) -> Self {
        let names = std::iter::once(&instrument.name).chain(&instrument.aliases);
        Entry {
            symbol: instrument.symbol.as_str().to_lowercase(),
            names: names.map(|name| name.to_lowercase()).collect(),
            instrument,
        }
    }

    fn fit(&self, text: &str) -> Option<Fit> {
        let any_name = |fits: &dyn Fn(&str) -> bool| self.names.iter().any(|name| fits(name));
        if self.symbol == text {
            Some(Fit::Symbol)
        } else if self.symbol.starts_with(text) {
            Some(Fit::SymbolStart)
        } else if any_name(&|name| name == text) {
            Some(Fit::Name)
        } else if any_name(&|name| name.split_whitespace().any(|word| word.starts_with(text))) {
            Some(Fit::NameStart)
        } else if self.symbol.contains(text) || any_name(&|name| name.contains(text)) {
            Some(Fit::Part)
        } else {
            None
        }
    }
}
