//! "The connection stood, but nothing came any more."

use tidemark_tests::proxy::Fault;

use crate::visit::{Plan, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_connection_is_noticed_by_its_silence() {
    // The relay announces how long silence may last; here it is short, so that the test is.
    let settings = "[connection]\nheartbeat_ms = 2000\ndead_after_ms = 4000\n";
    let visit = Visit::begin_as(Plan { settings, ..Plan::default() }).await;
    visit.network.set_fault(Fault::Stall);
    visit.until_lost().await;
    visit.network.set_fault(Fault::None);
    visit.network.cut();
    visit.until_live().await;
    visit.until_prices_move().await;
    visit.check().await;
}
