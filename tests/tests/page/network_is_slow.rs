//! "The hotel's network is terrible."

use std::time::Duration;

use tidemark_tests::proxy::Fault;

use crate::visit::Visit;

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_network_delays_prices_and_loses_none() {
    let visit = Visit::begin().await;
    visit.network.set_fault(Fault::Delay(Duration::from_millis(700)));
    visit.until_prices_move().await;
    visit.until_prices_move().await;
    visit.network.set_fault(Fault::None);
    visit.until_prices_move().await;
    visit.check().await;
}
