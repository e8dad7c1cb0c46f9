//! "My network allows only plain requests."

use tidemark_shared::session::Transport;

use tidemark_tests::relay::Relay;

use crate::listener::Listener;

/// Room for what a busy topic says while the client tries one transport after the other: with
/// waits of up to 30 s between attempts, that can take minutes.
const LONG_MEMORY: &str = "[retention]\nlatest_age_s = 900\nlatest_count = 100000\n\
    topic_bytes_max = 16777216\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_next_transport_takes_over_and_nothing_is_missing() {
    let relay = Relay::start_with(LONG_MEMORY).await.unwrap();
    let mut listener = Listener::begin_beside(relay, &Transport::ALL).await;
    assert_eq!(listener.transport(), Some(Transport::WebSocket));

    listener.network.block(&["/v1/ws"]);
    listener.network.cut();
    listener.until_over(Transport::Sse).await;

    listener.network.block(&["/v1/ws", "/v1/stream"]);
    listener.network.cut();
    listener.until_over(Transport::Poll).await;

    assert_eq!(listener.resets, []);
    listener.check().await;
}
