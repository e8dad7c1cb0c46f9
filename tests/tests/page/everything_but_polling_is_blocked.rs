//! "The firewall also cuts every answer that takes long."

use crate::visit::{Plan, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn prices_come_by_polling() {
    let blocked = &["/v1/ws", "/v1/stream"];
    let visit = Visit::begin_as(Plan { blocked, ..Plan::default() }).await;
    visit.until_live_over("poll").await;
    visit.until_prices_move().await;
    visit.network.cut();
    visit.until_prices_move().await;
    visit.until_live().await;
    visit.check().await;
}
