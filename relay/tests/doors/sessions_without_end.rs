//! Sessions of polls are connections, also when all of them come by one socket.

use std::time::Duration;

use tidemark_relay::hub::ConnectionRules;
use tidemark_relay::serve::ServeLimits;

use super::visitor::hello;
use super::{House, Stranger};

/// Asks for a session on a socket that stays open.
async fn open_session(stranger: &mut Stranger, user: &str) -> String {
    stranger.read.clear();
    let hello = hello(user);
    let request = format!(
        "POST /v1/poll HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{hello}",
        hello.len()
    );
    stranger.say(request.as_bytes()).await;
    let head = stranger.head().await;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let length: usize = length.parse().unwrap();
    while stranger.read.len() < length {
        assert!(stranger.more().await);
    }
    head + &String::from_utf8_lossy(&stranger.read)
}

#[tokio::test]
async fn whoever_opens_them_without_end_is_stopped_and_they_end_by_themselves() {
    let rules =
        ConnectionRules { poll_within: Duration::from_millis(500), ..ConnectionRules::default() };
    let limits = ServeLimits { connections_per_address_max: 20, ..ServeLimits::default() };
    let house = House::open_with(rules, limits).await;
    let mut stranger = house.connect().await;
    let mut opened = 0;
    let refused = loop {
        let answer = open_session(&mut stranger, &format!("user-{opened}")).await;
        if !answer.starts_with("HTTP/1.1 200") {
            break answer;
        }
        opened += 1;
        assert!(opened < 100, "nobody stops it");
    };
    // One place is the socket's.
    assert_eq!(opened, 19);
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("retry-after"), "{refused}");
    assert!(refused.contains("limits.connections_per_address_max"), "{refused}");
    drop(stranger);
    house.until_counted(0).await;
}

#[tokio::test]
async fn they_count_for_their_user_too_and_one_that_is_refused_takes_no_place() {
    let house = House::open().await;
    let mut stranger = house.connect().await;
    for _ in 0..10 {
        let answer = open_session(&mut stranger, "alice").await;
        assert!(answer.contains("\"welcome\""), "{answer}");
    }
    for _ in 0..50 {
        let answer = open_session(&mut stranger, "alice").await;
        assert!(answer.contains("limits.connections_per_user_max"), "{answer}");
    }
    assert_eq!(house.occupancy.total(), 11);
}
