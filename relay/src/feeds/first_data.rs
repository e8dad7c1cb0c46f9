//! Notices symbols that a venue accepted and then never spoke of.

use std::collections::HashMap;
use std::time::Duration;

use tidemark_shared::clock::Moment;
use tidemark_shared::market::Symbol;

/// Venues acknowledge symbols that they don't have and then send nothing. A quiet instrument also
/// sends nothing for a while, so this is long and its end is only a warning.
const FIRST_DATA_WITHIN: Duration = Duration::from_secs(60);

/// The symbols of one connection that were accepted but not heard of yet.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstData {
    due: HashMap<Symbol, Moment>,
}

impl FirstData {
    /// A symbol was accepted: data is due.
    pub(super) fn expect(&mut self, symbol: &Symbol, now: Moment) {
        self.due.insert(symbol.clone(), now + FIRST_DATA_WITHIN);
    }

    /// Data came, or the symbol is not wanted any more.
    pub(super) fn settle(&mut self, symbol: &Symbol) {
        if !self.due.is_empty() {
            self.due.remove(symbol);
        }
    }

    /// When the next symbol is overdue.
    #[must_use]
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        self.due.values().min().copied()
    }

    /// The symbols that are overdue now; each is named once.
    pub(super) fn overdue(&mut self, now: Moment) -> Vec<Symbol> {
        let mut overdue: Vec<Symbol> =
            self.due.iter().filter(|(_, due)| **due <= now).map(|(s, _)| s.clone()).collect();
        overdue.sort();
        for symbol in &overdue {
            self.due.remove(symbol);
        }
        overdue
    }
}
