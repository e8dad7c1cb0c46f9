//! The desk: answers what connections ask, from what the pipeline knows and what users have stored.
//!
//! What must never be here: markets and documents themselves; it only knows whom to ask.

mod news;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{Class, ErrorCode, Hello, Method, Pattern, Reply, WireError};

pub use self::news::News;
use crate::auth::{Gate, Identity};
use crate::clock::unix_now;
use crate::documents::{self, Who, Writer};
use crate::hub::{Answer, Asker, Newcomer, Question, Service};
use crate::pipeline::Market;
use crate::rights::{Act, MarketSight, Owner, Rights};

/// The documents are opened right after the hub: a client that was faster comes back so soon.
const STARTING_RETRY_AFTER_MS: u64 = 200;

/// The market behind a lock (one task writes into it, every shard asks it), and the way to the
/// documents' threads.
#[derive(Clone, Debug)]
pub struct Desk {
    market: Arc<Mutex<Market>>,
    documents: Arc<OnceLock<Writer<Asker>>>,
    gate: Arc<Gate>,
    rights: Arc<Rights>,
}

impl Desk {
    /// A desk in front of a market, for those whom the gate lets in, each with their rights.
    #[must_use]
    pub fn new(market: Market, gate: Arc<Gate>, rights: Arc<Rights>) -> Self {
        Desk { market: Arc::new(Mutex::new(market)), documents: Arc::default(), gate, rights }
    }

    /// Opens the documents. They answer through the hub, which has this desk already: that is why
    /// they come later. To be called once.
    pub fn open_documents(&self, writer: Writer<Asker>) {
        // A second one would be a defect; the first goes on serving.
        let _ = self.documents.set(writer);
    }

    /// Whoever asks, as the documents' threads have to know them.
    fn who(&self, identity: &Identity) -> Who {
        Who { user: identity.user.clone(), permits: self.rights.documents(identity) }
    }

    /// The market's answer, as this user may see it.
    fn ask_market(&self, identity: &Identity, method: &Method) -> Option<Result<Reply, WireError>> {
        match self.rights.market(identity) {
            MarketSight::Live => self.market().answer(method),
            // Who sees nothing of it was refused before; nothing newer could come out here either.
            MarketSight::Delayed(_) | MarketSight::Nothing => {
                self.market().answer_late(method, unix_now())
            }
        }
    }

    /// Hands a question to the documents' threads.
    fn hand_in(
        &self,
        question: impl FnOnce(&Writer<Asker>) -> Result<(), (Asker, WireError)>,
    ) -> Answer {
        match self.documents.get().map(question) {
            Some(Ok(())) => Answer::Later,
            Some(Err((_, error))) => Answer::Now(Err(error)),
            None => {
                let message = "the relay is starting; nothing was done: ask again";
                let error = WireError::new(ErrorCode::Unavailable, message);
                Answer::Now(Err(error.retry_after_ms(STARTING_RETRY_AFTER_MS)))
            }
        }
    }

    /// The market, for as long as the guard lives. No await may come in between.
    pub fn market(&self) -> MutexGuard<'_, Market> {
        // A panic while it was locked leaves at worst one update half taken in.
        self.market.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service for Desk {
    fn sign_in(
        &self,
        hello: &Hello,
        newcomer: &Newcomer,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        self.gate.sign_in(hello, newcomer.presented.as_ref(), now)
    }

    fn refresh(
        &self,
        current: &Arc<Identity>,
        token: Option<&str>,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        self.gate.refresh(current, token, now)
    }

    fn delay(&self, identity: &Identity) -> Option<Duration> {
        match self.rights.market(identity) {
            MarketSight::Delayed(delay) => Some(delay),
            MarketSight::Live | MarketSight::Nothing => None,
        }
    }

    fn admit(&self, identity: &Identity, pattern: &Pattern) -> Result<(), WireError> {
        let owner = Owner::by_name(pattern);
        self.rights.may(identity, Act::Subscribe { pattern, owner: &owner })?;
        match pattern {
            Pattern::One(topic) if matches!(topic.class(), Class::System | Class::Documents) => {
                Ok(())
            }
            pattern => self.market().admit(pattern),
        }
    }

    fn answer(&self, question: Question<'_>) -> Answer {
        let Question { asker, identity, method } = question;
        if let Err(refused) = self.rights.may(identity, Act::Ask(&method)) {
            return Answer::Now(Err(refused));
        }
        match method {
            Method::Push(push) => {
                let who = self.who(identity);
                self.hand_in(|writer| writer.push(asker, who, push))
            }
            Method::Documents { after } => {
                let (who, question) =
                    (self.who(identity), documents::Question::Documents { after });
                self.hand_in(|writer| writer.ask(asker, who, question))
            }
            Method::History { entity, before } => {
                let question = documents::Question::History { entity, before };
                let who = self.who(identity);
                self.hand_in(|writer| writer.ask(asker, who, question))
            }
            method => Answer::Now(self.ask_market(identity, &method).unwrap_or_else(|| {
                let message = "this relay has no source for that yet; nothing was done";
                Err(WireError::new(ErrorCode::Unavailable, message))
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_users_documents_are_nobodys_business() {
        let desk = Desk::new(Market::new(Vec::new()), Arc::default(), Arc::default());
        let alice = Identity::demo("alice".parse().unwrap());
        assert_eq!(desk.admit(&alice, &"documents:alice".parse().unwrap()), Ok(()));
        for theirs in ["documents:bob", "documents:alic", "documents:Alice"] {
            let refused = desk.admit(&alice, &theirs.parse().unwrap()).unwrap_err();
            assert_eq!(refused.code, ErrorCode::Forbidden, "{theirs}");
        }
        assert!("documents:*".parse::<Pattern>().is_err());
    }
}
