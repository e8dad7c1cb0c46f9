//! Who reads what: cursors come, move, and go.

use std::sync::PoisonError;
use std::time::Duration;

use tidemark_shared::protocol::{
    Class, ErrorCode, Pattern, Position, Sequence, ServerMessage, SubscribeTopic, Subscribed,
    TOPICS_PER_REQUEST_MAX, Topic, Unsubscribed, WireError,
};
use tidemark_shared::session::Now;

use super::logs::Reader;
use super::rights::is_left_out;
use super::{ConnectionId, Shard};
use crate::hub::connection::{Connection, Cursor};
use crate::hub::outlet::Outlet;
use crate::hub::sequencer::Opened;
use crate::log::{Alias, TopicLog};
use crate::publication::Demand;

impl<O: Outlet> Shard<O> {
    pub(super) fn subscribe(&mut self, id: ConnectionId, wishes: Vec<SubscribeTopic>, now: Now) {
        if wishes.len() > TOPICS_PER_REQUEST_MAX {
            return self.refuse(id, None, too_many_topics());
        }
        if let Some(error) = self.refusal_after_end(id, now.unix) {
            for wish in wishes {
                self.refuse(id, Some(wish.topic), error.clone());
            }
            return;
        }
        for wish in wishes {
            let refused = match &wish.topic {
                Pattern::One(topic) => {
                    let gap_ms = gap_ms(wish.rate_per_s_max);
                    self.subscribe_one(id, topic, wish.position, gap_ms, now)
                }
                Pattern::All(class) => self.subscribe_class(id, *class, wish.rate_per_s_max, now),
            };
            if let Err(error) = refused {
                self.refuse(id, Some(wish.topic), error);
            }
        }
        self.mark_dirty(id);
    }

    pub(super) fn unsubscribe(&mut self, id: ConnectionId, patterns: Vec<Pattern>) {
        if patterns.len() > TOPICS_PER_REQUEST_MAX {
            return self.refuse(id, None, too_many_topics());
        }
        for pattern in patterns {
            for alias in self.aliases_of(id, &pattern) {
                self.drop_cursor(id, alias);
            }
            if let (Pattern::All(class), Some(connection)) =
                (&pattern, self.connections.get_mut(id))
            {
                connection.classes.retain(|(subscribed, _)| subscribed != class);
            }
            if let Some(connection) = self.connections.get_mut(id) {
                connection.reply(&ServerMessage::Unsubscribed(Unsubscribed { topic: pattern }));
            }
        }
        self.mark_dirty(id);
    }

    /// What a connection may read of a pattern. One topic is looked up: a message may name a
    /// thousand, and a connection read as many.
    fn aliases_of(&self, id: ConnectionId, pattern: &Pattern) -> Vec<Alias> {
        if let Pattern::One(topic) = pattern {
            let sequencer = self.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            return sequencer.alias_of(topic).into_iter().collect();
        }
        let Some(connection) = self.connections.get(id) else { return Vec::new() };
        let read = connection.cursors.iter().map(|cursor| cursor.alias);
        let is_meant =
            |alias: &Alias| self.logs.get(*alias).is_some_and(|log| pattern.matches(log.topic()));
        read.filter(is_meant).collect()
    }

    /// A topic has come into being: those who read its whole class, and do not read it already, get
    /// a cursor in it.
    pub(super) fn announce(&mut self, alias: Alias, now: Now) {
        let Some(topic) = self.logs.get(alias).map(|log| log.topic().clone()) else { return };
        if !topic.class().has_wildcard() {
            return;
        }
        for id in self.connections.ids() {
            let unread = |connection: &&Connection<O>| connection.cursor_of(alias).is_none();
            let Some(connection) = self.connections.get(id).filter(unread) else { continue };
            let wish = connection.classes.iter().find(|(class, _)| *class == topic.class());
            if let Some((_, rate)) = wish {
                let gap_ms = gap_ms(*rate);
                match self.subscribe_one(id, &topic, None, gap_ms, now) {
                    Ok(()) => {}
                    Err(error) if is_left_out(&error) => continue,
                    Err(error) => self.refuse(id, Some(Pattern::One(topic.clone())), error),
                }
                self.mark_dirty(id);
            }
        }
    }

    /// Removes a connection and all its cursors.
    pub(super) fn remove(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.remove(id) else { return };
        if let Some(purse) = &connection.purse {
            self.census.leave(purse);
        }
        for cursor in connection.cursors {
            self.forget_reader(cursor.alias, cursor.reader);
        }
    }

