//! "My disk is full."

use std::time::Duration;

use serde_json::json;

use crate::desk::{Place, browser};

/// Between two writes. The browser takes half a minute to notice: the relay remembers them all.
const BETWEEN: Duration = Duration::from_secs(1);

/// The page says that it could not save.
const IS_TOLD: &str = "document.body.innerText.includes('There is no room left on this device')";

#[tokio::test(flavor = "multi_thread")]
async fn the_user_is_told_keeps_the_text_and_it_is_saved_by_itself_when_there_is_room_again() {
    let place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;
    desk.write("fits").await;
    desk.until_all_is_everywhere().await;

    // The browser looks at the room that is left now and then only: some writes still fit.
    desk.page.limit_storage(Some(1)).await.unwrap();
    let mut kept = vec!["fits".to_owned()];
    let text = loop {
        let text = format!("does it still fit? {}", kept.len());
        desk.type_in(&text).await;
        let (note, quoted) = (json!(desk.note), json!(text));
        let is_kept = format!("tidemark.documents()[{note}].body.text === {quoted}");
        let ended = format!("{is_kept} || {IS_TOLD}");
        desk.page.until("the write to be saved or not", &ended).await.unwrap();
        if desk.page.evaluate(IS_TOLD).await.unwrap() == json!(true) {
            break text;
        }
        kept.push(text);
        tokio::time::sleep(BETWEEN).await;
    };
    assert_eq!(desk.shown().await, text);

    desk.page.limit_storage(None).await.unwrap();
    desk.until_note(&text).await;
    desk.until_all_is_everywhere().await;
    desk.page.until("the warning to go", &format!("!({IS_TOLD})")).await.unwrap();
    kept.push(text);
    assert_eq!(place.witness().texts(&desk.note).await.unwrap(), kept);
    desk.check();
}
