//! "My browser was short of room and cleared the site's data while I was in the tunnel."

use crate::desk::{Desk, KEEP_OLD_LIST, LIST, check, until_live};

/// What the browser does to a site that it clears.
const CLEAR: &str = "indexedDB.databases().then(all => new Promise((done, failed) => {
    const outbox = all.find(it => it.name.startsWith('tidemark-outbox:'));
    const clearing = indexedDB.deleteDatabase(outbox.name);
    clearing.onsuccess = () => done(true);
    clearing.onerror = () => failed(clearing.error);
}))";

/// The writes in the browser's database.
const KEPT: &str = "indexedDB.databases().then(all => new Promise((done, failed) => {
    const outbox = all.find(it => it.name.startsWith('tidemark-outbox:'));
    if (!outbox) return done(false);
    const opening = indexedDB.open(outbox.name);
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
        const asking = opening.result.transaction('items').objectStore('items').count();
        asking.onerror = () => failed(asking.error);
        asking.onsuccess = () => { opening.result.close(); done(asking.result === 1); };
    };
}))";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_page_still_knows_is_put_back_and_arrives_once() {
    let desk = Desk::prepare().await;
    let page = desk.open().await;
    desk.network.block(&["/v1/"]);
    desk.network.cut();
    page.evaluate(KEEP_OLD_LIST).await.unwrap();
    page.reload().await.unwrap();
    page.until("the write to be kept", KEPT).await.unwrap();
    page.evaluate(CLEAR).await.unwrap();
    page.until("the write to be put back", KEPT).await.unwrap();
    desk.network.block(&[]);
    until_live(&page).await;
    let is_everywhere = format!("{LIST}?.version === 1 && tidemark.queue().length === 0");
    page.until("the write to be everywhere", &is_everywhere).await.unwrap();
    check(&page).await;
}
