//! "A middlebox forgot one half of my connection."

use crate::visit::Visit;

#[tokio::test(flavor = "multi_thread")]
async fn a_half_closed_connection_is_replaced() {
    let visit = Visit::begin().await;
    let connections = visit.network.passed("/v1/");
    visit.network.half_close();
    let replaced = async || (visit.network.passed("/v1/") > connections).then_some(());
    tidemark_tests::wait::wait_for("a new connection", replaced).await.unwrap();
    visit.until_live().await;
    visit.until_prices_move().await;
    visit.check().await;
}
