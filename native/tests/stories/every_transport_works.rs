//! "Whatever gets through, I get my topics over it, and my answers."

use tidemark_shared::protocol::{Encoding, Method, Reply, Topic};
use tidemark_shared::session::{State, Transport};

use crate::mock::{Manners, Mock, TOPIC, patiently, sequences};

#[tokio::test]
async fn topics_and_answers_come_over_each_of_them() {
    for transport in Transport::ALL {
        for encoding in [Encoding::Json, Encoding::Binary] {
            let mock = Mock::start(Manners::default()).await;
            let (client, mut news) = mock.client(&[transport], encoding);
            client.subscribe(TOPIC.parse::<Topic>().unwrap()).await.unwrap();
            assert_eq!(sequences(&mut news, 3).await, [1, 2, 3], "{transport:?}");
            let reply = patiently(client.ask(Method::Ping {})).await;
            assert!(matches!(reply, Ok(Reply::Ping { .. })), "{transport:?}: {reply:?}");
            let mut status = client.status();
            let live = status.wait_for(|status| status.state == State::Live);
            assert_eq!(patiently(live).await.unwrap().transport, Some(transport));
            assert!(mock.seen().origins.iter().all(|origin| origin == "http://app.example"));
            assert!(!mock.seen().origins.is_empty());
            if transport == Transport::WebSocket {
                assert_eq!(mock.seen().subprotocols, [encoding.subprotocol()]);
            }
        }
    }
}

#[tokio::test]
async fn an_application_that_stops_reading_ends_the_client() {
    let mock = Mock::start(Manners::default()).await;
    let (client, news) = mock.client(&[Transport::WebSocket], Encoding::Json);
    drop(news);
    let mut status = client.status();
    patiently(async { while status.changed().await.is_ok() {} }).await;
    assert!(client.subscribe(TOPIC.parse::<Topic>().unwrap()).await.is_err());
}
