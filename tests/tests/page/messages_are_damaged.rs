//! "Some box on the way damages what passes through it."

use tidemark_tests::proxy::Fault;
use tidemark_tests::wait::wait_for;

use crate::visit::Visit;

async fn survives(fault: Fault) {
    const TIMES: u32 = 3;
    let visit = Visit::begin().await;
    visit.network.set_fault(fault);
    let damage = async || (visit.network.faults() >= TIMES).then_some(());
    wait_for("the damage to happen", damage).await.unwrap();
    visit.network.set_fault(Fault::None);
    visit.until_live().await;
    visit.until_prices_move().await;
    visit.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_messages_are_noticed_and_fetched_again() {
    survives(Fault::LoseEach(10)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_come_twice_count_once() {
    survives(Fault::RepeatEach(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_message_costs_a_reconnect_and_nothing_else() {
    survives(Fault::GarbleEach(20)).await;
}
