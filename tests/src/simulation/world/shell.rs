//! What a browser does around the machine: sockets, frames, and a page that may not run.

use tidemark_shared::protocol::{Encoding, Notice, Payload, Severity};
use tidemark_shared::session::{Delivery, Input, Output, Transport};

use super::{Down, Event, Up, World};
use crate::simulation::client::Weather;
use crate::simulation::frames::{self, Inbound};
use crate::simulation::link::{Key, Link, Way};
use crate::simulation::sabotage::Sabotage;

/// A browser's mask is random; what it is makes no difference.
const MASK: [u8; 4] = [7, 11, 13, 17];

const OPCODE_TEXT: u8 = 0x1;
const OPCODE_BINARY: u8 = 0x2;
const OPCODE_PONG: u8 = 0xA;

impl World {
    /// Something happens to a client, or its user wants something.
    pub fn feed(&mut self, client: usize, input: Input) {
        match &input {
            Input::Frame { link, bytes } => {
                self.transcript.bytes(self.time, format_args!("{client} <- {link:?}"), bytes);
            }
            other => self.transcript.note(self.time, format_args!("{client} <- {other:?}")),
        }
        let tab = &mut self.clients[client];
        let now = tab.now(self.time);
        tab.session.handle(input, now);
        while let Some(output) = self.clients[client].session.poll_output() {
            self.perform(client, output);
        }
    }

    /// Something comes to a client: now, or when its page runs again.
    pub(super) fn at_client(&mut self, key: Key, down: Down) {
        let Some(link) = self.links.get(&key) else { return };
        let tab = &mut self.clients[key.client];
        if tab.page != key.page || link.is_left {
            return;
        }
        if let Some(held) = &mut tab.held {
            return held.push((key, down));
        }
        let link = key.link;
        match down {
            Down::Opened => self.feed(key.client, Input::Opened(link)),
            Down::Failed => {
                let reason = "refused".to_owned();
                self.feed(key.client, Input::Failed { link, reason });
            }
            Down::Arrived => self.arrived(key),
            Down::Closed(code) => {
                let reason = String::new();
                self.feed(key.client, Input::Closed { link, code, reason });
            }
        }
    }

    fn arrived(&mut self, key: Key) {
        let Some(link) = self.links.get_mut(&key) else { return };
        let Some(piece) = link.in_flight.pop_front() else { return };
        link.came.extend_from_slice(&piece);
        let transport = link.transport;
        self.make_room(key, piece.len());
        match transport {
            Transport::WebSocket => self.read_frames(key),
            Transport::Sse => {
                while let Some(frame) = self.came(key).and_then(frames::take_event) {
                    self.frame(key, frame);
                }
            }
            Transport::Poll => {
                let body = self.came(key).map(std::mem::take).unwrap_or_default();
                let Some(link) = self.links.get_mut(&key).filter(|link| !link.is_dead_down) else {
                    return;
                };
                let at = link.arrival(Way::Up, self.time, 0, &mut self.dice);
                if !body.is_empty() {
                    self.frame(key, body);
                }
                self.schedule(at, Event::ToRelay(key, Up::Poll));
            }
        }
    }

    fn read_frames(&mut self, key: Key) {
        while let Some(came) = self.came(key) {
            match frames::take_websocket(came) {
                Ok(Some(Inbound::Message(frame))) => self.frame(key, frame),
                Ok(Some(Inbound::Ping(payload))) => {
                    self.send_bytes(key, frames::masked(OPCODE_PONG, &payload, MASK));
                }
                Ok(Some(Inbound::Close(code))) => self.at_client(key, Down::Closed(code)),
                Ok(None) => return,
                Err(error) => {
                    self.clients[key.client].unreadable(&error.to_string());
                    return self.at_client(key, Down::Closed(1002));
                }
            }
        }
    }

