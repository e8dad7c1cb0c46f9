//! "The company's firewall allows no WebSocket."

use crate::visit::{Plan, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn prices_come_over_server_sent_events_and_over_a_websocket_when_it_is_allowed_again() {
    let visit = Visit::begin_as(Plan { blocked: &["/v1/ws"], ..Plan::default() }).await;
    visit.until_live_over("sse").await;
    visit.until_prices_move().await;
    visit.check().await;

    visit.network.block(&[]);
    visit.until_live_over("ws").await;
    visit.until_prices_move().await;
    visit.check().await;
}
