//! "Prices are fifteen minutes late for me": what somebody sees who may only see what was.

use serde_json::json;

use crate::client::{Client, Transport};
use crate::house::House;

const LATE: &str = "[[rights]]\nrole = \"pro\"\nmarket = \"live\"\n\
                    [[rights]]\neverybody = true\nmarket = \"delayed\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_door_shows_the_market_as_it_was() {
    let house = House::open(LATE).await;
    for (price, seconds_ago) in [("1", 4_000), ("2", 2_000), ("3", 1_000), ("77", 60), ("78", 1)] {
        house.trade("A", price, seconds_ago).await;
    }
    house.advance().await;
    for transport in Transport::ALL {
        let (mut guest, welcome) = Client::enter_by(&house, transport, "guest").await;
        assert_eq!(welcome["delayed_ms"], 900_000);
        for topic in ["price:A", "bars:1m:A"] {
            let error = guest.refused(topic).await;
            assert_eq!(error["code"], "forbidden");
            let says = error["message"].as_str().unwrap();
            assert!(says.contains("15 minutes late") && says.contains("delayed:A"), "{says}");
        }
        assert_eq!(guest.refused("market:overview").await["code"], "forbidden");
        let said = guest.subscribe("delayed:A").await;
        assert_eq!(said[0]["snapshot"]["data"]["price"], "3", "{said:?}");
        let price = guest.ask("price", json!({"symbol": "A"})).await;
        assert_eq!(price["result"]["quote"]["price"], "3", "{price}");
        let ticks = guest.ask("ticks", json!({"symbol": "A"})).await;
        assert_eq!(ticks["result"]["ticks"].as_array().unwrap().len(), 3, "{ticks}");
        let bars = guest.ask("bars", json!({"symbol": "A", "interval": "1m"})).await;
        assert!(!bars["result"]["bars"].as_array().unwrap().is_empty(), "{bars}");
        assert!(!guest.heard.contains("\"77\"") && !guest.heard.contains("\"78\""));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_the_market_live_may_also_look_at_what_was() {
    let house = House::open(LATE).await;
    house.trade("A", "3", 1_000).await;
    house.trade("A", "78", 1).await;
    house.advance().await;
    let (mut pro, welcome) = Client::enter(&house, "alice role=pro").await;
    assert_eq!(welcome["delayed_ms"], json!(null));
    let live = pro.subscribe("price:A").await;
    let late = pro.subscribe("delayed:A").await;
    let price = |said: &[serde_json::Value]| said[0]["snapshot"]["data"]["price"].clone();
    assert_eq!((price(&live), price(&late)), (json!("78"), json!("3")));
    let asked = pro.ask("price", json!({"symbol": "A"})).await;
    assert_eq!(asked["result"]["quote"]["price"], "78");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_start_there_is_no_price_yet_and_the_relay_says_why() {
    let house = House::open(LATE).await;
    house.trade("A", "78", 600).await;
    let (mut guest, _) = Client::enter(&house, "guest").await;
    for symbol in ["A", "B"] {
        let answer = guest.ask("price", json!({"symbol": symbol})).await;
        let error = &answer["error"];
        assert_eq!(error["code"], "unavailable", "{answer}");
        let says = error["message"].as_str().unwrap();
        assert!(says.contains("15 minutes late for you") && says.contains("not known"), "{says}");
        assert!(error["retry_after_ms"].as_u64().unwrap() <= 900_000);
    }
    let unknown = guest.ask("price", json!({"symbol": "Z"})).await;
    assert_eq!(unknown["error"]["code"], "not_found");
}
