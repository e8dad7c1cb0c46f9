//! A relay as an operator starts it: a file with rules, a market that runs, a guest who watches.

use std::path::Path;

use serde_json::json;
use tidemark_relay::config::{Cli, Config, load};
use tidemark_relay::run;

use crate::client::{Client, Transport};

const SETTINGS: &str = r#"
    listen = "127.0.0.1:0"

    [drain]
    within_s = 1

    [market]
    delay_s = 1

    [[rights]]
    user = "alice"
    market = "live"

    [[rights]]
    everybody = true
    market = "delayed"

    [[feeds]]
    name = "replay"
    grace_s = 0
    [feeds.source]
    kind = "replay"
    venue = "binance"
    file = "RECORDING"
    instruments = [{ symbol = "BTCUSDT" }]
"#;

/// A venue that trades every half second.
fn recording() -> String {
    let trade = |n: u64| {
        let time = 1_763_000_000_000 + n * 500;
        let trade = format!(
            r#"{{"e":"trade","E":{time},"s":"BTCUSDT","t":{n},"p":"{n}.5","q":"2","T":{time},"m":true}}"#
        );
        format!("{time}000000 {trade}\n")
    };
    (1..60).map(trade).collect()
}

fn configured(folder: &Path) -> Config {
    let played = folder.join("trades.txt");
    std::fs::write(&played, recording()).unwrap();
    let path = folder.join("relay.toml");
    let settings = SETTINGS.replace("RECORDING", &played.display().to_string());
    std::fs::write(&path, settings).unwrap();
    let data_dir = Some(folder.join("data").display().to_string());
    load(&Cli { config: Some(path), data_dir, ..Cli::default() }).unwrap()
}

/// Nobody reads the price itself: reading what it was is what starts its collection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_the_market_late_sees_it_run() {
    let folder = tempfile::tempdir().unwrap();
    let relay = run::start(configured(folder.path())).await.unwrap();
    let hello = json!({"type": "hello", "protocol": 1});
    let (mut guest, welcome) = Client::enter_at(relay.address(), Transport::WebSocket, hello).await;
    assert_eq!(welcome["delayed_ms"], 1_000);
    assert_eq!(guest.refused("price:BTCUSDT").await["code"], "forbidden");
    guest.subscribe("delayed:BTCUSDT").await;
    for _ in 0..2 {
        let event = guest.until("event").await;
        assert_eq!(event["topic"], "delayed:BTCUSDT");
    }
    let price = guest.ask("price", json!({"symbol": "BTCUSDT"})).await;
    assert!(price["result"]["quote"]["price"].is_string(), "{price}");
    let hello = json!({"type": "hello", "protocol": 1, "user": "alice"});
    let (mut alice, welcome) = Client::enter_at(relay.address(), Transport::WebSocket, hello).await;
    assert_eq!(welcome["delayed_ms"], json!(null));
    assert_eq!(alice.subscribe("price:BTCUSDT").await[0]["type"], "subscribed");
    drop((guest, alice));
    relay.stop().await;
}
