//! "I want it on my desktop, like a program."

use crate::visit::Visit;

const BUTTON: &str = "document.querySelector('button.install')";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stands_in_the_way_of_installing() {
    let visit = Visit::begin().await;
    let obstacles = visit.page.obstacles_to_installing().await.unwrap();
    assert!(obstacles.is_empty(), "{obstacles:?}");
    visit.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browsers_offer_becomes_a_button_that_works_once() {
    let visit = Visit::begin().await;
    // A browser makes its offer when it likes, or has made it already; this one can be counted.
    let offer = "(() => {
        window.asked = 0;
        const offer = new Event('beforeinstallprompt', {cancelable: true});
        offer.prompt = () => { asked += 1; return Promise.resolve({outcome: 'dismissed'}); };
        dispatchEvent(offer);
        return offer.defaultPrevented;
    })()";
    assert_eq!(visit.page.evaluate(offer).await.unwrap(), true);
    visit.page.until("the button", &format!("!!{BUTTON}")).await.unwrap();
    visit.page.evaluate(&format!("{BUTTON}.click()")).await.unwrap();
    visit.page.until("no button", &format!("!{BUTTON} && asked === 1")).await.unwrap();
    visit.check();
}
