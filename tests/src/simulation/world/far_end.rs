//! What the relay's process does around its shards: sockets, sessions, and the wire behind them.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tidemark_relay::transport::websocket::{Decoder, Inbound};
use tidemark_shared::session::Transport;

use super::{Down, Event, Up, World};
use crate::simulation::link::{FarEnd, Key, Way};
use crate::simulation::pipe::Pipe;
use crate::simulation::relay::{Down as RelayDown, OWED_BYTES_MAX, SHARDS};
use crate::simulation::sabotage::Sabotage;

/// As in the relay's routes.
const POLL_WITHIN: Duration = Duration::from_secs(25);

/// The session is not known here (any more).
const UNKNOWN_SESSION: u16 = 4005;

/// What a close without a code is answered with.
const NORMAL: u16 = 1000;

/// What a client has sent, as the relay's own decoder reads it.
enum Heard {
    Message(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    Close(u16),
}

impl World {
    pub(super) fn at_relay(&mut self, key: Key, up: Up) {
        let Some(link) = self.links.get(&key) else { return };
        if link.is_dead_up && !matches!(up, Up::Gone) {
            return;
        }
        match up {
            Up::Connect => self.connect(key),
            Up::Bytes(bytes) => self.hear_bytes(key, &bytes),
            Up::Frame(frame) => self.hear_frame(key, &frame),
            Up::Poll => self.poll(key),
            Up::Room => self.room(key),
            Up::Gone => self.gone(key),
        }
        self.settle();
    }

    /// Lets the shards write, and sends what they wrote on its way.
    pub(super) fn settle(&mut self) {
        let now = self.relay_now();
        for (shard, id) in self.relay.flush(now) {
            let run = self.relay.run;
            let is_meant = |far: &&mut FarEnd| far.run == run && far.shard == shard && far.id == id;
            let mut far_ends = self.links.values_mut().filter_map(|link| link.far.as_mut());
            if let Some(far) = far_ends.find(is_meant) {
                far.is_blocked = true;
            }
        }
        let keys: Vec<Key> = self.links.keys().copied().collect();
        for key in keys {
            self.pick_up(key);
        }
    }

    /// The client has taken bytes in.
    pub(super) fn make_room(&mut self, key: Key, bytes: usize) {
        let Some(far) = self.links.get_mut(&key).and_then(|link| link.far.as_mut()) else { return };
        let mut pipe = far.pipe.borrow_mut();
        pipe.unread = pipe.unread.saturating_sub(bytes);
        let wakes = far.is_blocked && pipe.has_room();
        drop(pipe);
        if wakes {
            self.send_up(key, Up::Room);
        }
    }

    /// The relay's process is gone, and its ends of all connections with it.
    pub(super) fn lose_far_ends(&mut self, down: RelayDown) {
        let keys: Vec<Key> = self.links.keys().copied().collect();
        for key in keys {
            self.pick_up(key);
            let Some(link) = self.links.get_mut(&key) else { continue };
            let Some(far) = link.far.take() else { continue };
            if link.is_left {
                self.links.remove(&key);
                continue;
            }
            if link.is_dead_down || far.is_over {
                continue;
            }
            if down == RelayDown::Crashed {
                link.cut_down(&mut self.dice);
            }
            let at = link.arrival(Way::Down, self.time, 0, &mut self.dice);
            self.schedule(at, Event::ToClient(key, Down::Closed(1006)));
        }
    }

    pub(super) fn poll_over(&mut self, key: Key, poll: u64) {
        let Some(link) = self.links.get_mut(&key) else { return };
        let Some(far) = link.far.as_ref().filter(|_| link.polls == poll) else { return };
        if std::mem::take(&mut far.pipe.borrow_mut().has_poll) {
            self.send_down(key, Vec::new());
        }
    }

    fn connect(&mut self, key: Key) {
        if self.relay.is_up {
            self.accept(key);
            self.answer(key, Down::Opened);
        } else {
            self.answer(key, Down::Failed);
        }
    }

    fn accept(&mut self, key: Key) {
        let now = self.relay_now();
        let shard = self.dice.between(0, SHARDS - 1);
        let Some(link) = self.links.get_mut(&key) else { return };
        let window = match link.transport {
            Transport::WebSocket | Transport::Sse => link.quality.window,
            // What limits it is that it has to be asked for.
            Transport::Poll => usize::MAX,
        };
        let pipe = Rc::new(RefCell::new(Pipe::new(link.kind(), window)));
        let Some(id) = self.relay.open(shard, &pipe, link.framing(), now) else { return };
        let (run, decoder) = (self.relay.run, Decoder::default());
        link.far =
            Some(FarEnd { run, shard, id, pipe, decoder, is_blocked: false, is_over: false });
    }

    fn hear_bytes(&mut self, key: Key, bytes: &[u8]) {
        let now = self.relay_now();
        let Some(far) = self.links.get_mut(&key).and_then(|link| link.far.as_mut()) else { return };
        let mut heard = Vec::new();
        let decoded = far.decoder.push(bytes, |inbound| {
            heard.push(match inbound {
                Inbound::Message { payload, .. } => Heard::Message(payload.to_vec()),
                Inbound::Ping(payload) => Heard::Ping(payload.to_vec()),
                Inbound::Pong => Heard::Pong,
                Inbound::Close(code) => Heard::Close(code.unwrap_or(NORMAL)),
            });
        });
        let since = far.decoder.is_unfinished().then_some(now.moment);
        let Some(shard) = self.relay.shard(far.shard) else { return };
        for heard in heard {
            match heard {
                Heard::Message(message) => shard.hear(far.id, &message, now),
                Heard::Ping(payload) => shard.ping(far.id, &payload, now),
                Heard::Pong => shard.sign_of_life(far.id, now),
                Heard::Close(code) => shard.hang_up(far.id, code),
            }
        }
        shard.unfinished(far.id, since);
        if let Err(error) = decoded {
            self.alarms.push(format!("the relay cannot read what {key:?} sends: {error}"));
        }
    }

