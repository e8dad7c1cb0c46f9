//! "The relay was restarted, in order or not."

use tidemark_shared::protocol::WhyNotRecovered;
use tidemark_shared::session::Transport;

use crate::listener::Listener;

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_order_loses_nothing() {
    let mut listener = Listener::begin(&Transport::ALL).await;
    listener.relay.stop().await.unwrap();
    listener.relay.start_again().await.unwrap();
    listener.until_prices_move().await;
    assert_eq!(listener.resets, []);
    listener.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_relay_says_of_every_topic_that_it_begins_anew() {
    let mut listener = Listener::begin(&Transport::ALL).await;
    listener.relay.kill().unwrap();
    listener.relay.start_again().await.unwrap();
    while listener.resets.len() < 3 {
        listener.until_prices_move().await;
    }
    listener.until_prices_move().await;
    let is_new = |(_, why): &(_, WhyNotRecovered)| *why == WhyNotRecovered::NewEpoch;
    assert!(listener.resets.len() == 3 && listener.resets.iter().all(is_new));
    listener.check().await;
}
