//! A token in an address is refused, unless the operator wants it.

use serde_json::json;

use super::house::{HELLO, House};
use super::signer::{SECRET, Signer, shared_secret};

#[tokio::test]
async fn a_token_in_an_address_is_refused_with_what_to_do_instead() {
    let house = House::open(&shared_secret()).await;
    let token = Signer::hs256(SECRET).token(&json!({}));
    let address = format!("/v1/ws?token={token}");
    assert!(house.websocket(&address, "").await.unwrap_err().contains("401"));
    for door in ["stream", "poll"] {
        let request = format!("POST /v1/{door}?token={token} HTTP/1.1");
        let (head, body) = house.exchange(&request, HELLO).await;
        assert!(head.starts_with("HTTP/1.1 401"), "{head}");
        assert!(body.contains("/v1/ticket") && body.contains("4504"), "{body}");
    }
    // Not even where a guest would be let in.
    let guests = shared_secret().replace("[auth]\n", "[auth]\nguests = \"on\"\n");
    let house = House::open(&guests).await;
    assert!(house.websocket(&address, "").await.unwrap_err().contains("401"));
    assert_eq!(house.user_of_websocket("/v1/ws", "").await.as_deref(), Some("guest"));
}

#[tokio::test]
async fn a_token_in_an_address_counts_where_the_operator_says_so() {
    let settings = shared_secret().replace("[auth]\n", "[auth]\ntoken_in_address = \"on\"\n");
    let house = House::open(&settings).await;
    let token = Signer::hs256(SECRET).token(&json!({}));
    let alice = Some("alice".to_owned());
    assert_eq!(house.user_of_websocket(&format!("/v1/ws?token={token}"), "").await, alice);
    assert_eq!(house.user_of_stream(&format!("/v1/stream?token={token}"), "").await, alice);
    assert_eq!(house.user_of_poll(&format!("/v1/poll?a=b&token={token}"), "").await, alice);
    let expired = Signer::hs256(SECRET).token(&json!({ "exp": 1_700_000_000 }));
    assert_eq!(house.user_of_poll(&format!("/v1/poll?token={expired}"), "").await, None);
    // It is for opening connections; a ticket still needs the header.
    let request = format!("POST /v1/ticket?token={token} HTTP/1.1");
    let (head, _) = house.exchange(&request, "").await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
}
