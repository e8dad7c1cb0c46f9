//! "The operator had to go back to last night's backup."

use std::ffi::OsStr;
use std::path::Path;

use tidemark_tests::relay::Relay;

use crate::desk::{Place, browser};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_brings_back_what_the_relay_had_confirmed_and_lost() {
    let mut place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;
    desk.write("last night").await;
    desk.until_all_is_everywhere().await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("last-night");
    operate(&place.relay, "backup", &backup);
    desk.write("this morning").await;
    desk.until_all_is_everywhere().await;

    place.relay.stop().await.unwrap();
    desk.write("while it was restored").await;
    operate(&place.relay, "restore", &backup);
    let witness = place.witness();
    place.relay.start_again().await.unwrap();

    witness.until_note(&desk.note, "while it was restored").await.unwrap();
    desk.until_all_is_everywhere().await;
    desk.until_note("while it was restored").await;
    let texts = witness.texts(&desk.note).await.unwrap();
    assert_eq!(texts.first().unwrap(), "last night");
    assert!(texts.contains(&"this morning".to_owned()), "lost: {texts:?}");
    assert_eq!(witness.conflicts().await.unwrap().len(), 0);
    desk.until_live().await;
    desk.check();
}

fn operate(relay: &Relay, verb: &str, file: &Path) {
    let (is_done, said) = relay.operate(&[OsStr::new(verb), file.as_os_str()]).unwrap();
    assert!(is_done, "{verb}: {said}");
}
