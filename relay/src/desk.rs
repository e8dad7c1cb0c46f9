//! The desk: answers what connections ask, from what the pipeline knows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::{Class, ErrorCode, Hello, Pattern, WireError};

use crate::hub::{Answer, Question, Service};
use crate::pipeline::Market;

/// The market behind a lock: one task writes into it, every shard asks it.
#[derive(Clone, Debug)]
pub struct Desk {
    market: Arc<Mutex<Market>>,
}

impl Desk {
    /// A desk in front of a market.
    #[must_use]
    pub fn new(market: Market) -> Self {
        Desk { market: Arc::new(Mutex::new(market)) }
    }

    /// The market, for as long as the guard lives. No await may come in between.
    pub fn market(&self) -> MutexGuard<'_, Market> {
        // A panic while it was locked leaves at worst one update half taken in.
        self.market.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service for Desk {
    fn sign_in(&self, hello: &Hello) -> Result<UserName, WireError> {
        // Demo accounts: whoever names one, speaks for it.
        Ok(hello.user.clone().unwrap_or_else(guest))
    }

    fn admit(&self, user: &UserName, pattern: &Pattern) -> Result<(), WireError> {
        match pattern {
            Pattern::One(topic) if topic.class() == Class::System => Ok(()),
            Pattern::One(topic) if topic.class() == Class::Documents => {
                if topic.key() == user.as_str() {
                    return Ok(());
                }
                let message = format!("{topic} belongs to another user; nothing was subscribed");
                Err(WireError::new(ErrorCode::Forbidden, message))
            }
            pattern => self.market().admit(pattern),
        }
    }

    fn answer(&self, question: Question<'_>) -> Answer {
        Answer::Now(self.market().answer(&question.method).unwrap_or_else(|| {
            let message = "this relay has no source for that yet; nothing was done";
            Err(WireError::new(ErrorCode::Unavailable, message))
        }))
    }
}

/// Who somebody is who does not say.
fn guest() -> UserName {
    "guest".parse().expect("it is a name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_users_documents_are_nobodys_business() {
        let desk = Desk::new(Market::new(Vec::new()));
        let alice: UserName = "alice".parse().unwrap();
        assert_eq!(desk.admit(&alice, &"documents:alice".parse().unwrap()), Ok(()));
        for theirs in ["documents:bob", "documents:alic", "documents:Alice"] {
            let refused = desk.admit(&alice, &theirs.parse().unwrap()).unwrap_err();
            assert_eq!(refused.code, ErrorCode::Forbidden, "{theirs}");
        }
        assert!("documents:*".parse::<Pattern>().is_err());
    }
}
