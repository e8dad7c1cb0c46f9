//! "My browser stores nothing for websites."

use crate::desk::{Place, browser};

/// What a browser does whose user has forbidden websites to store anything.
const FORBIDDEN: &str = "Object.defineProperty(globalThis, 'indexedDB', { value: {
    open() { throw new DOMException('the user has forbidden it', 'SecurityError'); },
    deleteDatabase() { throw new DOMException('the user has forbidden it', 'SecurityError'); },
    databases: () => Promise.resolve([]),
} })";

#[tokio::test(flavor = "multi_thread")]
async fn the_user_is_told_and_what_is_written_arrives_all_the_same() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open_prepared(&browser, FORBIDDEN).await;
    desk.until_it_says("This browser stores nothing for this page").await;
    desk.until_it_says("is not saved on this device").await;

    desk.until_live().await;
    desk.write("only on the relay").await;
    desk.until_all_is_everywhere().await;
    assert_eq!(place.witness().texts(&desk.note).await.unwrap(), ["only on the relay"]);

    // Without a network the text stays on the screen, and is sent when there is one again.
    place.go_offline();
    desk.until_lost().await;
    desk.write("in this tab alone").await;
    place.go_online();
    desk.until_all_is_everywhere().await;
    let texts = place.witness().texts(&desk.note).await.unwrap();
    assert_eq!(texts, ["only on the relay", "in this tab alone"]);
    desk.check();
}
