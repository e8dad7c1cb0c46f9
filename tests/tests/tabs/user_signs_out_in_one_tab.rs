//! "I handed the tablet to Alice; my other tab was still open."

use crate::desk::{Desk, check, until_live};

/// What the user does: opens the account, writes a name, and takes it.
const BECOME_ALICE: &str = "(() => {
    document.querySelector('[data-testid=\"account\"]').click();
    return new Promise(done => setTimeout(() => {
        const name = document.querySelector('[data-testid=\"account-name\"]');
        name.value = 'alice';
        name.dispatchEvent(new Event('input', {bubbles: true}));
        setTimeout(() => { name.form.requestSubmit(); done(true); }, 100);
    }, 100));
})()";

#[tokio::test(flavor = "multi_thread")]
async fn every_tab_becomes_the_new_users_and_nothing_of_the_old_one_stays() {
    let desk = Desk::prepare().await;
    let first = desk.open().await;
    let second = desk.open().await;
    let has_settled = "tidemark.queue().length === 0";
    first.until("all of the guest's writes to be everywhere", has_settled).await.unwrap();
    first.evaluate(BECOME_ALICE).await.unwrap();
    for tab in [&first, &second] {
        tab.until("the tab to be Alice's", "tidemark.user === 'alice'").await.unwrap();
        until_live(tab).await;
        assert_eq!(tab.evaluate("tidemark.status().user").await.unwrap(), "alice");
    }
    let is_gone = "indexedDB.databases().then(all => all.every(it => !it.name.endsWith(':guest')))";
    first.until("the guest's databases to be gone", is_gone).await.unwrap();
    for tab in [&first, &second] {
        check(tab).await;
    }
}
