//! "I closed the first of my two tabs."

use crate::desk::{Desk, check, until_leading, until_live, until_prices_move};

#[tokio::test(flavor = "multi_thread")]
async fn the_other_tab_takes_the_connection_over_and_misses_nothing() {
    let desk = Desk::prepare().await;
    let first = desk.open().await;
    until_leading(&first).await;
    let second = desk.open().await;
    assert_eq!(second.evaluate("tidemark.holder()").await.unwrap(), false);
    until_prices_move(&second).await;
    check(&first).await;
    first.navigate("about:blank").await.unwrap();
    until_leading(&second).await;
    until_live(&second).await;
    until_prices_move(&second).await;
    check(&second).await;
}
