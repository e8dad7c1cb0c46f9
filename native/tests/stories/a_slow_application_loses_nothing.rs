//! "My program was busy while thousands of messages came, and then read them all."

use tidemark_shared::protocol::{Encoding, Topic};
use tidemark_shared::session::{State, Transport};

use crate::mock::{Manners, Mock, TOPIC, patiently, sequences};

#[tokio::test]
async fn what_it_does_not_take_waits_in_the_network() {
    const EVENTS: u64 = 20_000;
    for transport in [Transport::WebSocket, Transport::Sse] {
        let mock = Mock::start(Manners { events: EVENTS, ..Manners::default() }).await;
        let (client, mut news) = mock.client(&[transport], Encoding::Binary);
        client.subscribe(TOPIC.parse::<Topic>().unwrap()).await.unwrap();
        let mut status = client.status();
        let reading = status.wait_for(|status| status.state == State::CatchingUp);
        drop(patiently(reading).await.unwrap());
        let expected: Vec<u64> = (1..=EVENTS).collect();
        let got = sequences(&mut news, usize::try_from(EVENTS).unwrap()).await;
        assert!(got == expected, "{transport:?}");
    }
}
