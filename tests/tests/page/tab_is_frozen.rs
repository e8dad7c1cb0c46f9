//! "I closed the laptop's lid and opened it again."

use std::time::Duration;

use crate::visit::Visit;

/// How long the lid is closed.
const ASLEEP: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_tab_is_live_again_when_it_wakes() {
    let visit = Visit::begin().await;
    visit.page.freeze().await.unwrap();
    tokio::time::sleep(ASLEEP).await;
    visit.page.thaw().await.unwrap();
    visit.until_live().await;
    visit.until_prices_move().await;
    visit.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_tab_whose_connection_died_meanwhile_is_live_again_too() {
    let visit = Visit::begin().await;
    visit.page.freeze().await.unwrap();
    visit.network.cut();
    tokio::time::sleep(ASLEEP).await;
    visit.page.thaw().await.unwrap();
    visit.until_live().await;
    visit.until_prices_move().await;
    visit.check().await;
}
