//! The way from a log to a socket: one write per connection and turn, across all its topics.

use std::cmp::Reverse;
use std::time::Duration;

use tidemark_shared::protocol::{
    Delivery, Encoding, FRAME_BYTES_MAX, FRAME_MESSAGES_MAX, Position, Sequence, ServerMessage,
    Skipped, Subscribed, WhyNotRecovered,
};
use tidemark_shared::session::Now;

use super::logs::Logs;
use super::{ConnectionId, Shard, ShardReport};
use crate::hub::connection::{Connection, Cursor, Writing};
use crate::hub::outlet::{Batch, Framing, Outlet, TransportKind, Written};
use crate::hub::sequencer::MESSAGE_BYTES_MAX;
use crate::log::{Alias, Read, TopicLog};

/// A batch is closed once it has so many bytes. Writes cost, bytes don't: below this a larger
/// batch is cheaper per message, above it a slow socket takes only a part.
const BATCH_BYTES: usize = 32 * 1024;

/// A connection that is far behind is written so much at a time, then the others have their turn.
const TURN_BYTES_MAX: usize = 256 * 1024;

/// Longest notice that goes into a batch beside others: a `reset` with the longest snapshot. Its own
/// fields are a topic's name of at most 96 bytes, which it has twice, and numbers.
const NOTICE_BYTES_MAX: usize = MESSAGE_BYTES_MAX + 1_024;

/// What a cursor that is behind on a *latest* topic does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// It reads everything.
    CatchUp,
    /// It jumps to the newest and says so: the connection was too slow.
    Jump,
}

/// What the batch that was built last holds, when it is one read of one log. The next connection
/// that stands at the same place is given the same bytes.
#[derive(Debug)]
pub(super) struct Memo {
    framing: Framing,
    alias: Alias,
    after: Sequence,
    to: Sequence,
    messages: usize,
}

/// How a turn of writing ended.
enum Ended {
    Done,
    /// There is more, but the others have their turn.
    More,
    Full,
    NotAsked,
    Gone,
}

impl<O: Outlet> Shard<O> {
    pub(super) fn mark_dirty(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(id)
            && !connection.dirty
        {
            connection.dirty = true;
            self.dirty.push(id);
        }
    }

    /// Marks the connections that read the logs which got something.
    pub(super) fn mark_readers(&mut self) {
        let (connections, dirty) = (&mut self.connections, &mut self.dirty);
        self.logs.each_reader_of_dirty(|reader| {
            let Some((id, connection)) = connections.at_mut(reader.place) else { return };
            // A slow connection costs nothing: it looks at its cursors when it can be written to.
            if connection.writing != Writing::Open {
                return;
            }
            connection.pending.push(reader.cursor);
            if !connection.dirty {
                connection.dirty = true;
                dirty.push(id);
            }
        });
    }

    /// Makes every cursor that is behind pending, so that the most urgent is read first.
    pub(super) fn mark_lagging(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let logs = &self.logs;
        let behind = |cursor: &Cursor| {
            logs.get(cursor.alias).filter(|log| log.head() > cursor.sent).map(TopicLog::priority)
        };
        let mut lagging: Vec<_> = connection
            .cursors
            .iter()
            .zip(0..)
            .filter_map(|(cursor, index)| Some((behind(cursor)?, index)))
            .collect();
        lagging.sort_by_key(|(priority, _)| Reverse(*priority));
        connection.pending.clear();
        connection.pending.extend(lagging.into_iter().map(|(_, index): (_, u32)| index));
    }

