//! "After the update my watchlist was still there, on my phone too."

use tidemark_tests::browser::Browser;

use crate::desk::{Desk, KEEP_OLD_LIST, LIST, check, until_live};

#[tokio::test(flavor = "multi_thread")]
async fn it_becomes_a_document_and_reaches_the_users_other_devices() {
    let desk = Desk::prepare().await;
    let page = desk.open().await;
    page.evaluate(KEEP_OLD_LIST).await.unwrap();
    page.reload().await.unwrap();
    let is_everywhere = format!("{LIST}?.pending === 'nothing' && {LIST}?.version > 0");
    page.until("the list to be everywhere", &is_everywhere).await.unwrap();
    let second = desk.open().await;
    let has_both = format!("['NVDA', 'AAPL'].every(it => {LIST}?.body.items.includes(it))");
    second.until("the list in another tab", &has_both).await.unwrap();
    let phone = Browser::start().await.unwrap();
    let there = phone.open_tab().await.unwrap();
    there.navigate(&format!("http://{}/", desk.network.address())).await.unwrap();
    until_live(&there).await;
    there.until("the list on the other device", &has_both).await.unwrap();
    for page in [&page, &second, &there] {
        check(page).await;
    }
}
