//! "I wrote something, and I cannot know whether it came through: I send it again."

use std::ffi::OsStr;

use serde_json::json;
use tidemark_native::{Client, News, NewsReader};
use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{
    Change, Delta, Document, Draft, Entity, GroupId, Mutation, MutationId, MutationKind, Nack,
    Outcome, Push, Pushed, Receipt, Version,
};
use tidemark_shared::protocol::{Epoch, ErrorCode, Method, Payload, Reply, Topic};
use tidemark_shared::session::{Delivery, Settings, Transport};
use tidemark_tests::relay::Relay;
use tidemark_tests::wait::PATIENCE;
use tokio::time::timeout;

const NOTE: &str = "notes/AAPL";

/// One device of a user's.
struct Device {
    client: Client,
    news: NewsReader,
}

impl Device {
    fn of(user: &str, relay: &Relay, transport: Transport) -> Device {
        let settings = Settings {
            user: Some(user.parse().unwrap()),
            transports: vec![transport],
            ..Settings::default()
        };
        let (client, news) =
            Client::connect(&format!("http://{}", relay.address()), settings).unwrap();
        Device { client, news }
    }

    async fn push(&self, mutations: &[Mutation]) -> Pushed {
        self.push_to(None, mutations).await
    }

    async fn push_to(&self, epoch: Option<Epoch>, mutations: &[Mutation]) -> Pushed {
        let push = Push {
            epoch,
            group: GroupId::from_bits(7),
            settled: MutationId::NONE,
            mutations: mutations.to_vec(),
        };
        match self.client.ask(Method::Push(push)).await.unwrap() {
            Reply::Push(pushed) => pushed,
            other => panic!("a push was answered by {other:?}"),
        }
    }

    async fn documents(&self) -> Vec<Document> {
        self.read().await.documents
    }

    async fn read(&self) -> Delta {
        match self.client.ask(Method::Documents { after: None }).await.unwrap() {
            Reply::Documents(delta) => delta,
            other => panic!("a question for documents was answered by {other:?}"),
        }
    }

    async fn next_news(&mut self) -> Delta {
        loop {
            let news = timeout(PATIENCE, self.news.next()).await.expect("no news came").unwrap();
            if let News::Delivery(Delivery::Event(event)) = news
                && let Payload::Documents(delta) = event.payload
            {
                return delta;
            }
        }
    }
}

fn note(mid: u64, from: Option<&str>, to: &str) -> Mutation {
    let change = Change { from: from.map(|from| json!(from)), to: Some(json!(to)) };
    let draft = Draft {
        kind: MutationKind::Edit,
        entity: NOTE.parse::<Entity>().unwrap(),
        base_version: Version(mid - 1),
        changes: [("text".parse().unwrap(), change)].into(),
        policy: None,
        valid_until: None,
        conflict: None,
    };
    let stamp = Stamp { at: UnixMillis(1_763_640_000_000), count: u32::try_from(mid).unwrap() };
    Mutation::seal(draft, MutationId(mid), "alice".parse().unwrap(), stamp)
}

fn applied(receipt: &Receipt) -> Option<Version> {
    match receipt.outcome {
        Outcome::Applied { version } => Some(version),
        _ => None,
    }
}

