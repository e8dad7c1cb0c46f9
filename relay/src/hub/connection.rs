//! One connection: its outlet, its cursors, and what it is still owed.

use std::net::IpAddr;
use std::sync::Arc;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::protocol::{Class, Sequence, ServerMessage};

use super::census::Purse;
use super::outlet::{Batch, Framing, LastFrame, Outlet};
use super::service::Newcomer;
use super::shard::Allowance;
use super::sign_in::SignIn;
use crate::auth::Identity;
use crate::log::Alias;

/// One connection. Kept small: thousands of idle ones must cost little.
#[derive(Debug)]
pub(super) struct Connection<O> {
    pub(super) outlet: O,
    pub(super) framing: Framing,
    pub(super) stage: Stage,
    /// Who it speaks for, once greeted.
    pub(super) identity: Option<Arc<Identity>>,
    /// What its user may still send; none for those who have not said who they are.
    pub(super) purse: Option<Arc<Purse>>,
    pub(super) sign_in: SignIn,
    /// Where it comes from.
    pub(super) address: Option<IpAddr>,
    pub(super) opened: UnixMillis,
    pub(super) last_heard: Moment,
    pub(super) next_beat: Moment,
    /// A message has begun to come and is not whole yet.
    pub(super) unfinished_since: Option<Moment>,
    pub(super) writing: Writing,
    pub(super) cursors: Vec<Cursor>,
    /// Classes subscribed to as a whole, with the rate wanted of each of their topics.
    pub(super) classes: Vec<(Class, Option<u32>)>,
    /// Indexes of cursors whose logs may have something.
    pub(super) pending: Vec<u32>,
    pub(super) replies: Replies,
    /// The rest of a frame of which the socket took only a part.
    pub(super) leftover: Vec<u8>,
    pub(super) allowance: Allowance,
    /// It is in the list of connections to be written to in this turn.
    pub(super) dirty: bool,
    /// A pending cursor was passed over because it is not due yet.
    pub(super) due_later: bool,
    /// It is in the list of connections that wait for a cursor's next due time.
    pub(super) throttled: bool,
    /// A ping or pong that is due. A newer one replaces it: one sign of life is enough.
    pub(super) control: Box<[u8]>,
}

/// How far the greeting has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// Nothing but `hello` may come, until then.
    Greeting(Box<Greeting>),
    /// `welcome` was said.
    Greeted,
}

/// What is needed until `hello` has come, and not afterwards.
#[derive(Debug)]
pub(super) struct Greeting {
    pub(super) until: Moment,
    /// What `welcome` will call the session.
    pub(super) session: String,
    /// What is known of it so far.
    pub(super) newcomer: Newcomer,
}

/// Whether bytes can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// They can.
    Open,
    /// The reader is slow.
    Full { since: Moment },
    /// The reader has to ask first.
    NotAsked,
}

/// A reader's place in one log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    pub(super) alias: Alias,
    /// Where this cursor stands in the log's list of readers.
    pub(super) reader: u32,
    /// The last sequence sent or skipped.
    pub(super) sent: Sequence,
    /// Least time between two messages; zero for none.
    pub(super) gap_ms: u32,
    /// When the next message is due.
    pub(super) due: Moment,
}

/// Messages owed to one connection alone, encoded, with their boundaries.
#[derive(Debug, Default)]
pub(super) struct Replies {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// How many of them have been taken, and their bytes.
    taken: u32,
    taken_bytes: u32,
}

impl Replies {
    pub(super) fn push(&mut self, message: &ServerMessage, framing: Framing) {
        framing.encoding().append_server(message, &mut self.bytes);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.taken as usize == self.ends.len()
    }

    pub(super) fn len_bytes(&self) -> usize {
        self.bytes.len() - self.taken_bytes as usize
    }

    /// Moves as many whole messages as fit into a batch.
    pub(super) fn move_to(&mut self, batch: &mut Batch, bytes_max: usize, messages_max: usize) {
        while let Some(end) = self.ends.get(self.taken as usize) {
            let message = self.bytes.get(self.taken_bytes as usize..*end as usize);
            let message = message.unwrap_or_default();
            let fits = batch.len_bytes() + message.len() <= bytes_max;
            if batch.messages() >= messages_max || (!fits && !batch.is_empty()) {
                return;
            }
            batch.append(message, 1);
            self.taken += 1;
            self.taken_bytes = *end;
        }
        *self = Replies::default();
    }
}

impl<O> Connection<O> {
    pub(super) fn cursor_of(&self, alias: Alias) -> Option<usize> {
        self.cursors.iter().position(|cursor| cursor.alias == alias)
    }

    /// Whether anything is owed or a cursor may find something.
    pub(super) fn wants_to_write(&self) -> bool {
        !self.pending.is_empty() || !self.replies.is_empty()
    }

    /// Ends what is written, with a word if there is a place for it.
    pub(super) fn finish(&mut self, code: u16, reason: &str)
    where
        O: Outlet,
    {
        let is_whole = self.leftover.is_empty();
        let last_frame = if is_whole { LastFrame::Whole } else { LastFrame::Cut };
        self.outlet.finish(code, reason, last_frame);
    }

    pub(super) fn reply(&mut self, message: &ServerMessage) {
        self.replies.push(message, self.framing);
    }
}
