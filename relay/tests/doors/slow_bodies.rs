//! A body that does not come is not waited for.

use std::time::Duration;

use tidemark_relay::hub::ConnectionRules;
use tidemark_relay::serve::ServeLimits;

use super::House;

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_at_every_door() {
    let limits = ServeLimits { body_within: Duration::from_millis(300), ..ServeLimits::default() };
    let house = House::open_with(ConnectionRules::default(), limits).await;
    for door in ["stream", "poll", "send"] {
        let mut stranger = house.connect().await;
        let request =
            format!("POST /v1/{door} HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{{");
        stranger.say(request.as_bytes()).await;
        let head = stranger.head().await;
        assert!(head.starts_with("HTTP/1.1 408"), "{door}: {head}");
        stranger.rest().await;
    }
    house.until_counted(0).await;
}
