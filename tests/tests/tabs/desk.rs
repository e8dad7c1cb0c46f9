//! A relay, a network before it, and a browser with some tabs.

use serde_json::Value;
use tidemark_tests::browser::{Browser, Page};
use tidemark_tests::proxy::Proxy;
use tidemark_tests::relay::Relay;

/// The page has everything that the relay has.
const LIVE: &str = "tidemark.status().state === 'live'";

/// A user's desk.
pub(crate) struct Desk {
    pub(crate) network: Proxy,
    _relay: Relay,
    browser: Browser,
}

impl Desk {
    /// One without any tab yet.
    pub(crate) async fn prepare() -> Desk {
        let relay = Relay::start().await.unwrap();
        let network = Proxy::start(relay.address()).await.unwrap();
        Desk { network, _relay: relay, browser: Browser::start().await.unwrap() }
    }

    /// Opens the page in a tab.
    pub(crate) async fn open(&self) -> Page {
        let page = self.open_unready().await;
        until_live(&page).await;
        page
    }

    /// Opens the page in a tab that need not reach the relay.
    pub(crate) async fn open_unready(&self) -> Page {
        let page = self.browser.open_tab().await.unwrap();
        page.navigate(&format!("http://{}/", self.network.address())).await.unwrap();
        page.until("the page to start", "typeof tidemark === 'object'").await.unwrap();
        page
    }
}

/// Waits until a tab has everything that the relay has.
pub(crate) async fn until_live(page: &Page) {
    page.until("the page to be live", LIVE).await.unwrap();
}

/// Waits until a tab holds the connection.
pub(crate) async fn until_leading(page: &Page) {
    page.until("the tab to lead", "tidemark.holder()").await.unwrap();
}

/// Waits until new prices have come to a tab.
pub(crate) async fn until_prices_move(page: &Page) {
    const COUNT: &str = "Object.entries(tidemark.events())
        .filter(([topic]) => topic.startsWith('price:'))
        .reduce((sum, [, record]) => sum + record.count, 0)";
    let before = page.evaluate(COUNT).await.unwrap();
    page.until("prices to move", &format!("{COUNT} > {before} + 10")).await.unwrap();
}

/// In a tab's own book nothing is missing and nothing came twice, and the browser has no complaint.
pub(crate) async fn check(page: &Page) {
    let defects = page
        .evaluate("Object.entries(tidemark.events()).filter(([, it]) => it.holes + it.duplicates)")
        .await
        .unwrap();
    assert_eq!(defects, Value::Array(Vec::new()));
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
}

/// Puts a list where pages of before documents kept it.
pub(crate) const KEEP_OLD_LIST: &str = r#"new Promise((done, failed) => {
    const opening = indexedDB.open('tidemark-cache', 1);
    opening.onupgradeneeded = () => {
        for (const shelf of ['events', 'choices', 'bars']) opening.result.createObjectStore(shelf);
    };
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
        const instrument = symbol => ({symbol, name: symbol, asset_class: 'equity',
            currency: 'USD', price_digits: 2, feed: 'simulator'});
        const chosen = {watchlist: ['NVDA', 'AAPL'].map(instrument), selected: null, interval: '5m'};
        const writing = opening.result.transaction('choices', 'readwrite');
        writing.objectStore('choices').put(JSON.stringify(chosen), 'chosen');
        writing.onerror = () => failed(writing.error);
        writing.oncomplete = () => { opening.result.close(); done(true); };
    };
})"#;

/// The list of [`KEEP_OLD_LIST`] as a document.
pub(crate) const LIST: &str = "tidemark.documents()['watchlists/main']";
