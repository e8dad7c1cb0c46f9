//! "I only want to look around": what somebody sees who has not said who they are.

use serde_json::json;

use crate::client::Client;
use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_rules_a_guest_sees_the_market_live() {
    let house = House::open("").await;
    house.trade("A", "5", 1).await;
    let (mut guest, welcome) = Client::enter(&house, "guest").await;
    assert_eq!(welcome["delayed_ms"], json!(null));
    for topic in ["price:A", "bars:1m:A", "market:overview", "system:notifications", "delayed:A"] {
        assert_eq!(guest.subscribe(topic).await[0]["type"], "subscribed", "{topic}");
    }
    let price = guest.ask("price", json!({"symbol": "A"})).await;
    assert_eq!(price["result"]["quote"]["price"], "5", "{price}");
}

const NOTHING_FOR_GUESTS: &str = r#"
    [[rights]]
    guests = true
    market = "none"
    effect = "deny"
    topics = ["feed:*", "system:notifications"]
    collections = { write = ["*"] }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_may_see_nothing_is_told_to_sign_in_and_others_see_all() {
    let house = House::open(NOTHING_FOR_GUESTS).await;
    house.trade("A", "5", 2_000).await;
    house.advance().await;
    let (mut guest, _) = Client::enter(&house, "guest").await;
    let topics = ["price:A", "delayed:A", "bars:1m:A", "market:overview", "feed:*", "feed:x"];
    for topic in topics {
        let error = guest.refused(topic).await;
        assert_eq!(error["code"], "forbidden", "{error}");
        assert!(error["message"].as_str().unwrap().contains("sign in"), "{error}");
    }
    for (method, params) in [
        ("price", json!({"symbol": "A"})),
        ("ticks", json!({"symbol": "A"})),
        ("bars", json!({"symbol": "A", "interval": "1m"})),
        ("instruments", json!({})),
        ("analytics", json!({"symbol": "A"})),
    ] {
        let answer = guest.ask(method, params).await;
        assert_eq!(answer["error"]["code"], "forbidden", "{method}: {answer}");
    }
    assert!(!guest.heard.contains("\"5\""), "{}", guest.heard);
    let (mut alice, _) = Client::enter(&house, "alice").await;
    assert_eq!(alice.subscribe("price:A").await[0]["type"], "subscribed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_is_called_guest_and_has_signed_in_is_no_guest() {
    use tidemark_relay::auth::Identity;
    let rights = crate::house::rights(NOTHING_FOR_GUESTS);
    let signed_in = Identity::demo("guest".parse().unwrap());
    assert_eq!(rights.market(&signed_in), tidemark_relay::rights::MarketSight::Live);
}
