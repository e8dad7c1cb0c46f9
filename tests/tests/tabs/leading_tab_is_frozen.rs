//! "The browser put my first tab to sleep while I was working in the second."

use crate::desk::{Desk, check, until_leading, until_live, until_prices_move};

#[tokio::test(flavor = "multi_thread")]
async fn the_other_tab_goes_on_and_the_first_follows_it_when_it_wakes() {
    let desk = Desk::prepare().await;
    let first = desk.open().await;
    until_leading(&first).await;
    let second = desk.open().await;
    first.freeze().await.unwrap();
    until_leading(&second).await;
    until_live(&second).await;
    first.thaw().await.unwrap();
    until_live(&first).await;
    assert_eq!(first.evaluate("tidemark.holder()").await.unwrap(), false);
    for tab in [&first, &second] {
        until_prices_move(tab).await;
        check(tab).await;
    }
}
