//! The numbering of trades: which are repetitions, and where trades are missing.
//!
//! Both venues that number their trades do so without holes, and go on numbering while we are
//! away. So one memory of the last number, kept across connections, tells after a reconnect exactly
//! what was missed, and lets two connections overlap without a trade being counted twice.

use std::collections::HashMap;

use tidemark_shared::market::Symbol;

/// A number this far below the last one is no late trade: the venue has begun to count anew.
/// The busiest pair of the busiest venue makes so many trades in about three hours.
const BACK_MAX: u64 = 1_000_000;

/// The last trade numbers of one feed's instruments.
#[derive(Clone, Debug, Default)]
pub(super) struct Tape {
    last: HashMap<Symbol, Numbers>,
}

#[derive(Clone, Copy, Debug)]
struct Numbers {
    /// The newest trade we have.
    have: u64,
    /// The newest trade that was announced as missing; not less than `have`.
    announced: u64,
}

/// What a trade's number says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the next one, or the first.
    Next,
    /// It is new, but trades before it are missing, which nobody was told yet.
    AfterHole,
    /// We have it already, or it comes too late to be put in its place.
    Repeated,
}

impl Tape {
    /// Takes in a live trade's number.
    pub(super) fn trade(&mut self, symbol: &Symbol, number: u64) -> Verdict {
        let Some(known) = self.last.get_mut(symbol) else {
            self.remember(symbol, number);
            return Verdict::Next;
        };
        if number.saturating_add(BACK_MAX) < known.have {
            *known = Numbers { have: number, announced: number };
            return Verdict::AfterHole;
        }
        if number <= known.have {
            return Verdict::Repeated;
        }
        let hole = number > known.announced.saturating_add(1);
        *known = Numbers { have: number, announced: known.announced.max(number) };
        if hole { Verdict::AfterHole } else { Verdict::Next }
    }

    /// Takes in the number of an old trade that the venue shows to every new subscriber. It is not
    /// counted as traded, so when we never had it, it is missing itself.
    pub(super) fn shown(&mut self, symbol: &Symbol, number: u64) -> Verdict {
        match self.last.get(symbol) {
            None => {
                self.remember(symbol, number);
                Verdict::Next
            }
            Some(_) => self.trade(symbol, number).or_hole(),
        }
    }

    /// Takes in a number that the venue said without the trade: trades up to it have happened.
    pub(super) fn announced(&mut self, symbol: &Symbol, number: u64) -> Verdict {
        let Some(known) = self.last.get_mut(symbol) else { return Verdict::Next };
        if number <= known.announced {
            return Verdict::Repeated;
        }
        known.announced = number;
        Verdict::AfterHole
    }

    /// Nobody collects this symbol any more: what happens now is not missing.
    pub(super) fn forget(&mut self, symbol: &Symbol) {
        self.last.remove(symbol);
    }

    fn remember(&mut self, symbol: &Symbol, number: u64) {
        self.last.insert(symbol.clone(), Numbers { have: number, announced: number });
    }
}

impl Verdict {
    fn or_hole(self) -> Verdict {
        if self == Verdict::Next { Verdict::AfterHole } else { self }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn symbol() -> Symbol {
        "BTC-USD".parse().unwrap()
    }

    #[test]
    fn trades_missed_while_away_are_one_hole() {
        let mut tape = Tape::default();
        assert_eq!(tape.trade(&symbol(), 7), Verdict::Next);
        assert_eq!(tape.trade(&symbol(), 8), Verdict::Next);
        assert_eq!(tape.trade(&symbol(), 12), Verdict::AfterHole);
        assert_eq!(tape.trade(&symbol(), 12), Verdict::Repeated);
        assert_eq!(tape.trade(&symbol(), 13), Verdict::Next);
    }

    #[test]
    fn a_hole_that_a_heartbeat_told_of_is_not_told_again() {
        let mut tape = Tape::default();
        tape.trade(&symbol(), 7);
        assert_eq!(tape.announced(&symbol(), 7), Verdict::Repeated);
        assert_eq!(tape.announced(&symbol(), 9), Verdict::AfterHole);
        assert_eq!(tape.announced(&symbol(), 9), Verdict::Repeated);
        assert_eq!(tape.trade(&symbol(), 9), Verdict::Next);
        assert_eq!(tape.trade(&symbol(), 10), Verdict::Next);
    }

    #[test]
    fn an_old_trade_that_we_never_had_is_a_hole() {
        let mut tape = Tape::default();
        assert_eq!(tape.shown(&symbol(), 7), Verdict::Next);
        assert_eq!(tape.shown(&symbol(), 7), Verdict::Repeated);
        assert_eq!(tape.trade(&symbol(), 8), Verdict::Next);
        assert_eq!(tape.shown(&symbol(), 9), Verdict::AfterHole);
        assert_eq!(tape.trade(&symbol(), 10), Verdict::Next);
    }

    #[test]
    fn a_venue_that_counts_anew_is_followed() {
        let mut tape = Tape::default();
        tape.trade(&symbol(), 5_000_000);
        assert_eq!(tape.trade(&symbol(), 1), Verdict::AfterHole);
        assert_eq!(tape.trade(&symbol(), 2), Verdict::Next);
    }

    proptest! {
        #[test]
        fn nothing_is_taken_twice_and_every_jump_is_told(
            numbers in prop::collection::vec(1_u64..60, 1..80),
        ) {
            let mut tape = Tape::default();
            let mut taken = BTreeSet::new();
            for number in numbers {
                let before = taken.last().copied();
                match tape.trade(&symbol(), number) {
                    Verdict::Repeated => prop_assert!(before.is_some_and(|b| number <= b)),
                    Verdict::Next => {
                        prop_assert!(before.is_none_or(|b| number == b + 1));
                        prop_assert!(taken.insert(number));
                    }
                    Verdict::AfterHole => {
                        prop_assert!(before.is_some_and(|b| number > b + 1));
                        prop_assert!(taken.insert(number));
                    }
                }
            }
        }
    }
}
