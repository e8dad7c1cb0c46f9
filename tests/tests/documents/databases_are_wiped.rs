//! "My browser cleaned up while I was writing."

use crate::desk::{Place, browser};

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_survives_as_long_as_the_page_is_open_and_the_user_is_told() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;
    place.go_offline();
    desk.until_lost().await;
    desk.write("waits").await;

    desk.page.wipe_databases().await.unwrap();
    desk.write("waits, and goes on").await;
    desk.until_it_says("The browser had deleted what was saved here").await;
    assert_eq!(desk.queue().await.len(), 2);

    place.go_online();
    desk.until_all_is_everywhere().await;
    let texts = place.witness().texts(&desk.note).await.unwrap();
    assert_eq!(texts, ["waits", "waits, and goes on"]);
    desk.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tab_that_deletes_the_databases_is_let_and_nothing_that_waits_is_lost() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;
    place.go_offline();
    desk.until_lost().await;
    desk.write("waits").await;

    let other = place.open_offline(&browser).await;
    let delete_all = "indexedDB.databases().then(all => Promise.all(all.map(({name}) =>
        new Promise((done, failed) => {
            const deleting = indexedDB.deleteDatabase(name);
            deleting.onsuccess = () => done(true);
            deleting.onerror = () => failed(deleting.error);
        })))).then(() => true)";
    other.page.evaluate(delete_all).await.unwrap();
    desk.write("waits, and goes on").await;
    place.go_online();
    desk.until_all_is_everywhere().await;
    let texts = place.witness().texts(&desk.note).await.unwrap();
    assert_eq!(texts, ["waits", "waits, and goes on"]);
    desk.check();
    other.check();
}
