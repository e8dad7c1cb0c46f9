//! Which topics the screen needs, and no others.

use std::collections::BTreeSet;

use tidemark_shared::documents::UserName;
use tidemark_shared::market::{Interval, Symbol};
use tidemark_shared::protocol::{Class, Pattern, Topic};

use super::App;
use crate::watchlist::Watchlist;

impl App {
    /// Subscribes to what is wanted and not had, and gives back what is had and not wanted.
    pub(super) fn want(self, wanted: BTreeSet<Pattern>) {
        let parts = self.parts();
        let Some(line) = parts.line.get() else { return };
        let had = parts.wanted.replace(wanted.clone());
        for pattern in had.difference(&wanted) {
            line.unsubscribe(pattern);
            if let Pattern::One(topic) = pattern {
                parts.ledger.borrow_mut().forget(topic);
                parts.keeper.forget(topic);
                if let (Class::Price | Class::Delayed, Some(symbol)) =
                    (topic.class(), topic.symbol())
                {
                    // It may only come on another topic from now on.
                    let is_wanted = [Topic::price(&symbol), Topic::delayed(&symbol)]
                        .into_iter()
                        .any(|topic| wanted.contains(&topic.into()));
                    if is_wanted {
                        continue;
                    }
                    parts.rows.forget(&symbol);
                    parts.sparklines.borrow_mut().forget(&symbol);
                }
            }
        }
        for pattern in wanted.difference(&had) {
            let resume = match pattern {
                Pattern::One(topic) => parts.saved.borrow_mut().remove(topic),
                Pattern::All(_) => None,
            };
            if let (Pattern::One(topic), Some(position)) = (pattern, resume) {
                parts.ledger.borrow_mut().resume(topic, position);
            }
            line.subscribe(pattern.clone(), resume);
        }
    }
}

/// Which prices a user may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prices {
    /// The newest.
    AsTheyCome,
    /// Some minutes late.
    Late,
}

/// What a screen with this list and this chart needs. Bars of late prices are asked for now and
/// then: as they form, they are as new as the newest price.
pub(super) fn needed(
    watchlist: &Watchlist,
    selected: Option<&Symbol>,
    interval: Interval,
    user: &UserName,
    prices: Prices,
) -> BTreeSet<Pattern> {
    let price = |symbol: &Symbol| match prices {
        Prices::AsTheyCome => Topic::price(symbol),
        Prices::Late => Topic::delayed(symbol),
    };
    let mut needed = BTreeSet::from([
        Pattern::All(Class::Feed),
        Topic::market_overview().into(),
        Topic::system_notifications().into(),
        Topic::documents(user).into(),
    ]);
    needed.extend(watchlist.items().iter().map(|item| price(&item.symbol).into()));
    if let Some(symbol) = selected {
        needed.insert(price(symbol).into());
        if prices == Prices::AsTheyCome {
            needed.insert(Topic::bars(symbol, interval).into());
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_the_screen_is_subscribed_to() {
        let symbol: Symbol = "AAPL".parse().unwrap();
        let user: UserName = "alice".parse().unwrap();
        let names_with = |prices| -> Vec<String> {
            let list = Watchlist::default();
            let needed = needed(&list, Some(&symbol), Interval::Minutes5, &user, prices);
            needed.iter().map(Pattern::to_string).collect()
        };
        let names = names_with(Prices::AsTheyCome);
        for name in ["price:AAPL", "bars:5m:AAPL", "market:overview", "feed:*", "documents:alice"] {
            assert!(names.iter().any(|known| known == name), "{name} is missing in {names:?}");
        }
        assert_eq!(names.len(), 6);
        let late = names_with(Prices::Late);
        assert!(late.iter().any(|name| name == "delayed:AAPL"), "{late:?}");
        assert!(!late.iter().any(|name| name.starts_with("price:") || name.starts_with("bars:")));
    }
}
