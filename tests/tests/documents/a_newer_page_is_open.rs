//! "My other tab has the newest version already."

use serde_json::json;

use crate::desk::{Place, browser};

/// What a page of a later version does to the database of the writes: it opens it in its own form.
/// Pages of before are asked to let go of it first.
const NEWER: &str = "indexedDB.databases().then(all => new Promise((done, failed) => {
    const { name, version } = all.find(it => it.name.startsWith('tidemark-outbox:'));
    const opening = indexedDB.open(name, version + 1);
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => { opening.result.close(); done(true); };
}))";

/// All rows that wait, as they lie in the browser.
const ROWS: &str = "indexedDB.databases().then(all => new Promise((done, failed) => {
    const opening = indexedDB.open(all.find(it => it.name.startsWith('tidemark-outbox:')).name);
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
        const asking = opening.result.transaction('items').objectStore('items').getAll();
        asking.onsuccess = () => { opening.result.close(); done(asking.result.map(String)); };
    };
}))";

#[tokio::test(flavor = "multi_thread")]
async fn the_older_one_lets_go_says_so_and_touches_nothing_of_what_is_there() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;
    place.go_offline();
    desk.until_lost().await;
    desk.write("saved before").await;
    let rows = desk.page.evaluate(ROWS).await.unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1);

    let other = place.open_offline(&browser).await;
    other.page.evaluate(NEWER).await.unwrap();
    desk.type_in("typed afterwards").await;
    desk.until_it_says("A newer version of this page is open in another tab").await;
    assert_eq!(desk.shown().await, "typed afterwards", "the text is still where it was typed");
    assert_eq!(desk.page.evaluate(ROWS).await.unwrap(), rows);

    // Started anew, it is still the older page: it says so, and writes nothing.
    desk.page.reload().await.unwrap();
    desk.until_it_says("A newer version of this page is open in another tab").await;
    assert_eq!(desk.page.evaluate(ROWS).await.unwrap(), rows);
    assert_eq!(desk.page.evaluate("tidemark.queue().length").await.unwrap(), json!(0));
    desk.check();
}
