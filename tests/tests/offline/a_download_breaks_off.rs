//! "The update was half there when the network went."

use crate::visit::{LIVE, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn half_an_update_is_none_and_the_old_version_stays() {
    let mut visit = Visit::begin().await;
    let before = visit.own_caches().await;
    let old_index = visit.host.read("index.html").unwrap();
    visit.host.deploy("second", |index| index).unwrap();
    let new_index = visit.host.read("index.html").unwrap();

    // One file does not come.
    visit.host.fail(&[""]);
    assert_eq!(visit.look_for_update().await, "redundant");
    visit.host.fail(&[]);
    // One file is still that of the version before.
    visit.host.write("index.html", &old_index).unwrap();
    assert_eq!(visit.look_for_update().await, "redundant");

    assert_eq!(visit.page.evaluate("tidemark.status().update").await.unwrap(), "none");
    assert_eq!(visit.own_caches().await, before);
    visit.host.stop();
    visit.page.reload().await.unwrap();
    assert_eq!(visit.version().await, "first");
    visit.page.until("prices", LIVE).await.unwrap();

    // When everything is there, it is offered as if nothing had been.
    visit.host.write("index.html", &new_index).unwrap();
    visit.host.start_again().await.unwrap();
    assert_eq!(visit.look_for_update().await, "installed");
    let is_offered = "tidemark.status().update === 'ready'";
    visit.page.until("the offer", is_offered).await.unwrap();
}
