//! "The connection broke twice in the middle, and I got every message once."

use tidemark_shared::protocol::{Encoding, Topic};
use tidemark_shared::session::Transport;

use crate::mock::{Manners, Mock, TOPIC, sequences};

#[tokio::test]
async fn it_goes_on_from_where_the_application_stands() {
    for transport in Transport::ALL {
        let manners = Manners { events: 9, cut_after: vec![2, 3], ..Manners::default() };
        let mock = Mock::start(manners).await;
        let (client, mut news) = mock.client(&[transport], Encoding::Binary);
        client.subscribe(TOPIC.parse::<Topic>().unwrap()).await.unwrap();
        let expected: Vec<u64> = (1..=9).collect();
        assert_eq!(sequences(&mut news, 9).await, expected, "{transport:?}");
        let positions = mock.seen().positions;
        let last = positions.last().unwrap().map(|position| position.sequence.0);
        assert_eq!(last, Some(5), "{transport:?}: {positions:?}");
    }
}
