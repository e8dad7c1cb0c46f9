//! "Follow all feeds" shows those that one may see, also of those that come into being later, and
//! does not say that there are others.

use tidemark_relay::clock::unix_now;
use tidemark_relay::publication::Publication;
use tidemark_shared::protocol::{Metadata, Notice, Payload, Priority, Severity, Topic};

use crate::client::Client;
use crate::house::House;

const RULES: &str = r#"
    [[rights]]
    role = "staff"
    topics = ["feed:*"]

    [[rights]]
    everybody = true
    effect = "deny"
    topics = ["feed:inner*"]
"#;

fn word(feed: &str) -> Publication {
    Publication {
        topic: Topic::feed(feed).unwrap(),
        at: unix_now(),
        source: "test".to_owned(),
        priority: Priority::Normal,
        meta: Metadata::default(),
        payload: Payload::Notice(Notice { severity: Severity::Info, text: format!("of {feed}") }),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_feeds_are_all_that_one_may_see() {
    let house = House::open(RULES).await;
    house.publish(vec![word("open1"), word("inner1")]).await;
    let (mut guest, _) = Client::enter(&house, "guest").await;
    let (mut staff, _) = Client::enter(&house, "carol role=staff").await;
    guest.subscribe("feed:*").await;
    staff.subscribe("feed:*").await;
    house.publish(vec![word("inner2"), word("inner1"), word("open2"), word("open1")]).await;
    for (client, wanted) in [(&mut guest, "of open1"), (&mut staff, "of open1")] {
        // The last one that was published, so what was before it has been told or left out.
        loop {
            let event = client.until("event").await;
            if event["data"]["text"] == wanted {
                break;
            }
        }
        client.up_to_now().await;
    }
    assert!(
        guest.heard.contains("feed:open2") && !guest.heard.contains("inner"),
        "{}",
        guest.heard
    );
    assert!(staff.heard.contains("feed:inner1") && staff.heard.contains("feed:inner2"));
    let error = guest.refused("feed:inner1").await;
    assert_eq!(error["code"], "forbidden");
}
