//! "I use no mouse."

use serde_json::json;
use tidemark_tests::browser::{Key, Modifier};

use crate::visit::Visit;

#[tokio::test(flavor = "multi_thread")]
async fn everything_on_the_watchlist_can_be_done_with_keys() {
    let visit = Visit::begin().await;
    let page = &visit.page;

    // Find an instrument and add it; it is selected then.
    page.press(Key::Character('/')).await.unwrap();
    page.until("the search box", "document.activeElement.id === 'search'").await.unwrap();
    page.write("gold").await.unwrap();
    page.until("suggestions", "!!document.querySelector('#suggestion-0')").await.unwrap();
    page.press(Key::Enter).await.unwrap();
    page.until("an empty box", "document.activeElement.value === ''").await.unwrap();
    let found = visit.status().await["selected"].take();
    assert!(found.is_string(), "nothing is selected after a search");
    page.press(Key::Escape).await.unwrap();

    // Walk to the list with Tab, and along it with arrows.
    let mut is_on_list = false;
    for _ in 0..20 {
        page.press(Key::Tab).await.unwrap();
        let focus = page.evaluate("document.activeElement.id").await.unwrap();
        is_on_list = focus == "watchlist";
        if is_on_list {
            break;
        }
    }
    assert!(is_on_list, "Tab does not lead from the search box to the watchlist");
    page.press(Key::ArrowUp).await.unwrap();
    page.until("another row", &format!("tidemark.status().selected !== {found}")).await.unwrap();
    page.press(Key::ArrowDown).await.unwrap();
    page.until("the row again", &format!("tidemark.status().selected === {found}")).await.unwrap();

    // Move it up, and take it away.
    let place = format!("tidemark.status().watchlist.indexOf({found})");
    let before = page.evaluate(&place).await.unwrap().as_i64().unwrap();
    page.press_with(Modifier::Alt, Key::ArrowUp).await.unwrap();
    page.until("it one higher", &format!("{place} === {}", before - 1)).await.unwrap();
    page.press(Key::Delete).await.unwrap();
    page.until("it gone", &format!("{place} === -1")).await.unwrap();

    // Help opens and closes, and gives the focus back.
    page.press(Key::Character('?')).await.unwrap();
    page.until("help", "!!document.querySelector('dialog[open]')").await.unwrap();
    page.press(Key::Escape).await.unwrap();
    page.until("no help", "!document.querySelector('dialog[open]')").await.unwrap();
    assert_eq!(page.evaluate("document.activeElement.id").await.unwrap(), json!("watchlist"));
    visit.check().await;
}
