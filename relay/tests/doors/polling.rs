//! Long polling: every answer is a frame, and nothing is lost between two polls.

use super::publishing::publish;
use super::{HELLO, House};

fn session(head: &str) -> String {
    let line = head.lines().find_map(|line| line.strip_prefix("tidemark-session: "));
    line.unwrap().to_owned()
}

fn sequences(body: &str) -> Vec<&str> {
    let after = body.split("\"seq\":").skip(1);
    after.map(|rest| rest.split(',').next().unwrap()).collect()
}

#[tokio::test]
async fn what_is_published_between_two_polls_comes_with_the_next() {
    let house = House::open().await;
    let (head, body) = house.exchange("POST /v1/poll HTTP/1.1", HELLO).await;
    assert!(body.contains("\"welcome\"") && body.contains("\"subscribed\""), "{body}");
    let session = session(&head);
    for _ in 0..3 {
        publish(&house, "price:A").await;
    }
    let request = format!("POST /v1/poll HTTP/1.1\r\ntidemark-session: {session}");
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let (_, body) = house.exchange(&request, "").await;
        seen.extend(sequences(&body).into_iter().map(str::to_owned));
    }
    assert_eq!(seen, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_poll_that_hangs_is_answered_when_something_comes() {
    let house = House::open().await;
    let (head, _) = house.exchange("POST /v1/poll HTTP/1.1", HELLO).await;
    let request = format!("POST /v1/poll HTTP/1.1\r\ntidemark-session: {}", session(&head));
    let (answer, ()) =
        tokio::join!(house.exchange(&request, ""), async { publish(&house, "price:A").await });
    assert_eq!(sequences(&answer.1), ["1"]);
}

#[tokio::test]
async fn a_poll_that_was_given_up_loses_nothing() {
    let house = House::open().await;
    let (head, _) = house.exchange("POST /v1/poll HTTP/1.1", HELLO).await;
    let session = session(&head);
    let mut given_up = house.connect().await;
    let text = format!(
        "POST /v1/poll HTTP/1.1\r\nhost: x\r\ntidemark-session: {session}\r\ncontent-length: 0\r\n\r\n"
    );
    given_up.say(text.as_bytes()).await;
    drop(given_up);
    let request = format!("POST /v1/poll HTTP/1.1\r\ntidemark-session: {session}");
    // The relay learns of the lost socket at its own pace; either poll may be the one that gets it,
    // but a client that was answered has seen it.
    let ping = r#"{"type":"request","id":5,"method":"ping","params":{}}"#;
    let (_, body) = house.exchange(&request, ping).await;
    assert!(body.contains("\"id\":5"), "{body}");
}
