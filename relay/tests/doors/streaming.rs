//! Server-Sent Events: the same messages, and the way up by POST.

use super::{HELLO, House};

#[tokio::test]
async fn a_stream_greets_and_what_is_posted_is_answered_in_it() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    let request = format!(
        "POST /v1/stream HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{HELLO}",
        house.address,
        HELLO.len()
    );
    stream.say(request.as_bytes()).await;
    let head = stream.head().await;
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    let session = head.lines().find_map(|line| line.strip_prefix("tidemark-session: ")).unwrap();
    stream.until(b"data: {\"type\":\"subscribed\"").await;
    let ping = r#"{"type":"request","id":5,"method":"ping","params":{}}"#;
    let request = format!("POST /v1/send HTTP/1.1\r\ntidemark-session: {session}");
    let (head, _) = house.exchange(&request, ping).await;
    assert!(head.starts_with("HTTP/1.1 204"), "{head}");
    stream.until(b"\"server_time\"").await;
}

#[tokio::test]
async fn a_session_that_nobody_has_is_gone() {
    let house = House::open().await;
    for session in ["0-00000000000000000000000000000000", "7-00", "rubbish", ""] {
        let request = format!("POST /v1/send HTTP/1.1\r\ntidemark-session: {session}");
        let (head, body) = house.exchange(&request, "{}").await;
        assert!(head.starts_with("HTTP/1.1 410"), "{session}: {head}");
        assert!(body.contains("4005"), "{body}");
    }
}