async fn sent_again_and_again_over(transport: Transport) {
    let mut relay = Relay::start().await.unwrap();
    let (phone, mut desk) =
        (Device::of("alice", &relay, transport), Device::of("alice", &relay, transport));
    desk.client.subscribe("documents:alice".parse::<Topic>().unwrap()).await.unwrap();
    assert_eq!(desk.documents().await, []);

    let writes = [note(1, None, "buy"), note(2, Some("buy"), "buy below 180")];
    let first = phone.push(&writes).await;
    assert_eq!(first.nack, None);
    let versions: Vec<_> = first.receipts.iter().map(applied).collect();
    assert_eq!(versions, [Some(Version(1)), Some(Version(2))]);
    let mut told = desk.next_news().await;
    while told.to < first.receipts[1].sequence {
        told = desk.next_news().await;
    }
    assert_eq!(told.documents.last().unwrap().body.text("text"), Some("buy below 180"));

    assert_eq!(phone.push(&writes).await, first, "the same writes get the same receipts");
    relay.kill().unwrap();
    relay.start_again().await.unwrap();
    assert_eq!(phone.push(&writes).await, first, "also from a relay that was killed");

    let documents = desk.documents().await;
    let [document] = documents.as_slice() else { panic!("{documents:?}") };
    assert!(document.version == Version(2) && document.is_intact(), "{document:?}");
    assert_eq!(document.body.text("text"), Some("buy below 180"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_sent_again_takes_effect_once_over_a_websocket() {
    sent_again_and_again_over(Transport::WebSocket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_sent_again_takes_effect_once_over_an_event_stream() {
    sent_again_and_again_over(Transport::Sse).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_sent_again_takes_effect_once_over_polling() {
    sent_again_and_again_over(Transport::Poll).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_sees_and_hears_nothing_of_it() {
    let relay = Relay::start().await.unwrap();
    let alice = Device::of("alice", &relay, Transport::WebSocket);
    let mut bob = Device::of("bob", &relay, Transport::WebSocket);
    alice.push(&[note(1, None, "mine")]).await;
    assert_eq!(bob.documents().await, []);
    let history = Method::History { entity: NOTE.parse().unwrap(), before: None };
    match bob.client.ask(history).await.unwrap() {
        Reply::History(page) => assert_eq!(page.revisions, []),
        other => panic!("{other:?}"),
    }
    bob.client.subscribe("documents:alice".parse::<Topic>().unwrap()).await.unwrap();
    loop {
        let news = timeout(PATIENCE, bob.news.next()).await.expect("nobody said no").unwrap();
        if let News::Delivery(Delivery::Refused { error, .. }) = news {
            break assert_eq!(error.code, ErrorCode::Forbidden);
        }
    }
    let push = Push {
        epoch: None,
        group: GroupId::from_bits(7),
        settled: MutationId::NONE,
        mutations: vec![note(1, None, "mine")],
    };
    // Neither alice's queue nor a write that says it is alice's does anything for bob.
    match bob.client.ask(Method::Push(push)).await {
        Ok(Reply::Push(pushed)) => assert!(pushed.nack.is_some() && pushed.receipts.is_empty()),
        other => panic!("{other:?}"),
    }
    assert_eq!(bob.documents().await, []);
    assert_eq!(alice.documents().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_was_restored_from_a_backup_says_so_before_it_takes_anything_in() {
    let mut relay = Relay::start().await.unwrap();
    let alice = Device::of("alice", &relay, Transport::WebSocket);
    let (first, second) = (note(1, None, "one"), note(2, Some("one"), "two"));
    alice.push(std::slice::from_ref(&first)).await;
    let before = alice.read().await;

    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("store.backup");
    let words = |verb: &'static str| [OsStr::new(verb), backup.as_os_str()];
    let (done, said) = relay.operate(&words("backup")).unwrap();
    assert!(done && backup.is_file(), "a backup of a running relay: {said}");
    alice.push(std::slice::from_ref(&second)).await;
    let (done, said) = relay.operate(&words("restore")).unwrap();
    assert!(!done && said.contains("nothing was changed"), "over a running relay: {said}");
    relay.stop().await.unwrap();
    let (done, said) = relay.operate(&words("restore")).unwrap();
    assert!(done, "{said}");
    relay.start_again().await.unwrap();

    let refused = alice.push_to(Some(before.epoch), &[second]).await;
    assert_eq!((refused.nack, refused.receipts), (Some(Nack::NewEpoch), Vec::new()));
    let after = alice.read().await;
    assert_eq!((after.epoch == before.epoch, after.documents), (false, before.documents));
}
