//! A ticket lets in once, within half a minute, by an address.

use serde_json::json;
use tidemark_relay::auth::TICKET_LASTS;
use tidemark_relay::clock::unix_now;
use tidemark_shared::protocol::ErrorCode;

use super::house::{House, gate, head, with_token};
use super::signer::{SECRET, Signer, shared_secret};

#[tokio::test]
async fn a_ticket_lets_in_by_each_door_and_once() {
    let house = House::open(&shared_secret()).await;
    let token = Signer::hs256(SECRET).token(&json!({}));
    let alice = Some("alice".to_owned());

    let address = format!("/v1/ws?ticket={}", house.ticket(&token).await);
    assert_eq!(house.user_of_websocket(&address, "").await, alice);
    assert!(house.websocket(&address, "").await.unwrap_err().contains("401"));

    let address = format!("/v1/stream?x=1&ticket={}", house.ticket(&token).await);
    assert_eq!(house.user_of_stream(&address, "").await, alice);
    assert_eq!(house.user_of_stream(&address, "").await, None);

    let ticket = house.ticket(&token).await;
    assert_eq!(house.user_of_poll(&format!("/v1/poll?ticket={ticket}"), "").await, alice);
    for door in ["poll", "stream", "ws"] {
        assert_eq!(house.user_of_poll(&format!("/v1/{door}?ticket={ticket}"), "").await, None);
    }
}

#[tokio::test]
async fn what_is_no_ticket_lets_nobody_in() {
    let house = House::open(&shared_secret()).await;
    let ticket = house.ticket(&Signer::hs256(SECRET).token(&json!({}))).await;
    let upper = ticket.to_ascii_uppercase() + "A";
    for wrong in ["", "0", "00000000000000000000000000000000", &ticket[..31], &upper, "%00", "../"]
    {
        let address = format!("/v1/ws?ticket={wrong}");
        assert!(house.websocket(&address, "").await.unwrap_err().contains("401"), "{wrong}");
    }
    // Two of them are refused, and the good one is not used up by that.
    let address = format!("/v1/ws?ticket={ticket}&ticket=0");
    assert!(house.websocket(&address, "").await.unwrap_err().contains("401"));
    let user = house.user_of_websocket(&format!("/v1/ws?ticket={ticket}"), "").await;
    assert_eq!(user.as_deref(), Some("alice"));
}

#[tokio::test]
async fn a_ticket_ends_after_half_a_minute() {
    let now = unix_now();
    let gate = gate(&shared_secret(), now);
    let proof = with_token(&Signer::hs256(SECRET).token(&json!({})));
    for (bits, age, counts) in [(1, 0, true), (2, 29_999, true), (3, 30_000, false)] {
        let ticket = gate.ticket(&proof, bits, now).await.unwrap();
        let later = now + std::time::Duration::from_millis(age);
        let presented = gate.presented(&head(&format!("/v1/ws?ticket={ticket}"), &[]), later).await;
        assert_eq!(presented.is_ok(), counts, "after {age} ms");
    }
}

#[tokio::test]
async fn a_ticket_lets_in_nobody_whose_sign_in_has_ended() {
    let now = unix_now();
    let gate = gate(&shared_secret(), now);
    let soon = json!({ "exp": now.0 / 1_000 - 10 });
    let proof = with_token(&Signer::hs256(SECRET).token(&soon));
    let ticket = gate.ticket(&proof, 7, now).await.unwrap();
    let later = now + TICKET_LASTS - std::time::Duration::from_secs(5);
    let refused = gate.presented(&head(&format!("/v1/ws?ticket={ticket}"), &[]), later).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::Unauthorized);
}

#[tokio::test]
async fn a_ticket_is_for_who_has_signed_in_and_for_no_other_page() {
    let house = House::open(&shared_secret()).await;
    let token = Signer::hs256(SECRET).token(&json!({}));
    let ticket = house.ticket(&token).await;
    for (request, status) in [
        ("POST /v1/ticket HTTP/1.1".to_owned(), "401"),
        // No ticket for a ticket: it would never end.
        (format!("POST /v1/ticket?ticket={ticket} HTTP/1.1"), "401"),
        (format!("POST /v1/ticket?token={token} HTTP/1.1"), "401"),
        (format!("GET /v1/ticket HTTP/1.1\r\nauthorization: Bearer {token}"), "405"),
        (
            format!(
                "POST /v1/ticket HTTP/1.1\r\norigin: https://evil.example\r\nauthorization: Bearer {token}"
            ),
            "403",
        ),
    ] {
        let (head, body) = house.exchange(&request, "").await;
        assert!(head.contains(&format!("HTTP/1.1 {status}")), "{head}");
        assert!(!body.contains("\"ticket\""), "{body}");
    }
}

#[tokio::test]
async fn one_user_cannot_take_all_the_tickets() {
    let now = unix_now();
    let gate = gate(&shared_secret(), now);
    let proof = with_token(&Signer::hs256(SECRET).token(&json!({})));
    for bits in 0..32 {
        gate.ticket(&proof, bits, now).await.unwrap();
    }
    let refused = gate.ticket(&proof, 99, now).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.retry_after_ms.is_some());
    let bob = with_token(&Signer::hs256(SECRET).token(&json!({ "sub": "bob" })));
    assert!(gate.ticket(&bob, 100, now).await.is_ok());
}
