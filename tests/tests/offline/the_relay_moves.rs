//! "We have a new relay. Why do people still go to the old one?"

use tidemark_tests::relay::Relay;

use crate::visit::{LIVE, Visit, configuration};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_address_reaches_those_who_start_from_their_caches() {
    let visit = Visit::begin().await;
    let allowed = format!("allowed_origins = [{:?}]\n", visit.host.origin());
    let other = Relay::start_with(&allowed).await.unwrap();
    visit.host.write("tidemark.json", &configuration(&other)).unwrap();
    // Starts from the cache, learns of it, and says so.
    visit.page.reload().await.unwrap();
    let is_told = "tidemark.status().update === 'taken_elsewhere'";
    visit.page.until("a word about it", is_told).await.unwrap();
    visit.click("Reload").await;
    let is_there =
        format!("tidemark.status().relay_address === 'http://{}' && {LIVE}", other.address());
    visit.page.until("prices from the new relay", &is_there).await.unwrap();
    visit.check();
}
