//! "I opened it in the underground, where there is no network."

use tidemark_tests::browser::Browser;
use tidemark_tests::relay::Relay;

use crate::visit::{IS_READY, LIVE, SHOWS_SAVED, Visit};

/// The browser's database has a price: the page writes them down every now and then.
const IS_KEPT: &str = "tidemark.status().counters.delivered > 50";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_out_of_the_relay_opens_after_the_relay_is_gone() {
    let mut relay = Relay::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    let address = format!("http://{}/", relay.address());
    page.navigate(&address).await.unwrap();
    page.until("prices", LIVE).await.unwrap();
    page.until("the page to be kept", IS_READY).await.unwrap();
    page.until("prices to be kept", IS_KEPT).await.unwrap();

    relay.stop().await.unwrap();
    page.reload().await.unwrap();
    page.until("the last known prices, marked", SHOWS_SAVED).await.unwrap();
    // As from the home screen: a tab that has never seen the page.
    let later = browser.open_tab().await.unwrap();
    later.navigate(&address).await.unwrap();
    later.until("the last known prices, marked", SHOWS_SAVED).await.unwrap();

    relay.start_again().await.unwrap();
    page.until("prices", LIVE).await.unwrap();
    assert!(page.complaints().is_empty(), "the browser complains: {:#?}", page.complaints());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_from_a_folder_of_a_host_opens_after_both_are_gone() {
    let mut visit = Visit::begin().await;
    visit.page.until("prices to be kept", IS_KEPT).await.unwrap();
    let relay = visit.page.evaluate("tidemark.status().relay_address").await.unwrap();
    visit.relay.stop().await.unwrap();
    visit.host.stop();
    visit.page.reload().await.unwrap();
    visit.page.until("the last known prices, marked", SHOWS_SAVED).await.unwrap();
    visit.page.until("the page to know that it is kept", IS_READY).await.unwrap();
    // It still knows where its relay is, and goes there when it can.
    let known = visit.page.evaluate("tidemark.status().relay_address").await.unwrap();
    assert_eq!(known, relay);
    visit.relay.start_again().await.unwrap();
    visit.page.until("prices", LIVE).await.unwrap();
    visit.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_pages_own_is_not_answered_from_the_past() {
    let mut relay = Relay::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(&format!("http://{}/", relay.address())).await.unwrap();
    page.until("the page to be kept", IS_READY).await.unwrap();
    let asked = ["/api/status", "/v1/poll", "/healthz", "/tidemark.json?1"];
    // Asked for while they are there, so that they could have been kept.
    page.evaluate(&answers(&asked)).await.unwrap();
    page.reload().await.unwrap();
    page.evaluate(&answers(&asked)).await.unwrap();
    relay.kill().unwrap();
    let answers = page.evaluate(&answers(&asked)).await.unwrap();
    assert_eq!(answers, serde_json::json!(["none", "none", "none", "none"]));
    let kept = page.evaluate("fetch('tidemark.json').then(answer => answer.status)").await.unwrap();
    assert_eq!(kept, 200);
}

fn answers(paths: &[&str]) -> String {
    format!(
        "Promise.all({}.map(path =>
            fetch(path).then(answer => 'answered ' + answer.status, () => 'none')))",
        serde_json::json!(paths)
    )
}
