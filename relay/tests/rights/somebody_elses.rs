//! "Whatever door they try: what is mine stays mine."

use serde_json::{Value, json};
use tidemark_shared::protocol::{ErrorCode, Pattern, Topic};

use crate::client::{Client, Transport};
use crate::device::{Device, edit};
use crate::house::{House, rights, somebody};
use tidemark_relay::rights::{Act, Owner};

/// The most that an operator can allow.
const EVERYTHING: &str = r#"
    [[rights]]
    everybody = true
    effect = "allow"
    topics = ["*", "documents:*", "alert:bob", "order:*"]
    collections = { read = ["*"], write = ["*"] }
    market = "live"
"#;

pub fn note(text: &str) -> tidemark_shared::documents::Draft {
    edit("notes/A", 0, &[("text", None, Some(text))])
}

pub fn pushed(device: &Device, mutations: Vec<tidemark_shared::documents::Mutation>) -> Value {
    serde_json::to_value(device.push(mutations)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_rule_opens_another_user_s_door() {
    let house = House::open(EVERYTHING).await;
    let (mut bob, _) = Client::enter(&house, "bob").await;
    let mut phone = Device::new("bob", 1);
    let first = phone.write(note("bob's secret"));
    let answer = bob.ask("push", pushed(&phone, vec![first.clone()])).await;
    assert_eq!(answer["result"]["receipts"][0]["outcome"]["is"], "applied", "{answer}");
    for transport in Transport::ALL {
        let (mut alice, _) = Client::enter_by(&house, transport, "alice role=admin").await;
        for topic in ["documents:bob", "alert:bob", "order:bob", "portfolio:bob", "risk:bob"] {
            let error = alice.refused(topic).await;
            assert_eq!(error["code"], "forbidden", "{transport:?} {topic}: {error}");
            let says = error["message"].as_str().unwrap();
            assert!(says.contains("belongs to another user; nothing was subscribed: "), "{says}");
        }
        // Bob's queue, with his own write and with a forged one.
        let mut thief = Device { user: "alice".parse().unwrap(), ..phone.clone() };
        let forged = thief.write(note("forged"));
        for writes in [vec![first.clone()], vec![forged]] {
            let answer = alice.ask("push", pushed(&thief, writes)).await;
            assert_eq!(answer["result"]["nack"]["why"], "wrong_user", "{answer}");
            assert_eq!(answer["result"]["receipts"], json!([]));
        }
        // Bob's write in a queue of her own.
        let own = Device::new("alice", 2);
        let answer = alice.ask("push", pushed(&own, vec![first.clone()])).await;
        let outcome = &answer["result"]["receipts"][0]["outcome"];
        assert_eq!(
            (&outcome["is"], &outcome["error"]["code"]),
            (&json!("rejected"), &json!("forbidden"))
        );
        let history = alice.ask("history", json!({"entity": "notes/A"})).await;
        assert_eq!(history["result"]["revisions"], json!([]));
        let documents = alice.ask("documents", json!({})).await;
        assert_eq!(documents["result"]["documents"], json!([]));
        assert!(!alice.heard.contains("bob's secret"), "{}", alice.heard);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_no_source_yet_is_not_found_for_its_owner() {
    let house = House::open("").await;
    let (mut alice, _) = Client::enter(&house, "alice").await;
    for topic in ["order:alice", "portfolio:alice", "alert:alice", "order:*"] {
        assert_eq!(alice.refused(topic).await["code"], "not_found", "{topic}");
    }
    assert_eq!(alice.subscribe("documents:alice").await[0]["type"], "subscribed");
}

/// A source that knows whose its topics are says so, whatever they are called.
#[test]
fn an_order_is_its_owner_s_whatever_it_is_called() {
    let rights = rights(EVERYTHING);
    let pattern = Pattern::One("order:7d1a".parse::<Topic>().unwrap());
    let owner = Owner::User("bob".parse().unwrap());
    let act = Act::Subscribe { pattern: &pattern, owner: &owner };
    assert_eq!(rights.may(&somebody("bob"), act), Ok(()));
    for other in ["alice", "bob@acme", "guest"] {
        let refused = rights.may(&somebody(other), act).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Forbidden, "{other}");
    }
}

/// A name in a tenant and the same name in none are two people.
#[test]
fn a_name_without_its_tenant_is_another_user_s() {
    let rights = rights(EVERYTHING);
    for (who, topic) in [
        ("alice@acme", "order:alice"),
        ("alice@acme", "documents:alice"),
        ("alice@acme", "documents:alice@zeta"),
        ("alice", "alert:alice@acme"),
    ] {
        let pattern: Pattern = topic.parse().unwrap();
        let owner = Owner::by_name(&pattern);
        let act = Act::Subscribe { pattern: &pattern, owner: &owner };
        let refused = rights.may(&somebody(who), act).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Forbidden, "{who} {topic}");
    }
}