    fn subscribe_class(
        &mut self,
        id: ConnectionId,
        class: Class,
        rate_per_s_max: Option<u32>,
        now: Now,
    ) -> Result<(), WireError> {
        let Some(connection) = self.connections.get_mut(id) else { return Ok(()) };
        let Some(identity) = &connection.identity else { return Ok(()) };
        self.service.admit(identity, &Pattern::All(class))?;
        if connection.classes.iter().all(|(subscribed, _)| *subscribed != class) {
            connection.classes.push((class, rate_per_s_max));
        }
        let sequencer = self.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
        let topics: Vec<Opened> =
            sequencer.topics().filter(|opened| opened.topic.class() == class).collect();
        drop(sequencer);
        for opened in topics {
            let known = self.connections.get(id).and_then(|known| known.cursor_of(opened.alias));
            if known.is_none() {
                let gap_ms = gap_ms(rate_per_s_max);
                match self.subscribe_one(id, &opened.topic, None, gap_ms, now) {
                    Err(error) if !is_left_out(&error) => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn subscribe_one(
        &mut self,
        id: ConnectionId,
        topic: &Topic,
        wanted: Option<Position>,
        gap_ms: u32,
        now: Now,
    ) -> Result<(), WireError> {
        let known = self.connections.get(id).and_then(|connection| connection.identity.as_ref());
        let Some(identity) = known else { return Ok(()) };
        let admitted = self.service.admit(identity, &Pattern::One(topic.clone()));
        let opened = {
            let mut sequencer = self.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            match admitted {
                // What is being published exists, whether or not a catalogue lists it.
                Err(error) if error.code == ErrorCode::NotFound && sequencer.knows(topic) => {}
                admitted => admitted?,
            }
            sequencer
                .open(topic)
                .map_err(|error| WireError::new(ErrorCode::LimitExceeded, error.to_string()))?
        };
        let begins = !self.logs.has(opened.alias);
        if begins {
            let window = self.settings.retention.of(topic.class());
            // It began in this run, or `restore` would have brought it: what is numbered already
            // is still on its way to this shard, from the first message on.
            let start = Position::new(opened.head.epoch, Sequence::START);
            self.logs.insert(TopicLog::new(topic.clone(), opened.alias, start, window));
        }
        let Some(log) = self.logs.get(opened.alias) else { return Ok(()) };
        let placement = log.place(wanted, opened.head.sequence);
        let snapshot = match (wanted, placement.lost) {
            (Some(_), None) => None,
            _ => log.newest().map(|newest| newest.event.clone()),
        };
        let told = ServerMessage::Subscribed(Subscribed {
            topic: topic.clone(),
            position: Position::new(log.epoch(), placement.after),
            head: log.head().max(placement.after),
            lost: placement.lost,
            alias: opened.alias.0,
            as_of: log.as_of(),
            snapshot,
        });
        let cursor = Cursor {
            alias: opened.alias,
            reader: 0,
            sent: placement.after,
            gap_ms,
            due: now.moment,
        };
        let put = self.put_cursor(id, topic, cursor);
        if begins {
            // Also when it is asked for by name before anything is published.
            self.announce(opened.alias, now);
        }
        put?;
        if let Some(connection) = self.connections.get_mut(id) {
            connection.reply(&told);
        }
        Ok(())
    }

    fn put_cursor(
        &mut self,
        id: ConnectionId,
        topic: &Topic,
        mut cursor: Cursor,
    ) -> Result<(), WireError> {
        let topics_max = self.settings.rules.topics_max as usize;
        let Some(connection) = self.connections.get_mut(id) else { return Ok(()) };
        let index = match connection.cursor_of(cursor.alias) {
            Some(index) => {
                if let Some(known) = connection.cursors.get_mut(index) {
                    cursor.reader = known.reader;
                    *known = cursor;
                }
                index
            }
            None if connection.cursors.len() >= topics_max => {
                let message = format!("one connection has at most {topics_max} topics");
                return Err(WireError::new(ErrorCode::LimitExceeded, message)
                    .of_limit("connection.topics_max", topics_max as u64));
            }
            None => {
                let index = connection.cursors.len();
                let reader = Reader { place: id.place, cursor: as_u32(index) };
                if let Some(added) = self.logs.add_reader(cursor.alias, reader) {
                    cursor.reader = added.index;
                    if added.first {
                        self.demands.push(Demand::Wanted(topic.clone()));
                    }
                }
                connection.cursors.push(cursor);
                index
            }
        };
        connection.pending.push(as_u32(index));
        Ok(())
    }

    fn drop_cursor(&mut self, id: ConnectionId, alias: Alias) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let Some(index) = connection.cursor_of(alias) else { return };
        let gone = connection.cursors.swap_remove(index);
        // Another cursor has this index now; what was pending is looked up anew.
        connection.pending.clear();
        connection.pending.extend(0..as_u32(connection.cursors.len()));
        if let Some(moved) = connection.cursors.get(index) {
            self.logs.renumber(moved.alias, moved.reader, as_u32(index));
        }
        self.forget_reader(gone.alias, gone.reader);
    }

    pub(super) fn forget_reader(&mut self, alias: Alias, reader: u32) {
        let Some(removed) = self.logs.remove_reader(alias, reader) else { return };
        if let Some(moved) = removed.moved
            && let Some((_, connection)) = self.connections.at_mut(moved.place)
            && let Some(cursor) = connection.cursors.get_mut(moved.cursor as usize)
        {
            cursor.reader = reader;
        }
        if removed.last
            && let Some(log) = self.logs.get(alias)
        {
            self.demands.push(Demand::Released(log.topic().clone()));
        }
    }

    pub(super) fn refuse(&mut self, id: ConnectionId, topic: Option<Pattern>, error: WireError) {
        self.count_refused(&error);
        if let Some(connection) = self.connections.get_mut(id) {
            connection.reply(&ServerMessage::Error { error, topic });
            self.mark_dirty(id);
        }
    }
}

fn too_many_topics() -> WireError {
    let message = format!("one message names at most {TOPICS_PER_REQUEST_MAX} topics");
    WireError::new(ErrorCode::LimitExceeded, message)
        .of_limit("topics_per_message_max", TOPICS_PER_REQUEST_MAX as u64)
}

/// The least time between two messages for a wanted rate; zero when every message is wanted.
fn gap_ms(rate_per_s_max: Option<u32>) -> u32 {
    match rate_per_s_max {
        None => 0,
        Some(rate) => as_u32(Duration::from_secs(1).as_millis() as usize) / rate.clamp(1, 1_000),
    }
}

fn as_u32(index: usize) -> u32 {
    u32::try_from(index).expect("cursors are limited to far fewer")
}
