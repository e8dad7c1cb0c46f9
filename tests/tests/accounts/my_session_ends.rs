//! "My session would end while I look at the page: I notice nothing."

use crate::house::{ACCOUNTS, House};

/// The shortest session that a relay may have. Its end is told at half of it.
const SHORT: &str = "session_s = 300\nwarn_before_s = 3600\n";

/// Times that a story may wait as long as any other waits at most.
const WAITS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_renewed_on_the_same_connection() {
    let (_house, tab) = House::with_root(&format!("{ACCOUNTS}{SHORT}")).await;
    let ends_at = tab.page.evaluate("tidemark.status().ends_at").await.unwrap();
    assert!(ends_at.is_i64(), "{ends_at}");
    let is_renewed = format!("tidemark.status().ends_at > {ends_at}");
    let mut renewed = tab.page.until("a later end", &is_renewed).await;
    for _ in 1..WAITS {
        if renewed.is_err() {
            renewed = tab.page.until("a later end", &is_renewed).await;
        }
    }
    renewed.unwrap();
    let connections = tab.page.evaluate("tidemark.status().counters.connections").await.unwrap();
    assert_eq!(connections, 1, "renewing costs no connection");
    let nothing_asked = "!document.querySelector('[data-testid=sign-in-ends]')";
    tab.page.until("nothing to be asked", nothing_asked).await.unwrap();
    tab.until_live().await;
    tab.check().await;
}
