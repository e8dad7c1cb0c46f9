//! A page that is not allowed gets nowhere, whichever door it tries.

use super::{HELLO, House};

const FOREIGN: [&str; 4] = [
    "https://evil.example",
    "https://listed.example.evil.example",
    "null",
    "http://listed.example",
];

#[tokio::test]
async fn a_foreign_page_is_refused_at_every_door() {
    let house = House::open().await;
    for origin in FOREIGN {
        let mut stranger = house.connect().await;
        stranger.upgrade(&format!("origin: {origin}\r\n")).await;
        let head = stranger.head().await;
        assert!(head.starts_with("HTTP/1.1 403"), "websocket, {origin}: {head}");
        for door in ["stream", "poll", "send", "ticket"] {
            let request = format!("POST /v1/{door} HTTP/1.1\r\norigin: {origin}");
            let (head, body) = house.exchange(&request, HELLO).await;
            assert!(head.starts_with("HTTP/1.1 403"), "{door}, {origin}: {head}");
            assert!(!head.to_lowercase().contains("access-control-allow-origin"), "{head}");
            assert!(body.contains("4503"), "{body}");
        }
    }
}

#[tokio::test]
async fn a_listed_page_may_and_its_browser_is_told_so() {
    let house = House::open().await;
    let origin = "origin: https://listed.example";
    let mut stranger = house.connect().await;
    stranger.upgrade(&format!("{origin}\r\n")).await;
    assert!(stranger.head().await.starts_with("HTTP/1.1 101"));
    let request =
        format!("OPTIONS /v1/poll HTTP/1.1\r\n{origin}\r\naccess-control-request-method: POST");
    let (head, _) = house.exchange(&request, "").await;
    assert!(head.starts_with("HTTP/1.1 204"), "{head}");
    assert!(head.contains("access-control-allow-origin: https://listed.example"), "{head}");
    let (head, body) = house.exchange(&format!("POST /v1/poll HTTP/1.1\r\n{origin}"), HELLO).await;
    assert!(head.contains("access-control-expose-headers: tidemark-session"), "{head}");
    assert!(body.contains("welcome"), "{body}");
}

#[tokio::test]
async fn the_relays_own_page_and_programs_may() {
    let house = House::open().await;
    let own = format!("origin: http://{}\r\n", house.address);
    for header in [own.as_str(), ""] {
        let mut stranger = house.connect().await;
        stranger.upgrade(header).await;
        assert!(stranger.head().await.starts_with("HTTP/1.1 101"), "{header:?}");
    }
}
