//! "My connection breaks all the time."

use tidemark_shared::session::Transport;

use crate::listener::Listener;

async fn survives_cuts(transport: Transport) {
    let mut listener = Listener::begin(&[transport]).await;
    for _ in 0..3 {
        listener.network.cut();
        listener.until_prices_move().await;
    }
    assert_eq!(listener.resets, []);
    listener.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_over_a_websocket() {
    survives_cuts(Transport::WebSocket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_over_server_sent_events() {
    survives_cuts(Transport::Sse).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_over_polls() {
    survives_cuts(Transport::Poll).await;
}