    fn frame(&mut self, key: Key, bytes: Vec<u8>) {
        let is_event = bytes.windows(14).any(|text| text == br#""type":"event""#);
        let times = match self.sabotage {
            Sabotage::SkipOnTheWire if is_event && self.dice.once_in(10) => 0,
            Sabotage::RepeatOnTheWire if is_event && self.dice.once_in(10) => 2,
            _ => 1,
        };
        for _ in 0..times {
            self.feed(key.client, Input::Frame { link: key.link, bytes: bytes.clone() });
        }
    }

    fn perform(&mut self, client: usize, output: Output) {
        match &output {
            Output::Send { link, frame } => {
                self.transcript.bytes(self.time, format_args!("{client} -> {link:?}"), frame);
            }
            other => self.transcript.note(self.time, format_args!("{client} -> {other:?}")),
        }
        let page = self.clients[client].page;
        match output {
            Output::Open { link, transport, encoding } => {
                self.open(Key { client, page, link }, transport, encoding);
            }
            Output::Send { link, frame } => self.send(Key { client, page, link }, frame),
            Output::Close { link, .. } => self.leave(Key { client, page, link }),
            Output::Deliver(delivery) => self.deliver(client, delivery),
            Output::Note(note) => self.clients[client].noted(&note),
            Output::Answer { .. } | Output::StatusChanged => {}
        }
    }

    fn deliver(&mut self, client: usize, delivery: Delivery) {
        let is_event = matches!(delivery, Delivery::Event(_));
        let strikes = is_event && self.dice.once_in(20);
        let mut given = vec![delivery];
        match self.sabotage {
            Sabotage::ForgetADelivery if strikes => given.clear(),
            Sabotage::RepeatADelivery if strikes => given.extend(given.first().cloned()),
            Sabotage::AlterADelivery if strikes => given.iter_mut().for_each(alter),
            Sabotage::SwapDeliveries if is_event => {
                let earlier = self.clients[client].kept_back.take();
                match earlier {
                    None if strikes => self.clients[client].kept_back = given.pop(),
                    earlier => given.extend(earlier),
                }
            }
            _ => {}
        }
        let now = self.relay_now().unix;
        for delivery in given {
            self.clients[client].judge.delivered(&delivery, &self.ledger, now);
        }
    }

    fn open(&mut self, key: Key, transport: Transport, encoding: Encoding) {
        let tab = &mut self.clients[key.client];
        tab.open.insert(key.link);
        let (weather, is_blocked) = (tab.weather, tab.blocked.contains(&transport));
        let mut link = Link::new(transport, encoding, tab.quality);
        let at = link.arrival(Way::Up, self.time, 0, &mut self.dice);
        let event = match (weather, transport) {
            (Weather::BlackHole, _) => {
                link.die(Way::Down);
                link.die(Way::Up);
                None
            }
            _ if is_blocked || weather == Weather::Refusing => {
                Some(Event::ToClient(key, Down::Failed))
            }
            (Weather::Fair, Transport::WebSocket) => Some(Event::ToRelay(key, Up::Connect)),
            // Their first frame opens them.
            (_, _) => Some(Event::ToClient(key, Down::Opened)),
        };
        self.links.insert(key, link);
        event.into_iter().for_each(|event| self.schedule(at, event));
    }

    fn send(&mut self, key: Key, frame: Vec<u8>) {
        let Some(link) = self.links.get(&key).filter(|link| !link.is_left) else {
            return self.alarms.push(format!("something was sent on {key:?}, which is not open"));
        };
        match link.transport {
            Transport::WebSocket => {
                let opcode = match link.encoding {
                    Encoding::Json => OPCODE_TEXT,
                    Encoding::Binary => OPCODE_BINARY,
                };
                self.send_bytes(key, frames::masked(opcode, &frame, MASK));
            }
            Transport::Sse | Transport::Poll => self.send_up(key, Up::Frame(frame)),
        }
    }

    fn send_bytes(&mut self, key: Key, mut bytes: Vec<u8>) {
        let rest = bytes.split_off(self.dice.between(0, bytes.len()));
        self.send_up(key, Up::Bytes(bytes));
        self.send_up(key, Up::Bytes(rest));
    }

    pub(super) fn send_up(&mut self, key: Key, up: Up) {
        let Some(link) = self.links.get_mut(&key).filter(|link| !link.is_dead_up) else { return };
        let at = link.arrival(Way::Up, self.time, 0, &mut self.dice);
        self.schedule(at, Event::ToRelay(key, up));
    }

    pub(super) fn leave(&mut self, key: Key) {
        let tab = &mut self.clients[key.client];
        if !tab.open.remove(&key.link) {
            self.alarms.push(format!("{key:?} was closed twice"));
        }
        let Some(link) = self.links.get_mut(&key) else { return };
        link.is_left = true;
        link.in_flight.clear();
        if link.transport != Transport::Poll {
            self.send_up(key, Up::Gone);
        }
    }

    fn came(&mut self, key: Key) -> Option<&mut Vec<u8>> {
        self.links.get_mut(&key).filter(|link| !link.is_left).map(|link| &mut link.came)
    }
}

fn alter(delivery: &mut Delivery) {
    if let Delivery::Event(event) = delivery {
        let text = "something else".to_owned();
        event.payload = Payload::Notice(Notice { severity: Severity::Info, text });
    }
}
