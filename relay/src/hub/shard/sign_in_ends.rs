//! What is done when a sign-in comes to its end.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    CloseCode, ErrorCode, NeedsAuth, Pattern, ServerMessage, Unsubscribed, WireError,
};
use tidemark_shared::session::Now;

use super::{ConnectionId, Shard};
use crate::hub::connection::Connection;
use crate::hub::outlet::Outlet;
use crate::hub::sign_in::{self, Step};

impl<O: Outlet> Shard<O> {
    /// Warns, gives everything back or closes, as is due. Nearly always nothing is: that costs one
    /// comparison with what the tick has in its hands anyway.
    pub(super) fn sign_in_if_due(&mut self, id: ConnectionId, now: Now) {
        loop {
            let Some(connection) = self.connections.get_mut(id) else { return };
            if !connection.sign_in.is_due(now.unix) {
                return;
            }
            let ends_at = connection.ends_at();
            match connection.sign_in.step(ends_at, now.unix) {
                Some(Step::Warn) => {
                    if let Some(ends_at) = ends_at {
                        connection.reply(&ServerMessage::NeedsAuth(NeedsAuth { ends_at }));
                    }
                    self.mark_dirty(id);
                }
                Some(Step::End) => self.give_everything_back(id),
                Some(Step::Close) => {
                    self.refuse_and_close(id, CloseCode::Unauthorized, sign_in_again(), now);
                }
                None => return,
            }
        }
    }

    /// Whether what a connection asks for is to be refused because its sign-in has ended.
    pub(super) fn refusal_after_end(&self, id: ConnectionId, now: UnixMillis) -> Option<WireError> {
        let connection = self.connections.get(id)?;
        sign_in::is_over(connection.ends_at(), now).then(sign_in_again)
    }

    fn give_everything_back(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.pending = Vec::new();
        let classes = std::mem::take(&mut connection.classes);
        let cursors = std::mem::take(&mut connection.cursors);
        let mut given_back: Vec<Pattern> =
            classes.into_iter().map(|(class, _)| Pattern::All(class)).collect();
        for cursor in cursors {
            if let Some(log) = self.logs.get(cursor.alias) {
                given_back.push(Pattern::One(log.topic().clone()));
            }
            self.forget_reader(cursor.alias, cursor.reader);
        }
        let Some(connection) = self.connections.get_mut(id) else { return };
        for topic in given_back {
            connection.reply(&ServerMessage::Unsubscribed(Unsubscribed { topic }));
        }
        self.mark_dirty(id);
    }
}

impl<O> Connection<O> {
    /// When its sign-in ends.
    pub(super) fn ends_at(&self) -> Option<UnixMillis> {
        self.identity.as_ref().and_then(|identity| identity.ends_at)
    }
}

fn sign_in_again() -> WireError {
    let message = "your sign-in has ended; nothing was done: sign in again to go on";
    WireError::new(ErrorCode::Unauthorized, message)
}
