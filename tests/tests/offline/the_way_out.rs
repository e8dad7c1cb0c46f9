//! "I have shipped a page that must not be used, and browsers keep it."

use tidemark_tests::browser::Browser;
use tidemark_tests::relay::Relay;

use crate::visit::{IS_READY, LIVE, Visit};

const NOTHING_IS_LEFT: &str = "(async () =>
    (await navigator.serviceWorker.getRegistrations()).length === 0
    && (await caches.keys()).every(name => !name.startsWith('tidemark /apps/tidemark/'))
)()";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_the_workers_place_removes_it_and_what_it_kept() {
    let visit = Visit::begin().await;
    let others = visit.add_others().await;
    // The page that all see from now on, and the way there.
    let index = visit.host.read("index.html").unwrap();
    let mark = "<head><meta name=\"version\" content=\"repaired\" />";
    visit.host.write("index.html", &index.replacen("<head>", mark, 1)).unwrap();
    visit.host.write("sw.js", &visit.host.read("sw-off.js").unwrap()).unwrap();

    visit.page.evaluate("window.isFromBefore = true").await.unwrap();
    // Browsers look by themselves, too, at each visit; whatever the page does.
    let look = "void navigator.serviceWorker.getRegistration().then(it => it.update())";
    visit.page.evaluate(look).await.unwrap();
    let is_repaired = "document.querySelector('meta[name=version]')?.content === 'repaired'";
    visit.page.until("the page from the host", is_repaired).await.unwrap();
    visit.page.until("prices", LIVE).await.unwrap();
    visit.page.until("nothing to be left", NOTHING_IS_LEFT).await.unwrap();
    assert_eq!(visit.other_caches().await, others);

    // It stays that way, and the page is not loaded again and again.
    visit.page.evaluate("window.isFromBefore = true").await.unwrap();
    let is_off = "tidemark.status().offline === 'unavailable'";
    visit.page.until("the page to know", is_off).await.unwrap();
    visit.page.until("nothing to be left", NOTHING_IS_LEFT).await.unwrap();
    assert_eq!(visit.page.evaluate("window.isFromBefore").await.unwrap(), true);
    visit.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relays_operator_turns_it_off_with_a_setting_and_on_again() {
    let mut relay = Relay::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(&format!("http://{}/", relay.address())).await.unwrap();
    page.until("the page to be kept", IS_READY).await.unwrap();

    relay.stop().await.unwrap();
    relay.configure("[page]\nservice_worker = \"off\"\n").unwrap();
    relay.start_again().await.unwrap();
    page.navigate(&format!("http://{}/", relay.address())).await.unwrap();
    page.until("nothing to be left", NOTHING_IS_LEFT).await.unwrap();
    page.until("prices", LIVE).await.unwrap();

    relay.stop().await.unwrap();
    relay.configure("").unwrap();
    relay.start_again().await.unwrap();
    page.navigate(&format!("http://{}/", relay.address())).await.unwrap();
    page.until("the page to be kept again", IS_READY).await.unwrap();
}
