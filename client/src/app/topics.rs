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
                if let (Class::Price, Some(symbol)) = (topic.class(), topic.symbol()) {
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

/// What a screen with this list and this chart needs.
pub(super) fn needed(
    watchlist: &Watchlist,
    selected: Option<&Symbol>,
    interval: Interval,
    user: &UserName,
) -> BTreeSet<Pattern> {
    let mut needed = BTreeSet::from([
        Pattern::All(Class::Feed),
        Topic::market_overview().into(),
        Topic::system_notifications().into(),
        Topic::documents(user).into(),
    ]);
    needed.extend(watchlist.items().iter().map(|item| Topic::price(&item.symbol).into()));
    if let Some(symbol) = selected {
        needed.insert(Topic::price(symbol).into());
        needed.insert(Topic::bars(symbol, interval).into());
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
        let needed = needed(&Watchlist::default(), Some(&symbol), Interval::Minutes5, &user);
        let names: Vec<String> = needed.iter().map(Pattern::to_string).collect();
        for name in ["price:AAPL", "bars:5m:AAPL", "market:overview", "feed:*", "documents:alice"] {
            assert!(names.iter().any(|known| known == name), "{name} is missing in {names:?}");
        }
        assert_eq!(names.len(), 6);
    }
}
