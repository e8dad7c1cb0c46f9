//! "The relay did not take what I wrote."

use serde_json::json;

use crate::desk::{Place, browser};

/// The relay of a stingy operator.
const SETTINGS: &str = "[documents]\nbytes_per_user_max = 65536\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_note_is_put_back_visibly_and_its_text_can_be_changed_and_sent_anew() {
    let place = Place::begin_with(SETTINGS).await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;
    desk.write("short").await;
    desk.until_all_is_everywhere().await;

    // Other devices have filled nearly all the room that the operator gives.
    let mut witness = place.witness();
    for number in 0..4 {
        let note = format!("notes/OTHER{number}").parse().unwrap();
        witness.write_note(&note, None, &"full ".repeat(3_000)).await.unwrap();
    }

    let long = "tide ".repeat(1_600);
    desk.type_in(&long).await;
    // What it was before is back, and the reason is said.
    desk.until_it_says("was not taken over").await;
    desk.until_note("short").await;

    // The text is in the queue, whole.
    desk.page.click("[data-testid=queue]").await.unwrap();
    let row = "[data-testid=queue-items] [data-state=rejected]";
    desk.page.click(&format!("{row} .acts button")).await.unwrap();
    let editor = "document.querySelector('dialog .field textarea')";
    let is_whole = format!("{editor}?.value === {}", json!(long));
    desk.page.until("the whole text", &is_whole).await.unwrap();
    desk.page.evaluate(&format!("{editor}.focus(); {editor}.select()")).await.unwrap();
    desk.page.paste("shorter").await.unwrap();
    desk.page.click("dialog .sheet-body > .acts button").await.unwrap();

    desk.until_note("shorter").await;
    desk.until_all_is_everywhere().await;
    assert_eq!(witness.texts(&desk.note).await.unwrap(), ["short", "shorter"]);
    desk.check();
}
