//! The desk: answers what connections ask, from what the pipeline knows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidemark_shared::protocol::{Class, ErrorCode, Method, Pattern, Reply, WireError};

use crate::hub::Service;
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
    fn admit(&self, pattern: &Pattern) -> Result<(), WireError> {
        match pattern {
            Pattern::One(topic) if topic.class() == Class::System => Ok(()),
            pattern => self.market().admit(pattern),
        }
    }

    fn answer(&self, method: &Method) -> Result<Reply, WireError> {
        self.market().answer(method).unwrap_or_else(|| {
            let message = "this relay has no source for that yet; nothing was done";
            Err(WireError::new(ErrorCode::Unavailable, message))
        })
    }
}
