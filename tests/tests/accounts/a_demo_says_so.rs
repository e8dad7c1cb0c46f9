//! "I try it out, and am told that anybody may be anybody here."

use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_demo_says_that_it_is_one() {
    let house = House::begin("").await;
    let tab = house.open().await;
    tab.until_live().await;
    tab.page.click("[data-testid=demo]").await.unwrap();
    let told = "document.querySelector('dialog.sheet').innerText.includes('demo mode')";
    tab.page.until("to be told", told).await.unwrap();
}
