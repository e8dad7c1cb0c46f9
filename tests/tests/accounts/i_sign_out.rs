//! "I sign out at the library's computer, and somebody else signs in."

use crate::house::{ACCOUNTS, BOB, House};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_mine_is_left_in_any_tab_and_the_next_one_sees_nothing() {
    let (house, tab) = House::with_root(ACCOUNTS).await;
    tab.make_account(BOB).await;
    let other = house.open().await;
    other.until_live().await;
    write_note(&tab.page, "root was here").await;
    let everywhere = "tidemark.queue().length === 0";
    tab.page.until("the note to be everywhere", everywhere).await.unwrap();
    let is_roots = |name: &String| name.ends_with(":root");
    assert!(tab.databases().await.iter().any(is_roots));

    tab.open_account().await;
    tab.page.click("[data-testid=sign-out]").await.unwrap();
    tab.until_door().await;
    other.until_door().await;
    assert!(!tab.databases().await.iter().any(is_roots), "{:?}", tab.databases().await);

    other.sign_in(BOB).await;
    other.until_live().await;
    assert_eq!(other.user().await, "bob");
    let documents = other.page.evaluate("JSON.stringify(tidemark.documents())").await.unwrap();
    assert!(!documents.as_str().unwrap().contains("root was here"), "{documents}");
    other.check().await;
}

async fn write_note(page: &tidemark_tests::browser::Page, text: &str) {
    page.click("[data-testid=note]").await.unwrap();
    page.paste(text).await.unwrap();
    let is_known = "JSON.stringify(tidemark.documents()).includes('root was here')";
    page.until("the note to be saved", is_known).await.unwrap();
}
