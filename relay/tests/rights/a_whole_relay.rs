//! A relay as an operator starts it: a file with rules, a market that runs, a guest who watches.

use std::path::Path;

use serde_json::json;
use tidemark_relay::config::{Cli, Config, load};
use tidemark_relay::run;

use crate::client::{Client, Transport};

const SETTINGS: &str = r#"
    listen = "127.0.0.1:0"

    [market]
    delay_s = 1

    [[rights]]
    user = "alice"
    market = "live"

    [[rights]]
    everybody = true
    market = "delayed"

    [[feeds]]
    name = "simulator"
    grace_s = 0
    source = { kind = "simulator", updates_per_s = 200 }
"#;

fn configured(folder: &Path) -> Config {
    let path = folder.join("relay.toml");
    std::fs::write(&path, SETTINGS).unwrap();
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
    let instruments = guest.ask("instruments", json!({"limit": 1})).await;
    let symbol = instruments["result"]["instruments"][0]["symbol"].as_str().unwrap().to_owned();
    assert_eq!(guest.refused(&format!("price:{symbol}")).await["code"], "forbidden");
    guest.subscribe(&format!("delayed:{symbol}")).await;
    for _ in 0..2 {
        let event = guest.until("event").await;
        assert_eq!(event["topic"], format!("delayed:{symbol}"));
    }
    let price = guest.ask("price", json!({"symbol": symbol})).await;
    assert!(price["result"]["quote"]["price"].is_string(), "{price}");
    let hello = json!({"type": "hello", "protocol": 1, "user": "alice"});
    let (mut alice, welcome) = Client::enter_at(relay.address(), Transport::WebSocket, hello).await;
    assert_eq!(welcome["delayed_ms"], json!(null));
    assert_eq!(alice.subscribe(&format!("price:{symbol}")).await[0]["type"], "subscribed");
    drop((guest, alice));
    relay.stop().await;
}
