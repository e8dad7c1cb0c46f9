//! "Somebody's program has gone wild: I close its connection."

use crate::house::{ACCOUNTS, House};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_closed_after_a_question_and_may_come_back() {
    let (house, admin) = House::with_root(ACCOUNTS).await;
    admin.open_account().await;
    let open = "[...document.querySelectorAll('dialog.sheet .acts button')]
        .find(button => button.innerText === 'Administration')";
    admin.page.until("the way to it", &format!("!!({open})")).await.unwrap();
    admin.page.evaluate(&format!("({open}).click()")).await.unwrap();
    admin.page.click("[data-connection] .acts button").await.unwrap();
    let is_asked = "!!document.querySelector('[data-connection] .question')";
    admin.page.until("to be asked", is_asked).await.unwrap();
    let connections = "tidemark.status().counters.connections";
    assert_eq!(admin.page.evaluate(connections).await.unwrap(), 1, "nothing happens before that");
    admin.page.click("[data-connection] .question button").await.unwrap();
    admin.page.until("the connection to come back", &format!("{connections} === 2")).await.unwrap();
    admin.until_live().await;
    admin.check().await;
    drop(house);
}