    fn hear_frame(&mut self, key: Key, frame: &[u8]) {
        let Some(link) = self.links.get_mut(&key) else { return };
        let is_first = !std::mem::replace(&mut link.has_spoken, true);
        let is_poll = link.transport == Transport::Poll;
        if is_first {
            if !self.relay.is_up {
                return self.answer(key, Down::Failed);
            }
            self.accept(key);
        }
        if !self.is_known(key) {
            return self.answer(key, Down::Closed(UNKNOWN_SESSION));
        }
        let now = self.relay_now();
        let Some(far) = self.links.get(&key).and_then(|link| link.far.as_ref()) else { return };
        if let Some(shard) = self.relay.shard(far.shard) {
            shard.hear(far.id, frame, now);
        }
        if is_first && is_poll {
            self.poll(key);
        }
    }

    fn poll(&mut self, key: Key) {
        if !self.is_known(key) {
            return self.answer(key, Down::Closed(UNKNOWN_SESSION));
        }
        let now = self.relay_now();
        let Some(link) = self.links.get_mut(&key) else { return };
        link.polls += 1;
        let polls = link.polls;
        let Some(far) = &link.far else { return };
        far.pipe.borrow_mut().has_poll = true;
        if let Some(shard) = self.relay.shard(far.shard) {
            shard.sign_of_life(far.id, now);
            shard.writable(far.id, now);
        }
        self.schedule(self.time + POLL_WITHIN, Event::PollOver(key, polls));
    }

    fn room(&mut self, key: Key) {
        let now = self.relay_now();
        let Some(far) = self.links.get_mut(&key).and_then(|link| link.far.as_mut()) else { return };
        far.is_blocked = false;
        if let Some(shard) = self.relay.shard(far.shard) {
            shard.writable(far.id, now);
        }
    }

    fn gone(&mut self, key: Key) {
        let Some(link) = self.links.get_mut(&key) else { return };
        if let Some(far) = &link.far {
            far.pipe.borrow_mut().is_gone = true;
            if let Some(shard) = self.relay.shard(far.shard) {
                shard.gone(far.id);
            }
        }
        if link.is_left {
            self.links.remove(&key);
        }
    }

    /// Whether the relay still has this connection.
    fn is_known(&mut self, key: Key) -> bool {
        let Some(far) = self.links.get(&key).and_then(|link| link.far.as_ref()) else {
            return false;
        };
        let shard = self.relay.shard(far.shard);
        shard.is_some_and(|shard| shard.outlet_mut(far.id).is_some())
    }

    fn answer(&mut self, key: Key, down: Down) {
        let Some(link) = self.links.get_mut(&key).filter(|link| !link.is_dead_down) else { return };
        let at = link.arrival(Way::Down, self.time, 0, &mut self.dice);
        self.schedule(at, Event::ToClient(key, down));
    }

    /// Takes what the relay has written from its end of a connection.
    fn pick_up(&mut self, key: Key) {
        let Some(link) = self.links.get_mut(&key) else { return };
        let Some(far) = &mut link.far else { return };
        let mut pipe = far.pipe.borrow_mut();
        if self.sabotage == Sabotage::LoseBytes && self.dice.once_in(200) {
            pipe.loses_bytes = true;
        }
        let written = std::mem::take(&mut pipe.written);
        let finished = pipe.finished.filter(|_| !far.is_over);
        let had_poll = pipe.has_poll;
        far.is_over = pipe.finished.is_some();
        drop(pipe);
        if let Some(shard) = self.relay.shard(far.shard) {
            let owed = shard.owed_bytes(far.id);
            self.owed_bytes_max = self.owed_bytes_max.max(owed);
            if owed > OWED_BYTES_MAX {
                self.alarms.push(format!("{key:?} is owed {owed} bytes"));
            }
        }
        if !written.is_empty() {
            self.send_pieces(key, written);
        }
        if let Some(code) = finished {
            self.ended(key, code, had_poll);
        }
    }

    fn send_pieces(&mut self, key: Key, mut bytes: Vec<u8>) {
        let is_body = self.links.get(&key).is_some_and(|link| link.transport == Transport::Poll);
        if !is_body && self.dice.once_in(4) {
            let rest = bytes.split_off(self.dice.between(1, bytes.len()));
            self.send_down(key, bytes);
            bytes = rest;
        }
        if !bytes.is_empty() {
            self.send_down(key, bytes);
        }
    }

    fn send_down(&mut self, key: Key, bytes: Vec<u8>) {
        let Some(link) = self.links.get_mut(&key) else { return };
        if link.is_dead_down || link.is_left {
            return;
        }
        let at = link.arrival(Way::Down, self.time, bytes.len(), &mut self.dice);
        link.in_flight.push_back(bytes);
        self.schedule(at, Event::ToClient(key, Down::Arrived));
    }

    /// The relay has closed a connection.
    fn ended(&mut self, key: Key, code: u16, had_poll: bool) {
        let Some(link) = self.links.get(&key) else { return };
        if link.is_left {
            self.links.remove(&key);
            return;
        }
        match link.transport {
            // The close frame says it, if there was room for it; the socket ends in any case.
            Transport::WebSocket | Transport::Sse => self.answer(key, Down::Closed(1006)),
            Transport::Poll if had_poll => self.answer(key, Down::Closed(code)),
            // The next poll hears of it.
            Transport::Poll => {}
        }
    }
}
