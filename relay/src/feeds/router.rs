//! Tells each feed what is wanted of it.

use std::collections::HashMap;

use tidemark_shared::market::Symbol;
use tidemark_shared::protocol::{Class, Topic};
use tokio::sync::mpsc;

use crate::publication::Demand;

/// Which feed collects which symbol.
#[derive(Debug, Default)]
pub(super) struct Router {
    feeds: HashMap<Symbol, mpsc::UnboundedSender<Demand>>,
}

impl Router {
    /// The feed that listens to `demand` collects these symbols.
    pub(super) fn add(
        &mut self,
        symbols: impl IntoIterator<Item = Symbol>,
        demand: &mpsc::UnboundedSender<Demand>,
    ) {
        self.feeds.extend(symbols.into_iter().map(|symbol| (symbol, demand.clone())));
    }

    /// Passes demand on until nobody demands any more.
    pub(super) async fn run(self, mut demand: mpsc::UnboundedReceiver<Demand>) {
        while let Some(demand) = demand.recv().await {
            let (Demand::Wanted(topic) | Demand::Released(topic)) = &demand;
            if let Some(feed) = collected_for(topic).and_then(|symbol| self.feeds.get(&symbol)) {
                // A feed that ended is being stopped.
                let _ = feed.send(demand);
            }
        }
    }
}

/// The symbol that must be collected so that a topic has content. Sentiment and signals of a symbol
/// are made elsewhere.
fn collected_for(topic: &Topic) -> Option<Symbol> {
    match topic.class() {
        Class::Price | Class::Delayed | Class::Bars => topic.symbol(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_feed_hears_of_its_own_symbols_only() {
        let (to_a, mut a) = mpsc::unbounded_channel();
        let (to_b, mut b) = mpsc::unbounded_channel();
        let mut router = Router::default();
        router.add(["AAPL".parse().unwrap()], &to_a);
        router.add(["BTC-USD".parse().unwrap()], &to_b);
        drop((to_a, to_b));
        let (demand, demands) = mpsc::unbounded_channel();
        let nobody_s = ["sentiment:AAPL", "price:XYZ", "delayed:XYZ", "feed:a"];
        let wanted = ["price:AAPL", "delayed:AAPL", "bars:1m:BTC-USD"];
        for topic in nobody_s.into_iter().chain(wanted) {
            demand.send(Demand::Wanted(topic.parse().unwrap())).unwrap();
        }
        drop(demand);
        router.run(demands).await;
        for topic in ["price:AAPL", "delayed:AAPL"] {
            assert_eq!(a.recv().await, Some(Demand::Wanted(topic.parse().unwrap())));
        }
        assert_eq!(a.recv().await, None);
        assert_eq!(b.recv().await, Some(Demand::Wanted("bars:1m:BTC-USD".parse().unwrap())));
        assert_eq!(b.recv().await, None);
    }
}
