//! Who is here, how they came, and what limits refused.

use super::House;
use super::visitor::{DOORS, Door, Visitor, hello, hello_with};

#[tokio::test]
async fn status_counts_connections_users_ways_and_refusals() {
    let house = House::open().await;
    let mut inside = Vec::new();
    for index in 0..10 {
        inside.push(Visitor::come(&house, DOORS[index % 2], &hello("alice")).await);
    }
    inside.push(Visitor::come(&house, Door::Poll, &hello_with("bob/3600000")).await);
    inside.push(Visitor::come(&house, Door::WebSocket, super::HELLO).await);
    for visitor in &mut inside {
        visitor.until("\"welcome\"").await;
    }
    let mut refused = Visitor::come(&house, Door::WebSocket, &hello("alice")).await;
    refused.until_closed().await;
    let (_, body) = house.exchange("GET /api/status HTTP/1.1", "").await;
    let status: serde_json::Value = serde_json::from_str(&body).unwrap();
    let connections = &status["connections"];
    assert_eq!((connections["total"].as_u64(), connections["users"].as_u64()), (Some(12), Some(2)));
    assert_eq!(connections["websocket"], 6);
    assert_eq!((&connections["sse"], &connections["poll"]), (&5.into(), &1.into()));
    let ways = &connections["signed_in_by"];
    assert_eq!(
        (&ways["demo"], &ways["token"], &ways["nobody"]),
        (&10.into(), &1.into(), &1.into())
    );
    assert_eq!(connections["ages"]["under_1_min"], 12);
    assert_eq!(status["limits"]["refused"]["limits.connections_per_user_max"], 1);
    assert_eq!(status["limits"]["near"], serde_json::json!({ "users": 1, "addresses": 0 }));
    assert!(
        !body.contains("alice") && !body.contains("127.0.0"),
        "a stranger is told names: {body}"
    );
    let (_, metrics) = house.exchange("GET /metrics HTTP/1.1", "").await;
    let line = "tidemark_limit_refusals_total{limit=\"limits.connections_per_user_max\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}
