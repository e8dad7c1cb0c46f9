//! A newer sign-in counts: what it does not allow is given back.

use std::sync::Arc;

use tidemark_shared::protocol::{ErrorCode, Pattern, WireError};

use super::{ConnectionId, Shard};
use crate::hub::outlet::Outlet;
use crate::log::TopicLog;

impl<O: Outlet> Shard<O> {
    /// Asks of everything that a connection reads whether it may still read it. What it may not is
    /// given back, with the reason.
    pub(super) fn readmit(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(id) else { return };
        let Some(identity) = connection.identity.as_ref().map(Arc::clone) else { return };
        let classes = connection.classes.iter().map(|(class, _)| Pattern::All(*class));
        let aliases = connection.cursors.iter().map(|cursor| cursor.alias);
        let topics = aliases.filter_map(|alias| self.logs.get(alias).map(TopicLog::topic));
        // Classes first: with a class go its topics, and nothing is said of them one by one.
        let patterns: Vec<Pattern> = classes.chain(topics.cloned().map(Pattern::One)).collect();
        for pattern in patterns {
            match self.service.admit(&identity, &pattern) {
                // It is here, so it exists: as when it was subscribed to.
                Ok(()) | Err(WireError { code: ErrorCode::NotFound, .. }) => {}
                Err(error) if self.is_read(id, &pattern) => {
                    self.unsubscribe(id, vec![pattern.clone()]);
                    self.refuse(id, Some(pattern), error);
                }
                Err(_) => {}
            }
        }
    }

    fn is_read(&self, id: ConnectionId, pattern: &Pattern) -> bool {
        let Some(connection) = self.connections.get(id) else { return false };
        match pattern {
            Pattern::All(class) => connection.classes.iter().any(|(own, _)| own == class),
            Pattern::One(topic) => connection
                .cursors
                .iter()
                .any(|cursor| self.logs.get(cursor.alias).is_some_and(|log| log.topic() == topic)),
        }
    }
}

/// Whether a topic is left out of what somebody reads by its class. Nothing is said of it: its name
/// alone may tell what is none of theirs.
pub(super) fn is_left_out(refused: &WireError) -> bool {
    matches!(refused.code, ErrorCode::Forbidden | ErrorCode::NotFound)
}
