//! "I open the page, and prices move."

use crate::visit::Visit;

#[tokio::test(flavor = "multi_thread")]
async fn prices_move_after_the_page_is_opened() {
    let visit = Visit::begin().await;
    visit.until_prices_move().await;
    assert_eq!(visit.status().await["transport"], "ws");
    visit.check().await;
}
