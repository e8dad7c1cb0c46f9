//! "I wrote a note on the train, without a network. I reloaded the page, I closed the browser, and
//! at home I opened it again."

use tidemark_tests::browser::Browser;

use crate::desk::{Place, browser};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_offline_survives_reload_and_restart_and_is_done_once() {
    let mut place = Place::begin().await;
    let (profile, first) = browser().await;
    let desk = place.open(&first).await;
    let is_ready = "tidemark.status().offline === 'ready'";
    desk.page.until("the page to open without a network", is_ready).await.unwrap();

    place.go_offline();
    place.host.stop();
    desk.until_lost().await;
    desk.write("seen from the train").await;
    desk.page.reload().await.unwrap();
    desk.until_note("seen from the train").await;
    desk.write("seen from the train, twice").await;
    desk.check();
    first.close().await.unwrap();

    let second = Browser::start_on(&profile).await.unwrap();
    let desk = place.open_offline(&second).await;
    desk.until_note("seen from the train, twice").await;
    assert_eq!(desk.queue().await.len(), 2);
    let witness = place.witness();
    assert_eq!(witness.document(&desk.note).await.unwrap(), None, "it was sent without a network");

    place.host.start_again().await.unwrap();
    place.go_online();
    desk.until_all_is_everywhere().await;
    let texts = witness.texts(&desk.note).await.unwrap();
    assert_eq!(texts, ["seen from the train", "seen from the train, twice"]);
    desk.until_note("seen from the train, twice").await;
    desk.check();
}
