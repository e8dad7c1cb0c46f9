//! "Neither WebSockets nor event streams get through here, and it works all the same."

use tidemark_shared::protocol::{Encoding, Topic};
use tidemark_shared::session::Transport;

use crate::mock::{Manners, Mock, TOPIC, sequences};

#[tokio::test]
async fn it_falls_back_to_what_gets_through() {
    let blocked = vec![Transport::WebSocket, Transport::Sse];
    let mock = Mock::start(Manners { blocked, ..Manners::default() }).await;
    let (client, mut news) = mock.client(&Transport::ALL, Encoding::Binary);
    client.subscribe(TOPIC.parse::<Topic>().unwrap()).await.unwrap();
    assert_eq!(sequences(&mut news, 3).await, [1, 2, 3]);
    assert_eq!(client.status().borrow().transport, Some(Transport::Poll));
}
