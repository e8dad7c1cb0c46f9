//! "My network allows only plain requests."

use tidemark_shared::session::Transport;

use crate::listener::Listener;

#[tokio::test(flavor = "multi_thread")]
async fn the_next_transport_takes_over_and_nothing_is_missing() {
    let mut listener = Listener::begin(&Transport::ALL).await;
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
