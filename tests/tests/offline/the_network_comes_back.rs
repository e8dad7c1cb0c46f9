//! "My phone was in my pocket when the network came back."

use crate::visit::{LIVE, Visit};

const IS_WOKEN: &str = "heard.includes('wake')";

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_wakes_the_page_through_its_worker() {
    let visit = Visit::begin().await;
    let listen = "window.heard = [];
        navigator.serviceWorker.addEventListener('message', event => heard.push(event.data));";
    visit.page.evaluate(listen).await.unwrap();
    // The page asks when its network goes. Only the page's has gone, so the browser answers at once.
    visit.page.go_offline().await.unwrap();
    visit.page.until("the page to ask and to be woken", IS_WOKEN).await.unwrap();
    // And in any case whenever the browser likes.
    visit.page.evaluate("heard.length = 0").await.unwrap();
    visit.page.sync_worker("another app's").await.unwrap();
    visit.page.sync_worker("tidemark").await.unwrap();
    visit.page.until("the page to be woken", IS_WOKEN).await.unwrap();
    let heard = visit.page.evaluate("heard").await.unwrap();
    assert_eq!(heard, serde_json::json!(["wake"]));
    visit.page.go_online().await.unwrap();
    visit.page.until("prices", LIVE).await.unwrap();
    visit.check();
}
