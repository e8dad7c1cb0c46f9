//! The way back from the documents' threads: answers to who asked, news to the user's devices.

use tidemark_shared::documents::{Delta, UserName};
use tidemark_shared::protocol::{Metadata, Payload, Priority, Reply, Topic, WireError};
use tokio::runtime::Handle;

use crate::clock::unix_now;
use crate::documents::Sink;
use crate::hub::{Answers, Asker, Publisher};
use crate::publication::Publication;

/// The way back from the documents' threads.
#[derive(Debug)]
pub struct News {
    answers: Answers,
    publisher: Publisher,
    runtime: Handle,
}

impl News {
    /// Leads into a hub. To be called within a runtime, which does the waiting.
    #[must_use]
    pub fn to(answers: Answers, publisher: Publisher) -> Self {
        News { answers, publisher, runtime: Handle::current() }
    }
}

impl Sink<Asker> for News {
    fn answer(&self, asker: Asker, answer: Result<Reply, WireError>) {
        self.answers.give_blocking(asker, answer);
    }

    fn publish(&self, user: &UserName, delta: Delta) {
        let publication = Publication {
            topic: Topic::documents(user),
            at: unix_now(),
            source: "relay".to_owned(),
            priority: Priority::High,
            meta: Metadata::default(),
            payload: Payload::Documents(delta),
        };
        // A hub that has ended has nobody to tell. A topic too many is not told either: devices
        // read what they miss when they come back.
        let _ = self.runtime.block_on(self.publisher.publish(vec![publication]));
    }
}
