//! "It says that there is a new version. Not now, I am typing."

use crate::visit::{IS_READY, LIVE, Visit};

const IS_OFFERED: &str = "tidemark.status().update === 'ready'
    && document.querySelector('.banner.news')?.innerText.includes('new version')";

#[tokio::test(flavor = "multi_thread")]
async fn it_is_taken_when_the_user_says_so_and_not_before() {
    let visit = Visit::begin().await;
    let others = visit.add_others().await;
    let before = visit.own_caches().await;
    visit.host.deploy("second", |index| index).unwrap();
    assert_eq!(visit.look_for_update().await, "installed");
    visit.page.until("the offer", IS_OFFERED).await.unwrap();

    // Not yet: even a reload shows the version that the user has.
    visit.page.reload().await.unwrap();
    assert_eq!(visit.version().await, "first");
    visit.page.until("the offer again", IS_OFFERED).await.unwrap();
    assert_eq!(visit.own_caches().await.len(), before.len() + 1);

    visit.page.evaluate("window.isFromBefore = true").await.unwrap();
    visit.click("Reload").await;
    let is_new = "!window.isFromBefore && document.readyState === 'complete'";
    visit.page.until("the page to be loaded again", is_new).await.unwrap();
    assert_eq!(visit.version().await, "second");
    visit.page.until("prices", LIVE).await.unwrap();
    visit.page.until("the page to be kept", IS_READY).await.unwrap();
    // Once: nothing is offered any more, and the page stays the one it is.
    assert_eq!(visit.page.evaluate("tidemark.status().update").await.unwrap(), "none");
    let after = visit.own_caches().await;
    assert!(after.len() == 1 && !before.contains(&after[0]), "{before:?} became {after:?}");
    assert_eq!(visit.other_caches().await, others);
    visit.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_tab_is_told_and_not_reloaded() {
    let visit = Visit::begin().await;
    let other = visit.browser.open_tab().await.unwrap();
    other.navigate(&visit.host.page()).await.unwrap();
    other.until("the page to be kept", IS_READY).await.unwrap();
    other.evaluate("window.isFromBefore = true").await.unwrap();
    visit.host.deploy("second", |index| index).unwrap();
    assert_eq!(visit.look_for_update().await, "installed");
    visit.page.until("the offer", IS_OFFERED).await.unwrap();
    visit.click("Reload").await;
    let is_second = "document.querySelector('meta[name=version]')?.content === 'second'";
    visit.page.until("the new version", is_second).await.unwrap();

    let is_told = "tidemark.status().update === 'taken_elsewhere'
        && !!document.querySelector('.banner.news')";
    other.until("a word about it", is_told).await.unwrap();
    assert_eq!(other.evaluate("window.isFromBefore").await.unwrap(), true);
    other.reload().await.unwrap();
    other.until("the new version", is_second).await.unwrap();
    visit.check();
}
