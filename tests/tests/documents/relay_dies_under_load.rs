//! "The relay died in the middle of my work, and again, and again."

use std::time::Duration;

use futures_util::future::join_all;
use tidemark_shared::documents::{Entity, Outcome, Version};
use tidemark_tests::device::{Device, edit_of_note};
use tidemark_tests::relay::Relay;
use tokio::sync::watch;

use crate::desk::{Place, browser};

/// Says how often the relay is killed; the promise is kept for 200.
const ROUNDS: &str = "TIDEMARK_KILLS";

/// How often, when nothing is said: enough for each of its phases to be hit now and then.
const ROUNDS_USUALLY: u32 = 10;

/// How many write at the same time, so that they share commits.
const WRITERS: u64 = 4;

/// Longest time that a relay lives. The first commits begin at once.
const LIFE_MS_MAX: u64 = 150;

/// How many documents each writer writes in turn.
const NOTES: usize = 3;

/// Fewer than the relay keeps of a document's history.
const WRITES_CHECKED: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_done_twice() {
    let rounds = std::env::var(ROUNDS).map_or(ROUNDS_USUALLY, |text| text.parse().unwrap());
    let mut relay = Relay::start().await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let writers = (0..WRITERS)
        .map(|writer| write_on(Device::of("alice", relay.address()), writer, stopped.clone()));
    let (written, ()) = tokio::join!(join_all(writers), async {
        for _ in 0..rounds {
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..LIFE_MS_MAX))).await;
            relay.kill().unwrap();
            relay.start_again().await.unwrap();
        }
        stop.send(true).unwrap();
    });

    let reader = Device::of("alice", relay.address());
    let mut total = 0;
    for (note, texts) in written.into_iter().flatten() {
        let document = reader.document(&note).await.unwrap().unwrap();
        let expected = Version(u64::try_from(texts.len()).unwrap());
        assert_eq!(document.version, expected, "{note} was not changed once for each write");
        let newest = &texts[texts.len().saturating_sub(WRITES_CHECKED)..];
        let kept = reader.texts(&note).await.unwrap();
        assert!(kept.ends_with(newest), "{note} was {kept:?} instead of {newest:?}");
        total += texts.len();
    }
    assert_eq!(reader.conflicts().await.unwrap().len(), 0);
    println!("{total} writes survived {rounds} kills");
    assert!(total > usize::try_from(rounds).unwrap(), "nearly nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_on_the_page_meanwhile_is_done_once_and_in_order() {
    const KILLS: usize = 3;
    let mut place = Place::begin().await;
    let (_profile, browser) = browser().await;
    let desk = place.open(&browser).await;
    let mut written = Vec::new();
    for kill in 0..KILLS {
        for _ in 0..2 {
            let text = format!("line {}", written.len());
            desk.write(&text).await;
            written.push(text);
        }
        place.relay.kill().unwrap();
        let text = format!("line {}, while it was dead for the {kill}th time", written.len());
        desk.write(&text).await;
        written.push(text);
        place.relay.start_again().await.unwrap();
    }
    desk.until_all_is_everywhere().await;
    assert_eq!(place.witness().texts(&desk.note).await.unwrap(), written);
    desk.check();
}

/// Writes until it is told to stop. Gives back what was acknowledged.
async fn write_on(
    mut device: Device,
    writer: u64,
    stopped: watch::Receiver<bool>,
) -> Vec<(Entity, Vec<String>)> {
    let note = |place: usize| format!("notes/W{writer}-{place}").parse().unwrap();
    let mut notes: Vec<(Entity, Vec<String>)> =
        (0..NOTES).map(|place| (note(place), Vec::new())).collect();
    for number in 0_usize.. {
        let (note, texts) = &mut notes[number % NOTES];
        let seen = Version(u64::try_from(texts.len()).unwrap());
        let text = format!("write {number}");
        let draft = edit_of_note(note, seen, texts.last().map(String::as_str), &text);
        let mutation = device.seal(draft);
        let pushed = device.push(vec![mutation]).await.unwrap();
        assert_eq!(pushed.nack, None);
        let applied = Outcome::Applied { version: seen.next() };
        assert_eq!(pushed.receipts[0].outcome, applied, "{note} {number}");
        texts.push(text);
        if *stopped.borrow() && number >= NOTES {
            break;
        }
    }
    notes
}
