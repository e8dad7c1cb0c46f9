//! "The relay was updated while I was watching."

use crate::visit::Visit;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_goes_on_after_the_relay_was_restarted() {
    let mut visit = Visit::begin().await;
    let before = visit.records().await;
    visit.relay.stop().await.unwrap();
    visit.until_lost().await;
    visit.relay.start_again().await.unwrap();
    visit.until_live().await;
    visit.until_prices_move().await;
    // A relay that ends in order leaves what may still be asked for: the numbering goes on.
    for (topic, record) in visit.records().await {
        let Some(before) = before.get(&topic).filter(|before| before.count > 0) else { continue };
        assert_eq!((record.epoch, record.resets), (before.epoch, before.resets), "{topic}");
    }
    visit.check().await;
}
