//! The list itself: every change keeps it without doubles and within its limit.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tidemark_shared::market::{Instrument, Symbol};

/// Most instruments on a list: what the page is measured to scroll smoothly, and about what a
/// relay lets one connection subscribe to.
pub(crate) const LISTED_MAX: usize = 1_000;

/// Why an instrument was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum AddRefused {
    /// It is on the list.
    #[error("it is on the list already")]
    Listed,
    /// The list is full.
    #[error("a watchlist has at most {LISTED_MAX} instruments")]
    Full,
}

/// A direction on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Towards the first.
    Up,
    /// Towards the last.
    Down,
}

/// The list. With each symbol what is known of the instrument, so that names and digits are there
/// before the relay is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Watchlist {
    items: Vec<Instrument>,
}

impl Watchlist {
    /// A list of some instruments; doubles and what is over the limit are left out.
    pub(crate) fn of(instruments: Vec<Instrument>) -> Self {
        let mut list = Watchlist::default();
        for instrument in instruments {
            // A refusal is just what is wanted here.
            let _ = list.add(instrument);
        }
        list
    }

    /// The instruments, in order.
    pub(crate) fn items(&self) -> &[Instrument] {
        &self.items
    }

    /// Where an instrument is, from 0.
    pub(crate) fn index_of(&self, symbol: &Symbol) -> Option<usize> {
        self.items.iter().position(|item| item.symbol == *symbol)
    }

    /// An instrument of the list.
    pub(crate) fn get(&self, symbol: &Symbol) -> Option<&Instrument> {
        self.items.iter().find(|item| item.symbol == *symbol)
    }

    /// Adds an instrument at the end.
    pub(crate) fn add(&mut self, instrument: Instrument) -> Result<(), AddRefused> {
        self.insert(instrument, self.items.len())
    }

    /// Adds an instrument at a place.
    pub(crate) fn insert(&mut self, instrument: Instrument, at: usize) -> Result<(), AddRefused> {
        if self.index_of(&instrument.symbol).is_some() {
            return Err(AddRefused::Listed);
        }
        if self.items.len() >= LISTED_MAX {
            return Err(AddRefused::Full);
        }
        self.items.insert(at.min(self.items.len()), instrument);
        Ok(())
    }

    /// Takes an instrument off. Returns it and where it was.
    pub(crate) fn remove(&mut self, symbol: &Symbol) -> Option<(Instrument, usize)> {
        let at = self.index_of(symbol)?;
        Some((self.items.remove(at), at))
    }

    /// Moves an instrument to a place.
    pub(crate) fn move_to(&mut self, symbol: &Symbol, to: usize) {
        if let Some((instrument, _)) = self.remove(symbol) {
            self.items.insert(to.min(self.items.len()), instrument);
        }
    }

    /// Moves an instrument by one place; at the end of the list it stays.
    pub(crate) fn shift(&mut self, symbol: &Symbol, step: Step) {
        if let Some(to) = self.index_of(symbol).and_then(|at| self.step(at, step)) {
            self.move_to(symbol, to);
        }
    }

    /// The instrument beside another one; the first one where there is no other.
    pub(crate) fn beside(&self, symbol: Option<&Symbol>, step: Step) -> Option<&Symbol> {
        let at = match symbol.and_then(|symbol| self.index_of(symbol)) {
            Some(at) => self.step(at, step).unwrap_or(at),
            None => 0,
        };
        self.items.get(at).map(|item| &item.symbol)
    }

    fn step(&self, at: usize, step: Step) -> Option<usize> {
        match step {
            Step::Up => at.checked_sub(1),
            Step::Down => (at + 1 < self.items.len()).then_some(at + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use tidemark_shared::market::AssetClass;

    use super::*;

    fn instrument(symbol: &str) -> Instrument {
        Instrument {
            symbol: symbol.parse().unwrap(),
            name: symbol.into(),
            asset_class: AssetClass::Equity,
            currency: "USD".into(),
            price_digits: 2,
            feed: "simulator".into(),
            aliases: Vec::new(),
        }
    }

    fn list(symbols: &str) -> Watchlist {
        Watchlist::of(symbols.split(' ').map(instrument).collect())
    }

    fn order(list: &Watchlist) -> String {
        let symbols: Vec<&str> = list.items().iter().map(|item| item.symbol.as_str()).collect();
        symbols.join(" ")
    }

    fn symbol(text: &str) -> Symbol {
        text.parse().unwrap()
    }

    #[test]
    fn an_instrument_is_listed_once() {
        let mut list = list("A B A");
        assert_eq!(order(&list), "A B");
        assert_eq!(list.add(instrument("B")), Err(AddRefused::Listed));
    }

    #[test]
    fn a_full_list_says_so() {
        let mut list = Watchlist::of((0..2_000).map(|n| instrument(&format!("S{n}"))).collect());
        assert_eq!(list.items().len(), LISTED_MAX);
        assert_eq!(list.add(instrument("ONE-MORE")), Err(AddRefused::Full));
    }

    #[test]
    fn rows_are_moved_by_keyboard_and_by_dragging() {
        let mut list = list("A B C D");
        list.shift(&symbol("A"), Step::Up);
        assert_eq!(order(&list), "A B C D");
        list.shift(&symbol("A"), Step::Down);
        assert_eq!(order(&list), "B A C D");
        list.move_to(&symbol("B"), 2);
        assert_eq!(order(&list), "A C B D");
        list.move_to(&symbol("A"), 99);
        assert_eq!(order(&list), "C B D A");
    }

    #[test]
    fn a_removed_instrument_can_be_put_back_where_it_was() {
        let mut list = list("A B C");
        let (removed, at) = list.remove(&symbol("B")).unwrap();
        assert_eq!(order(&list), "A C");
        list.insert(removed, at).unwrap();
        assert_eq!(order(&list), "A B C");
    }

    #[test]
    fn the_arrow_keys_stop_at_the_ends() {
        let list = list("A B");
        assert_eq!(list.beside(None, Step::Down), Some(&symbol("A")));
        assert_eq!(list.beside(Some(&symbol("A")), Step::Down), Some(&symbol("B")));
        assert_eq!(list.beside(Some(&symbol("B")), Step::Down), Some(&symbol("B")));
        assert_eq!(list.beside(Some(&symbol("A")), Step::Up), Some(&symbol("A")));
        assert_eq!(Watchlist::default().beside(None, Step::Up), None);
    }

    #[test]
    fn the_list_survives_being_written_down() {
        let list = list("A B");
        let text = serde_json::to_string(&list).unwrap();
        assert_eq!(serde_json::from_str::<Watchlist>(&text).unwrap(), list);
    }
}