    /// Goes on writing to a connection that could not be written to.
    pub(super) fn resume_writing(&mut self, id: ConnectionId, now: Now) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let behind = match connection.writing {
            Writing::Full { .. } => Behind::Jump,
            Writing::Open | Writing::NotAsked => Behind::CatchUp,
        };
        connection.writing = Writing::Open;
        self.mark_lagging(id);
        self.write(id, behind, now);
    }

    /// Writes to one connection what it is owed and what its pending cursors find.
    pub(super) fn write(&mut self, id: ConnectionId, behind: Behind, now: Now) {
        let ended = self.write_turn(id, behind, now);
        let Some(connection) = self.connections.get_mut(id) else { return };
        match ended {
            Ended::Done => {
                if std::mem::take(&mut connection.due_later) && !connection.throttled {
                    connection.throttled = true;
                    self.throttled.push(id);
                }
            }
            Ended::More => self.mark_dirty(id),
            Ended::Full => {
                connection.pending = Vec::new();
                if let Writing::Open = connection.writing {
                    connection.writing = Writing::Full { since: now.moment };
                    self.blocked.push(id);
                }
            }
            Ended::NotAsked => {
                connection.pending = Vec::new();
                connection.writing = Writing::NotAsked;
            }
            Ended::Gone => self.remove(id),
        }
    }

    /// What is owed to a reader that has not asked, or that is slow, is left for it where its
    /// transport can keep it: a WebSocket's buffer is the kernel's, and it is full.
    pub(super) fn leave_last_words(&mut self, id: ConnectionId) {
        let (batch, memo) = (&mut self.batch, &mut self.memo);
        let Some(connection) = self.connections.get_mut(id) else { return };
        let is_socket = connection.outlet.kind() == TransportKind::WebSocket;
        if is_socket || connection.writing == Writing::Open {
            return;
        }
        let mut frames = Vec::new();
        if !connection.leftover.is_empty() {
            frames.push(std::mem::take(&mut connection.leftover));
        }
        *memo = None;
        while !connection.replies.is_empty() {
            batch.clear();
            connection.replies.move_to(batch, BATCH_BYTES, FRAME_MESSAGES_MAX);
            frames.push(batch.frame(connection.framing).to_vec());
        }
        connection.outlet.leave_behind(frames);
    }

    fn write_turn(&mut self, id: ConnectionId, behind: Behind, now: Now) -> Ended {
        let (logs, batch, memo, counted) =
            (&self.logs, &mut self.batch, &mut self.memo, &mut self.counted);
        let Some(connection) = self.connections.get_mut(id) else { return Ended::Done };
        if connection.writing != Writing::Open {
            // Nothing more is tried until the shell says that there is room.
            return Ended::Done;
        }
        if let Some(ended) = write_leftover(connection) {
            return ended;
        }
        let mut written = 0;
        // Nothing may touch the batch once there is nothing to write: the next connection may want
        // the same one.
        while written < TURN_BYTES_MAX && connection.wants_to_write() {
            let messages = match repeat(connection, memo.as_ref()) {
                Some(messages) => messages,
                None => {
                    batch.clear();
                    *memo = None;
                    connection.replies.move_to(batch, BATCH_BYTES, FRAME_MESSAGES_MAX);
                    if connection.replies.is_empty() {
                        *memo = read_pending(connection, logs, behind, now, batch, counted);
                    }
                    if batch.is_empty() {
                        break;
                    }
                    batch.messages()
                }
            };
            let frame = batch.frame(connection.framing);
            counted.frames_out += 1;
            counted.delivered += messages as u64;
            counted.bytes_out += frame.len() as u64;
            written += frame.len();
            match connection.outlet.try_write(frame) {
                Written::Bytes(taken) if taken == frame.len() => {
                    if connection.outlet.kind() == TransportKind::Poll {
                        // One poll, one answer.
                        return Ended::NotAsked;
                    }
                }
                Written::Held => return Ended::Full,
                Written::Bytes(taken) => {
                    connection.leftover = frame.get(taken..).unwrap_or_default().to_vec();
                    return Ended::Full;
                }
                Written::Full => {
                    connection.leftover = frame.to_vec();
                    return Ended::Full;
                }
                Written::NotAsked => {
                    connection.leftover = frame.to_vec();
                    return Ended::NotAsked;
                }
                Written::Gone => return Ended::Gone,
            }
        }
        if !connection.control.is_empty() {
            let control = std::mem::take(&mut connection.control);
            match connection.outlet.try_write(&control) {
                Written::Bytes(taken) if taken < control.len() => {
                    connection.leftover = control.get(taken..).unwrap_or_default().to_vec();
                    return Ended::Full;
                }
                Written::Held => return Ended::Full,
                Written::Gone => return Ended::Gone,
                // A sign of life that does not fit is none that is needed: the reader is slow.
                Written::Bytes(_) | Written::Full | Written::NotAsked => {}
            }
        }
        match connection.wants_to_write() {
            true => Ended::More,
            false => Ended::Done,
        }
    }
}

fn write_leftover<O: Outlet>(connection: &mut Connection<O>) -> Option<Ended> {
    if connection.leftover.is_empty() {
        return None;
    }
    match connection.outlet.try_write(&connection.leftover) {
        Written::Bytes(taken) if taken == connection.leftover.len() => {
            connection.leftover = Vec::new();
            None
        }
        Written::Held => {
            connection.leftover = Vec::new();
            Some(Ended::Full)
        }
        Written::Bytes(taken) => {
            connection.leftover.drain(..taken);
            Some(Ended::Full)
        }
        Written::Full => Some(Ended::Full),
        Written::NotAsked => Some(Ended::NotAsked),
        Written::Gone => Some(Ended::Gone),
    }
}

/// Moves the one pending cursor on over the batch that was built last, if it is just what this
/// connection is to get.
fn repeat<O>(connection: &mut Connection<O>, memo: Option<&Memo>) -> Option<usize> {
    let memo = memo?;
    let [index] = connection.pending.as_slice() else { return None };
    let cursor = connection.cursors.get_mut(*index as usize)?;
    let same = memo.framing == connection.framing
        && memo.alias == cursor.alias
        && memo.after == cursor.sent
        && cursor.gap_ms == 0
        && connection.replies.is_empty();
    if !same {
        return None;
    }
    cursor.sent = memo.to;
    connection.pending.clear();
    Some(memo.messages)
}

