//! "My train went through a tunnel."

use std::time::Duration;

use tidemark_tests::proxy::Door;

use crate::visit::Visit;

/// Long enough for several attempts, short enough for the relay's window.
const TUNNEL: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_after_20_seconds_without_a_network() {
    let visit = Visit::begin().await;
    let before = visit.records().await;
    // Emulated offline leaves an open WebSocket alone; a tunnel doesn't.
    visit.page.go_offline().await.unwrap();
    visit.network.set_door(Door::Refusing);
    visit.network.cut();
    visit.until_lost().await;
    tokio::time::sleep(TUNNEL).await;
    visit.network.set_door(Door::Open);
    visit.page.go_online().await.unwrap();
    visit.until_live().await;
    visit.until_prices_move().await;
    for (topic, record) in visit.records().await {
        let Some(before) = before.get(&topic).filter(|before| before.count > 0) else { continue };
        assert_eq!((record.epoch, record.resets), (before.epoch, before.resets), "{topic}");
    }
    visit.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_only_stutters_loses_nothing_either() {
    let visit = Visit::begin().await;
    for _ in 0..5 {
        visit.network.cut();
        visit.until_live().await;
        visit.until_prices_move().await;
    }
    visit.check().await;
}
