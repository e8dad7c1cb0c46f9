//! "I have the page open in two tabs."

use tidemark_tests::proxy::Fault;

use crate::desk::{Desk, Place, browser};

/// The tab that holds the connection, and one that rides on it.
async fn two_tabs(browser: &tidemark_tests::browser::Browser, place: &Place) -> (Desk, Desk) {
    let leader = place.open(browser).await;
    let follower = place.open(browser).await;
    assert!(leader.leads().await && !follower.leads().await);
    (leader, follower)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_can_write_and_each_write_is_sent_once_over_one_connection() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let leader = place.open(&browser).await;
    let connections = place.network.passed("/v1/ws");
    let follower = place.open(&browser).await;
    follower.write("from the second tab").await;
    leader.until_note("from the second tab").await;
    leader.write("and from the first").await;
    follower.until_note("and from the first").await;
    leader.until_all_is_everywhere().await;
    follower.until_all_is_everywhere().await;
    follower.until_prices_move().await;

    assert_eq!(place.network.passed("/v1/ws"), connections, "the second tab has its own");
    let texts = place.witness().texts(&leader.note).await.unwrap();
    assert_eq!(texts, ["from the second tab", "and from the first"]);
    leader.check();
    follower.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_goes_on_when_the_one_that_leads_is_closed_before_its_write_is_answered() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let (leader, follower) = two_tabs(&browser, &place).await;
    // The relay gets the write; its answer does not come back.
    place.network.set_fault(Fault::Stall);
    leader.write("written and closed").await;
    place.witness().until_note(&leader.note, "written and closed").await.unwrap();
    leader.check();
    leader.page.close().await.unwrap();
    place.network.set_fault(Fault::None);
    goes_on_alone(&place, &follower, &["written and closed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_goes_on_when_the_one_that_leads_crashes_before_its_write_is_answered() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let (leader, follower) = two_tabs(&browser, &place).await;
    place.network.set_fault(Fault::Stall);
    follower.write("written and crashed").await;
    place.witness().until_note(&leader.note, "written and crashed").await.unwrap();
    leader.check();
    leader.page.crash().await;
    place.network.set_fault(Fault::None);
    goes_on_alone(&place, &follower, &["written and crashed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_goes_on_when_the_one_that_leads_is_frozen_and_they_agree_when_it_thaws() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let (leader, follower) = two_tabs(&browser, &place).await;
    leader.page.freeze().await.unwrap();
    follower.write("while the first sleeps").await;
    goes_on_alone(&place, &follower, &["while the first sleeps"]).await;

    leader.page.thaw().await.unwrap();
    leader.page.until("the first tab to follow", "!tidemark.holder()").await.unwrap();
    let (awake, note) = (&leader, "after both were there");
    awake.until_note("while the first sleeps, and after").await;
    awake.write(note).await;
    follower.until_note(note).await;
    follower.until_all_is_everywhere().await;
    awake.until_prices_move().await;
    assert!(follower.leads().await, "the lead came back by itself");
    awake.check();
    follower.check();
}

/// It leads, has what was written, writes more, and nothing was done twice.
async fn goes_on_alone(place: &Place, desk: &Desk, before: &[&str]) {
    desk.until_it_leads().await;
    let newest = before.last().unwrap();
    desk.until_note(newest).await;
    let more = format!("{newest}, and after");
    desk.write(&more).await;
    desk.until_all_is_everywhere().await;
    desk.until_prices_move().await;
    let texts = place.witness().texts(&desk.note).await.unwrap();
    assert_eq!(texts, [before, &[more.as_str()]].concat());
    desk.check();
}
