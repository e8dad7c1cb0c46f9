//! Which symbols are wanted: the first reader of a symbol starts its collection, and the last one
//! stops it after a grace period, so that a page that is reloaded does not cost a resubscription.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tidemark_shared::clock::Moment;
use tidemark_shared::market::Symbol;
use tidemark_shared::protocol::Topic;

use crate::publication::Demand;

/// The symbols that one feed should collect.
#[derive(Clone, Debug)]
pub(super) struct Interest {
    grace: Duration,
    always: BTreeSet<Symbol>,
    collected: BTreeMap<Symbol, Want>,
}

#[derive(Clone, Debug, Default)]
struct Want {
    topics: BTreeSet<Topic>,
    /// When the grace period ends; absent while somebody reads.
    until: Option<Moment>,
}

impl Interest {
    /// Wants `always` from the start, and everything else while it is read and `grace` longer.
    #[must_use]
    pub(super) fn new(grace: Duration, always: impl IntoIterator<Item = Symbol>) -> Self {
        let always: BTreeSet<Symbol> = always.into_iter().collect();
        let collected = always.iter().map(|s| (s.clone(), Want::default())).collect();
        Interest { grace, always, collected }
    }

    /// Takes in a change of demand. Answers the symbol whose collection starts by it.
    pub(super) fn handle(&mut self, demand: &Demand, now: Moment) -> Option<Symbol> {
        match demand {
            Demand::Wanted(topic) => self.wanted(topic),
            Demand::Released(topic) => {
                self.released(topic, now);
                None
            }
        }
    }

    /// Ends the grace periods that are over. Answers the symbols whose collection stops by it.
    pub(super) fn expire(&mut self, now: Moment) -> Vec<Symbol> {
        let over = |want: &Want| want.until.is_some_and(|until| until <= now);
        let stopped: Vec<Symbol> =
            self.collected.iter().filter(|(_, want)| over(want)).map(|(s, _)| s.clone()).collect();
        for symbol in &stopped {
            self.collected.remove(symbol);
        }
        stopped
    }

    /// When [`Interest::expire`] is due, if ever.
    #[must_use]
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        self.collected.values().filter_map(|want| want.until).min()
    }

    /// What is collected now.
    pub(super) fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.collected.keys()
    }

    /// How many are collected now.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.collected.len()
    }

    /// Whether nothing is collected.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.collected.is_empty()
    }

    /// Whether this one is collected now.
    #[must_use]
    pub(super) fn contains(&self, symbol: &Symbol) -> bool {
        self.collected.contains_key(symbol)
    }

    fn wanted(&mut self, topic: &Topic) -> Option<Symbol> {
        let symbol = topic.symbol()?;
        let fresh = !self.collected.contains_key(&symbol);
        let want = self.collected.entry(symbol.clone()).or_default();
        want.topics.insert(topic.clone());
        want.until = None;
        fresh.then_some(symbol)
    }

    fn released(&mut self, topic: &Topic, now: Moment) {
        let Some(symbol) = topic.symbol() else { return };
        let Some(want) = self.collected.get_mut(&symbol) else { return };
        let was_read = want.topics.remove(topic);
        if was_read && want.topics.is_empty() && !self.always.contains(&symbol) {
            want.until = Some(now + self.grace);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    const GRACE: Duration = Duration::from_secs(30);

    fn at(seconds: u64) -> Moment {
        Moment::START + Duration::from_secs(seconds)
    }

    fn topic(name: &str) -> Topic {
        name.parse().unwrap()
    }

    #[test]
    fn a_page_that_is_reloaded_costs_no_resubscription() {
        let mut interest = Interest::new(GRACE, []);
        let price = topic("price:AAPL");
        assert!(interest.handle(&Demand::Wanted(price.clone()), at(0)).is_some());
        interest.handle(&Demand::Released(price.clone()), at(10));
        assert!(interest.expire(at(39)).is_empty());
        assert_eq!(interest.handle(&Demand::Wanted(price.clone()), at(39)), None);
        assert!(interest.expire(at(100)).is_empty());
        interest.handle(&Demand::Released(price), at(100));
        assert_eq!(interest.next_deadline(), Some(at(130)));
        assert_eq!(interest.expire(at(130)).len(), 1);
        assert!(interest.is_empty());
    }

    #[test]
    fn price_and_bars_of_one_symbol_count_together() {
        let mut interest = Interest::new(GRACE, []);
        assert!(interest.handle(&Demand::Wanted(topic("price:AAPL")), at(0)).is_some());
        assert!(interest.handle(&Demand::Wanted(topic("bars:1m:AAPL")), at(0)).is_none());
        interest.handle(&Demand::Released(topic("price:AAPL")), at(1));
        assert_eq!(interest.next_deadline(), None);
        interest.handle(&Demand::Released(topic("bars:1m:AAPL")), at(2));
        assert_eq!(interest.next_deadline(), Some(at(32)));
    }

    #[test]
    fn what_is_always_wanted_never_stops() {
        let mut interest = Interest::new(GRACE, ["AAPL".parse().unwrap()]);
        interest.handle(&Demand::Wanted(topic("price:AAPL")), at(0));
        interest.handle(&Demand::Released(topic("price:AAPL")), at(1));
        assert!(interest.expire(at(1_000)).is_empty());
        assert_eq!(interest.len(), 1);
    }

    proptest! {
        #[test]
        fn a_symbol_is_collected_exactly_while_read_and_for_the_grace_after(
            steps in prop::collection::vec((0_usize..3, 0_usize..2, any::<bool>(), 0_u64..20), 1..80),
        ) {
            let symbols = ["AAPL", "MSFT", "TSLA"];
            let mut interest = Interest::new(GRACE, []);
            let mut readers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
            let mut left: BTreeMap<&str, u64> = BTreeMap::new();
            let mut time = 0;
            for (which, kind, wants, wait) in steps {
                time += wait;
                interest.expire(at(time));
                let symbol = symbols[which];
                let topic = topic(&format!("{}{symbol}", ["price:", "bars:1m:"][kind]));
                let readers_now = readers.entry(symbol).or_default();
                if wants {
                    readers_now.insert(kind);
                    interest.handle(&Demand::Wanted(topic), at(time));
                } else {
                    if readers_now.remove(&kind) && readers_now.is_empty() {
                        left.insert(symbol, time);
                    }
                    interest.handle(&Demand::Released(topic), at(time));
                }
                for symbol in symbols {
                    let read = readers.get(symbol).is_some_and(|set| !set.is_empty());
                    let in_grace = left.get(symbol).is_some_and(|left| time < left + 30);
                    let collected = interest.contains(&symbol.parse().unwrap());
                    prop_assert_eq!(collected, read || in_grace);
                }
            }
        }
    }
}
