//! "The relay's machine died, and another one took its place."

use crate::visit::Visit;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_goes_on_after_the_relay_was_killed_again_and_again() {
    const KILLS: u64 = 3;
    let mut visit = Visit::begin().await;
    let before = visit.records().await;
    for _ in 0..KILLS {
        visit.relay.kill().unwrap();
        visit.until_lost().await;
        visit.relay.start_again().await.unwrap();
        visit.until_live().await;
        visit.until_prices_move().await;
    }
    // Its memory died with it: each time the logs were numbered anew, and the page was told.
    for (topic, record) in visit.records().await {
        let Some(before) = before.get(&topic).filter(|_| topic.starts_with("price:")) else {
            continue;
        };
        assert!(record.epoch > before.epoch, "{topic} goes on in a numbering that is gone");
        assert_eq!(record.resets, before.resets + KILLS, "{topic} began anew without a word");
    }
    visit.check().await;
}
