//! "My write got through, and the answer did not."

use tidemark_shared::documents::{Entity, Outcome, Version};
use tidemark_tests::device::{Device, edit_of_note};
use tidemark_tests::proxy::{Fault, Proxy};
use tidemark_tests::relay::Relay;
use tidemark_tests::wait::wait_for;

use crate::desk::{Place, browser};

/// What is in every answer to a push, and in nothing else.
const RECEIPTS: &str = "\"receipts\":";

/// How many answers are lost.
const LOST: u32 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_again_and_again_is_done_once() {
    let relay = Relay::start().await.unwrap();
    let network = Proxy::start(relay.address()).await.unwrap();
    let reader = Device::of("alice", relay.address());
    let mut phone = Device::of("alice", network.address());
    let note: Entity = "notes/AAPL".parse().unwrap();

    network.set_fault(Fault::BreakBefore(RECEIPTS));
    let write = phone.seal(edit_of_note(&note, Version::NONE, None, "buy below 180"));
    let (pushed, ()) = tokio::join!(phone.push(vec![write]), async {
        let lost = async || (network.faults() >= LOST).then_some(());
        wait_for("answers to be lost", lost).await.unwrap();
        network.set_fault(Fault::None);
    });

    let pushed = pushed.unwrap();
    assert_eq!(pushed.receipts[0].outcome, Outcome::Applied { version: Version(1) });
    assert_eq!(reader.texts(&note).await.unwrap(), ["buy below 180"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_sends_a_write_again_until_it_is_answered_and_it_is_done_once() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;

    place.network.set_fault(Fault::BreakBefore(RECEIPTS));
    desk.write("buy below 180").await;
    let lost = async || (place.network.faults() >= LOST).then_some(());
    wait_for("answers to be lost", lost).await.unwrap();
    place.network.set_fault(Fault::None);

    desk.until_all_is_everywhere().await;
    assert_eq!(place.witness().texts(&desk.note).await.unwrap(), ["buy below 180"]);
    desk.until_note("buy below 180").await;
    desk.check();
}
