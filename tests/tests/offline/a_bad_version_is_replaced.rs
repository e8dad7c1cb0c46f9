//! "Since the update there is only an error. — Since a minute ago it works again."

use crate::visit::{LIVE, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_cannot_start_gives_way_to_the_next_one() {
    let visit = Visit::begin().await;
    let is_bad = |index: String| index.replace("name=\"tidemark-wasm\"", "name=\"nothing\"");
    let good = visit.host.read("index.html").unwrap();
    visit.host.deploy("bad", is_bad).unwrap();
    assert_eq!(visit.look_for_update().await, "installed");
    visit.page.until("the offer", "tidemark.status().update === 'ready'").await.unwrap();
    visit.click("Reload").await;
    let has_failed = "document.body.innerText.includes('could not start')";
    visit.page.until("the bad version", has_failed).await.unwrap();

    let is_good =
        |_| good.replacen("<head>", "<head><meta name=\"version\" content=\"good\" />", 1);
    visit.host.deploy("good", is_good).unwrap();
    // All that its user can do.
    visit.page.reload().await.unwrap();
    let is_there = "document.querySelector('meta[name=version]')?.content === 'good'";
    visit.page.until("the good version", is_there).await.unwrap();
    visit.page.until("prices", LIVE).await.unwrap();
}
