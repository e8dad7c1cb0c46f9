//! "The relay does not let me in, and I see why, whatever it is reached over."

use tidemark_shared::protocol::Encoding;
use tidemark_shared::session::{LinkError, State, Transport};

use crate::mock::{Manners, Mock, patiently};

#[tokio::test]
async fn the_reason_and_the_state_are_the_same_over_each_transport() {
    for transport in Transport::ALL {
        let refusal = Some((4504, "sign in first"));
        let mock = Mock::start(Manners { refusal, ..Manners::default() }).await;
        let (client, _news) = mock.client(&[transport], Encoding::Binary);
        let mut status = client.status();
        let refused = status.wait_for(|status| status.state == State::NeedsAuth);
        let error = patiently(refused).await.unwrap().last_error.clone();
        let told = LinkError::Closed { code: 4504, reason: "sign in first".into() };
        assert_eq!(error, Some(told), "{transport:?}");
    }
}
