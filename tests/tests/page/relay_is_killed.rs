//! "The relay's machine died, and another one took its place."

use crate::visit::Visit;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_goes_on_after_the_relay_was_killed_again_and_again() {
    let mut visit = Visit::begin().await;
    for _ in 0..3 {
        visit.relay.kill().unwrap();
        visit.until_lost().await;
        visit.relay.start_again().await.unwrap();
        visit.until_live().await;
        visit.until_prices_move().await;
    }
    visit.check().await;
}
