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
    // The relay's memory is gone, so its logs are numbered anew, and the page was told.
    for (topic, record) in visit.records().await {
        let Some(before) = before.get(&topic).filter(|before| before.count > 0) else { continue };
        if record.epoch != before.epoch {
            assert_eq!(record.resets, before.resets + 1, "{topic} began anew without a word");
        }
    }
    visit.check().await;
}
