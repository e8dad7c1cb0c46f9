//! A token counts in the first message, and that must come in time.

use std::time::Duration;

use serde_json::json;
use tidemark_relay::hub::ConnectionRules;

use super::house::House;
use super::signer::{SECRET, Signer, shared_secret};
use super::stranger::{TEXT, frame};

#[tokio::test]
async fn a_connection_that_does_not_say_who_it_is_in_time_is_closed() {
    assert_eq!(ConnectionRules::default().hello_within, Duration::from_secs(5));
    let hello_within = Duration::from_millis(200);
    let rules = ConnectionRules { hello_within, ..ConnectionRules::default() };
    let house = House::open_with(&shared_secret(), rules).await;
    let mut silent = house.websocket("/v1/ws", "").await.unwrap();
    assert_eq!(silent.close_code().await, 4003);
}

#[tokio::test]
async fn a_hello_without_a_token_cannot_be_made_good_later() {
    let house = House::open(&shared_secret()).await;
    let token = Signer::hs256(SECRET).token(&json!({}));
    let refresh = json!({ "type": "refresh", "token": token }).to_string();
    let both = format!("{}\n{refresh}", super::house::HELLO);
    let mut stranger = house.say_hello(&both).await;
    assert_eq!(stranger.close_code().await, 4504);
    let said = String::from_utf8_lossy(&stranger.read).into_owned();
    assert!(!said.contains("welcome") && !said.contains("refreshed"), "{said}");
    // Nor can a refresh come first.
    let mut stranger = house.websocket("/v1/ws", "").await.unwrap();
    stranger.say(&frame(TEXT, refresh.as_bytes())).await;
    assert_eq!(stranger.close_code().await, 4500);
}