/// Reads from the pending cursors, in their order, until the batch is full or they have
/// everything. Says what the batch holds if it is one whole read of one log and the connection was
/// owed nothing else.
fn read_pending<O>(
    connection: &mut Connection<O>,
    logs: &Logs,
    behind: Behind,
    now: Now,
    batch: &mut Batch,
    counted: &mut ShardReport,
) -> Option<Memo> {
    let alone = batch.is_empty() && connection.pending.len() == 1;
    let mut memo = None;
    let mut done = 0;
    while let Some(index) = connection.pending.get(done) {
        let cursor = connection.cursors.get_mut(*index as usize);
        let log = cursor.as_ref().and_then(|cursor| logs.get(cursor.alias));
        if let (Some(cursor), Some(log)) = (cursor, log) {
            if log.head() > cursor.sent && cursor.due > now.moment {
                connection.due_later = true;
            } else {
                let before = *cursor;
                match read_one(cursor, log, connection.framing, behind, now, batch, counted) {
                    Room::Left => {}
                    Room::None => break,
                }
                let whole = alone && cursor.sent == log.head() && before.sent < cursor.sent;
                if whole && !batch.is_personal() {
                    let (framing, alias) = (connection.framing, cursor.alias);
                    let (after, to, messages) = (before.sent, cursor.sent, batch.messages());
                    memo = Some(Memo { framing, alias, after, to, messages });
                }
            }
        }
        done += 1;
    }
    if done == connection.pending.len() {
        connection.pending.clear();
    } else {
        connection.pending.drain(..done);
    }
    memo
}

/// Whether a batch takes more.
enum Room {
    Left,
    None,
}

/// Moves one cursor on, and what it finds into the batch.
fn read_one(
    cursor: &mut Cursor,
    log: &TopicLog,
    framing: Framing,
    behind: Behind,
    now: Now,
    batch: &mut Batch,
    counted: &mut ShardReport,
) -> Room {
    if batch.len_bytes() + NOTICE_BYTES_MAX > FRAME_BYTES_MAX {
        return Room::None;
    }
    if let Some(notice) = jump(cursor, log, behind) {
        match &notice {
            ServerMessage::Skipped(skipped) => {
                counted.skipped += skipped.to.0 - skipped.from.0 + 1;
            }
            _ => counted.resets += 1,
        }
        batch.append_message(&notice, framing.encoding());
    }
    let room_bytes = BATCH_BYTES.saturating_sub(batch.len_bytes());
    // One place is kept for a notice.
    let room_messages = FRAME_MESSAGES_MAX.saturating_sub(batch.messages() + 1);
    if room_bytes == 0 || room_messages == 0 {
        return Room::None;
    }
    match log.read(framing.encoding(), cursor.sent, room_bytes, room_messages) {
        // One message may be larger than the room, but then it is alone.
        Read::Messages { bytes, .. } if bytes.len() > room_bytes && !batch.is_empty() => Room::None,
        Read::Messages { bytes, to } => {
            // Sequences are contiguous within a read.
            batch.append(bytes, (to.0 - cursor.sent.0) as usize);
            cursor.sent = to;
            if cursor.gap_ms > 0 {
                cursor.due = now.moment + Duration::from_millis(cursor.gap_ms.into());
            }
            if to < log.head() { Room::None } else { Room::Left }
        }
        // A jump leaves nothing lost; what is lost here has just lost its last reader.
        Read::Nothing | Read::Lost => Room::Left,
    }
}

/// Moves a cursor over messages that it will not get, and gives the message that says so.
fn jump(cursor: &mut Cursor, log: &TopicLog, behind: Behind) -> Option<ServerMessage> {
    let head = log.head();
    let lag = head.0.saturating_sub(cursor.sent.0);
    let lost = log.read(Encoding::Json, cursor.sent, 0, 1) == Read::Lost;
    match log.delivery() {
        Delivery::Latest if lag > 1 && (lost || behind == Behind::Jump || cursor.gap_ms > 0) => {
            let from = cursor.sent.next();
            cursor.sent = Sequence(head.0 - 1);
            let topic = log.topic().clone();
            Some(ServerMessage::Skipped(Skipped { topic, from, to: cursor.sent }))
        }
        Delivery::Log if lost => {
            cursor.sent = head;
            Some(ServerMessage::Reset(Subscribed {
                topic: log.topic().clone(),
                position: Position::new(log.epoch(), head),
                head,
                lost: Some(WhyNotRecovered::Expired),
                alias: log.alias().0,
                as_of: log.as_of(),
                snapshot: log.newest().map(|newest| newest.event.clone()),
            }))
        }
        _ => None,
    }
}
