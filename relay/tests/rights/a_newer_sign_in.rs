//! "I am no trader any more": a newer sign-in with fewer rights takes topics away at once.

use serde_json::{Value, json};

use crate::client::{Client, Transport};
use crate::house::House;

const RULES: &str = r#"
    [[rights]]
    role = "trader"
    market = "live"

    [[rights]]
    role = "trader"
    topics = ["feed:*"]

    [[rights]]
    everybody = true
    market = "delayed"
    effect = "deny"
    topics = ["feed:*"]
"#;

async fn refresh(client: &mut Client, who: &str) -> Vec<Value> {
    client.say(json!({"type": "refresh", "token": who})).await;
    let mut before = Vec::new();
    loop {
        let message = client.hear().await;
        let is_last = message["type"] == "refreshed";
        before.push(message);
        if is_last {
            return before;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fewer_rights_take_topics_away_before_refreshed_is_said() {
    for transport in Transport::ALL {
        let house = House::open(RULES).await;
        house.trade("A", "5", 1_000).await;
        let (mut alice, welcome) = Client::enter_by(&house, transport, "alice role=trader").await;
        assert_eq!(welcome["delayed_ms"], json!(null));
        for topic in ["price:A", "bars:1m:A", "delayed:A", "documents:alice", "feed:x", "feed:*"] {
            let said = alice.subscribe(topic).await;
            assert!(said.iter().all(|said| said["type"] == "subscribed"), "{said:?}");
        }
        let said = refresh(&mut alice, "alice").await;
        let mut taken: Vec<&str> = Vec::new();
        let (last, pairs) = said.split_last().unwrap();
        for pair in pairs.chunks(2) {
            let [gone, why] = pair else { panic!("{said:?}") };
            assert_eq!((&gone["type"], &why["type"]), (&json!("unsubscribed"), &json!("error")));
            assert_eq!((&gone["topic"], &why["code"]), (&why["topic"], &json!("forbidden")));
            taken.push(gone["topic"].as_str().unwrap());
        }
        taken.sort_unstable();
        assert_eq!(taken, ["bars:1m:A", "feed:*", "price:A"]);
        assert_eq!(last["delayed_ms"], 900_000);
        // Nothing of them comes any more; what is left goes on.
        house.trade("A", "7", 0).await;
        house.advance().await;
        let event = alice.until("event").await;
        assert_eq!((&event["topic"], &event["data"]["price"]), (&json!("delayed:A"), &json!("5")));
        alice.up_to_now().await;
        assert!(!alice.heard.contains("\"7\""), "{}", alice.heard);
        let error = alice.refused("price:A").await;
        assert!(error["message"].as_str().unwrap().contains("subscribe to delayed:A"), "{error}");
        // And back.
        let said = refresh(&mut alice, "alice role=trader").await;
        assert_eq!(said.len(), 1, "{said:?}");
        let said = alice.subscribe("price:A").await;
        assert_eq!(said[0]["snapshot"]["data"]["price"], "7", "{said:?}");
    }
}
