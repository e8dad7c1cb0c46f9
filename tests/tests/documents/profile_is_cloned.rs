//! "I cloned my machine, and then used both."

use tidemark_tests::browser::Browser;

use crate::desk::{Place, browser};

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_both_copies_arrive_once() {
    let place = Place::begin().await;
    let (profile, original) = browser().await;
    let desk = place.open(&original).await;
    desk.write("before the cloning").await;
    desk.until_all_is_everywhere().await;
    place.go_offline();
    desk.until_lost().await;
    desk.write("before the cloning, unsent").await;
    desk.check();
    original.close().await.unwrap();
    let clone = profile.clone_files().unwrap();

    place.go_online();
    let (one, other) = tokio::join!(Browser::start_on(&profile), Browser::start_on(&clone));
    let (one, other) = (one.unwrap(), other.unwrap());
    let first = place.open(&one).await;
    first.until_all_is_everywhere().await;
    first.write("by the original").await;
    first.until_all_is_everywhere().await;

    // The copy does not know that its numbers are used up.
    let second = place.open(&other).await;
    second.until_note("by the original").await;
    second.write("by the copy").await;
    second.until_all_is_everywhere().await;
    first.until_note("by the copy").await;
    first.write("by the original, again").await;
    first.until_all_is_everywhere().await;
    second.until_note("by the original, again").await;

    let texts = place.witness().texts(&first.note).await.unwrap();
    assert_eq!(
        texts,
        [
            "before the cloning",
            "before the cloning, unsent",
            "by the original",
            "by the copy",
            "by the original, again",
        ]
    );
    let queues = (first.group().await, second.group().await);
    assert_ne!(queues.0, queues.1, "both still write under the same name");
    first.check();
    second.check();
}
