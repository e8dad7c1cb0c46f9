//! "I pressed F5 at the wrong moment."

use crate::visit::Visit;

/// The browser's database has a price of each instrument on the list: the page writes them down
/// every now and then, not each by itself.
const IS_KEPT: &str = "indexedDB.databases().then(all => new Promise((done, failed) => {
    const cache = all.find(it => it.name.startsWith('tidemark-cache:'));
    const opening = indexedDB.open(cache.name);
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
        const asking = opening.result.transaction('events').objectStore('events').getAllKeys();
        asking.onerror = () => failed(asking.error);
        asking.onsuccess = () => {
            opening.result.close();
            const isKept = symbol => asking.result.includes('price:' + symbol);
            done(tidemark.status().watchlist.every(isKept));
        };
    };
}))";

#[tokio::test(flavor = "multi_thread")]
async fn last_values_are_there_at_once_marked_as_old_and_then_live_again() {
    let visit = Visit::begin().await;
    let before = visit.records().await;
    visit.page.until("prices to be kept", IS_KEPT).await.unwrap();
    // The page itself still loads; the relay behind it cannot be reached.
    visit.network.block(&["/v1/"]);
    visit.network.cut();
    visit.until_lost().await;
    visit.page.reload().await.unwrap();
    let is_shown = "Object.values(tidemark.prices()).some(it => it.price !== null)";
    visit.page.until("the last visit's prices", is_shown).await.unwrap();
    for (symbol, freshness) in visit.freshness().await {
        assert!(["saved", "waiting"].contains(&freshness.as_str()), "{symbol} looks {freshness}");
    }

    visit.network.block(&[]);
    visit.until_live().await;
    visit.until_prices_move().await;
    for (topic, record) in visit.records().await {
        let Some(before) = before.get(&topic).filter(|before| before.count > 0) else { continue };
        assert_eq!((record.epoch, record.resets), (before.epoch, 0), "{topic} was not resumed");
    }
    visit.check().await;
}
