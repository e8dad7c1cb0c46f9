//! "I mistype my password."

use crate::house::{ACCOUNTS, House, ROOT};

#[tokio::test(flavor = "multi_thread")]
async fn i_am_told_what_to_do_and_the_right_one_lets_me_in() {
    let (house, root) = House::with_root(ACCOUNTS).await;
    root.open_account().await;
    root.page.click("[data-testid=sign-out]").await.unwrap();
    root.until_door().await;
    let tab = house.open().await;
    tab.until_door().await;
    tab.sign_in(("root", "incorrect horse")).await;
    let told = "document.querySelector('[data-testid=sign-in-trouble]').innerText
        .includes('try again')";
    tab.page.until("to be told what to do", told).await.unwrap();
    tab.sign_in(ROOT).await;
    tab.until_live().await;
    assert_eq!(tab.user().await, "root");
    tab.check().await;
}
