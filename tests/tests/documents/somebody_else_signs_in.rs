//! "My sister uses the same browser."

use serde_json::json;
use tidemark_tests::device::Device;

use crate::desk::{Desk, Place, browser};

/// Chooses another account, and keeps what waits on the device.
async fn become_user(desk: &Desk, name: &str) {
    let page = &desk.page;
    page.click("[data-testid=account]").await.unwrap();
    page.click("[data-testid=account-name]").await.unwrap();
    page.paste(name).await.unwrap();
    page.click(".name-form button[type=submit]").await.unwrap();
    let asks = "document.querySelector('dialog .question button')";
    let is_done = format!("!!{asks} || {}", is_user(name));
    page.until("the account to change, or a question", &is_done).await.unwrap();
    // Only whoever leaves something behind is asked: the first answer keeps it.
    let _ = page.evaluate(&format!("{asks}?.click()")).await;
    until_user(desk, name).await;
}

fn is_user(name: &str) -> String {
    format!("document.querySelector('[data-testid=account]').innerText.includes({})", json!(name))
}

async fn until_user(desk: &Desk, name: &str) {
    desk.page.until(&format!("the page to be {name}'s"), &is_user(name)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn she_sees_nothing_of_mine_and_my_writes_wait_for_me() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;
    let other_tab = place.open(&browser).await;
    become_user(&desk, "alice").await;
    until_user(&other_tab, "alice").await;
    desk.until_there_is_a_note().await;
    desk.write("alice was here").await;
    desk.until_all_is_everywhere().await;
    place.go_offline();
    desk.until_lost().await;
    desk.write("alice was here, offline").await;

    become_user(&desk, "bob").await;
    until_user(&other_tab, "bob").await;
    for tab in [&desk, &other_tab] {
        assert_eq!(tab.queue().await.len(), 0);
        let documents = tab.page.evaluate("JSON.stringify(tidemark.documents())").await.unwrap();
        assert!(!documents.as_str().unwrap().contains("alice"), "{documents}");
    }
    place.go_online();
    desk.until_live().await;
    for tab in [&desk, &other_tab] {
        tab.until_there_is_a_note().await;
        assert_eq!(tab.shown().await, "");
    }
    desk.write("bob was here").await;
    desk.until_all_is_everywhere().await;
    let of_alice = Device::of("alice", place.relay.address());
    assert_eq!(of_alice.texts(&desk.note).await.unwrap(), ["alice was here"]);

    become_user(&desk, "alice").await;
    desk.until_live().await;
    desk.until_all_is_everywhere().await;
    let texts = of_alice.texts(&desk.note).await.unwrap();
    assert_eq!(texts, ["alice was here", "alice was here, offline"]);
    desk.until_note("alice was here, offline").await;
    let of_bob = Device::of("bob", place.relay.address());
    assert_eq!(of_bob.texts(&desk.note).await.unwrap(), ["bob was here"]);
    desk.check();
    other_tab.check();
}
