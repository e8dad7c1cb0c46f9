//! A small relay with real logs. It speaks the protocol as PROTOCOL.md has it, slowly and simply.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    Beat, ClientMessage, Closing, ConnectionLimits, Delivery, Encoding, Epoch, ErrorCode,
    Heartbeat, Method, NeedsAuth, Pattern, Position, Refreshed, Reply, Request, Response, Sequence,
    ServerMessage, Skipped, SubscribeTopic, Topic, Unsubscribed, VERSION, Welcome, WireError,
};
use tidemark_shared::session::LinkId;

use super::dice::Dice;
use super::log::Log;
use super::relay_end::{RelayEnd, Said};

/// The relay's clock at the beginning of the world.
pub const RELAY_EPOCH_MS: i64 = 1_763_000_000_000;

const HEARTBEAT: Duration = Duration::from_secs(30);
const DEAD_AFTER: Duration = Duration::from_secs(60);

/// So long before its end a sign-in is said to end.
const WARNED_BEFORE: Duration = Duration::from_secs(20);

/// So long after its end the connection is closed.
const CLOSED_AFTER: Duration = Duration::from_secs(10);

/// Something that a relay must never do, done on purpose once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An event is not sent; the one after it is.
    LosesOne,
    /// An event is sent twice.
    RepeatsOne,
    /// An event is not sent, and nothing comes after it.
    LosesTheLast,
    /// Two events are sent in the wrong order.
    SwapsTwo,
    /// Every event but each second one is lost, also when it is asked for again.
    LogHasAHole,
}

pub struct ModelRelay {
    logs: BTreeMap<Topic, Log>,
    readers: BTreeMap<LinkId, Reader>,
    said: VecDeque<(LinkId, Said)>,
    dice: Dice,
    epoch: u64,
    pub retained_max: usize,
    pub fault: Option<Fault>,
    /// Topics that are refused.
    pub forbidden: BTreeSet<Topic>,
    /// What the first `hello` is answered with instead of `welcome`.
    pub refusal: Option<(u16, &'static str)>,
    /// Time to live that every published event gets.
    pub ttl_ms: Option<u64>,
    /// Tokens that came with `hello`.
    pub tokens: Vec<Option<String>>,
    /// How long a sign-in lasts; absent where it does not end.
    pub sign_in_lasts: Option<Duration>,
    /// Whether a newer sign-in counts.
    pub renewal: Renewal,
    /// Tokens that came with `refresh`.
    pub refreshes: Vec<Option<String>>,
    /// Sign-ins that have ended while their connection stood.
    pub ended: u64,
    /// How many frames with how many bytes at most came from clients.
    pub frames: u64,
    pub frame_bytes_max: usize,
    /// Answers no requests.
    pub is_mute: bool,
    /// How it writes between two beats; at a beat it is thorough.
    pub pace: Pace,
}

/// What becomes of a newer sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// It counts.
    Counts,
    /// It does not.
    Refused,
}

struct Reader {
    encoding: Encoding,
    is_greeted: bool,
    sign_in: SignIn,
    patterns: BTreeSet<Pattern>,
    cursors: BTreeMap<Topic, Place>,
    beat_at: Duration,
}

/// How far a reader's sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignIn {
    /// It does not end.
    Endless,
    /// It counts, and ends then.
    Until(Duration),
    /// Its end was announced.
    Announced(Duration),
    /// It has ended then: nothing is told any more.
    Ended(Duration),
}

impl SignIn {
    fn of(lasts: Option<Duration>, now: Duration) -> Self {
        lasts.map_or(SignIn::Endless, |lasts| SignIn::Until(now + lasts))
    }

    fn ends_at(self) -> Option<UnixMillis> {
        match self {
            SignIn::Endless => None,
            SignIn::Until(end) | SignIn::Announced(end) | SignIn::Ended(end) => Some(unix(end)),
        }
    }

    fn due(self) -> Option<Duration> {
        match self {
            SignIn::Endless => None,
            SignIn::Until(end) => Some(end.saturating_sub(WARNED_BEFORE)),
            SignIn::Announced(end) => Some(end),
            SignIn::Ended(end) => Some(end + CLOSED_AFTER),
        }
    }
}

/// How a reader is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// All topics, but one now and then, as the dice say: it comes later.
    Lazy,
    /// All topics.
    Thorough,
}

struct Place {
    alias: u32,
    sent: Sequence,
}

impl ModelRelay {
    pub fn new(seed: u64, topics: &[Topic]) -> Self {
        let mut relay = ModelRelay {
            logs: BTreeMap::new(),
            readers: BTreeMap::new(),
            said: VecDeque::new(),
            dice: Dice::new(seed ^ 0x5eed),
            epoch: 1_000,
            retained_max: 16,
            fault: None,
            forbidden: BTreeSet::new(),
            refusal: None,
            ttl_ms: None,
            tokens: Vec::new(),
            sign_in_lasts: None,
            renewal: Renewal::Counts,
            refreshes: Vec::new(),
            ended: 0,
            frames: 0,
            frame_bytes_max: 0,
            is_mute: false,
            pace: Pace::Thorough,
        };
        for topic in topics {
            relay.add_topic(topic);
        }
        relay
    }

    /// Another log comes into being.
    pub fn add_topic(&mut self, topic: &Topic) {
        if self.logs.contains_key(topic) {
            return;
        }
        let log = Log::new(topic.clone(), Epoch(self.epoch), self.retained_max);
        self.logs.insert(topic.clone(), log);
        for link in self.greeted() {
            let covered = self.reader(link).patterns.iter().any(|wanted| wanted.matches(topic));
            if covered {
                self.subscribe(link, topic, None);
            }
        }
    }

    /// Appends several messages before anybody is sent one.
    pub fn publish_together(&mut self, topic: &Topic, count: u64, now: Duration) {
        if let Some(log) = self.logs.get_mut(topic) {
            (0..count).for_each(|_| log.append(unix(now), self.ttl_ms));
            self.pump_all();
        }
    }

    /// Says goodbye to everybody.
    pub fn close_all(&mut self, closing: &Closing) {
        for link in self.greeted() {
            self.say(link, &ServerMessage::Closing(closing.clone()));
        }
    }

    fn greeted(&self) -> Vec<LinkId> {
        let greeted = self.readers.iter().filter(|(_, reader)| reader.is_greeted);
        greeted.map(|(link, _)| *link).collect()
    }

    fn reader(&mut self, link: LinkId) -> &mut Reader {
        self.readers.get_mut(&link).unwrap()
    }

    fn take(&mut self, link: LinkId, message: ClientMessage, now: Duration) {
        match message {
            ClientMessage::Hello(hello) => {
                self.tokens.push(hello.token);
                if let Some((code, reason)) = self.refusal {
                    self.said.push_back((link, Said::Close { code, reason: reason.into() }));
                    return;
                }
                let sign_in = SignIn::of(self.sign_in_lasts, now);
                let reader = self.reader(link);
                (reader.is_greeted, reader.sign_in) = (true, sign_in);
                self.say(link, &welcome(link, sign_in, now));
                self.wish_all(link, hello.topics);
            }
            ClientMessage::Subscribe(subscribe) => self.wish_all(link, subscribe.topics),
            ClientMessage::Unsubscribe(unsubscribe) => {
                for pattern in unsubscribe.topics {
                    let reader = self.reader(link);
                    reader.patterns.remove(&pattern);
                    let patterns = reader.patterns.clone();
                    let kept = |topic: &Topic| patterns.iter().any(|other| other.matches(topic));
                    reader.cursors.retain(|topic, _| !pattern.matches(topic) || kept(topic));
                    self.say(link, &ServerMessage::Unsubscribed(Unsubscribed { topic: pattern }));
                }
            }
            ClientMessage::Request(Request { .. }) if self.is_mute => {}
            ClientMessage::Refresh(refresh) => self.renew(link, refresh.token, now),
            ClientMessage::Request(Request { id, method }) => {
                let outcome = match method {
                    _ if self.has_ended(link) => Err(signed_out()),
                    Method::Ping {} => Ok(Reply::Ping { server_time: unix(now) }),
                    _ => Err(WireError::new(ErrorCode::NotFound, "the model only knows ping")),
                };
                self.say(link, &ServerMessage::Response(Response { id, outcome }));
            }
        }
    }

    fn has_ended(&mut self, link: LinkId) -> bool {
        matches!(self.reader(link).sign_in, SignIn::Ended(_))
    }

    fn renew(&mut self, link: LinkId, token: Option<String>, now: Duration) {
        self.refreshes.push(token);
        if self.renewal == Renewal::Refused {
            let error = WireError::new(ErrorCode::Unauthorized, "this sign-in does not count");
            self.say(link, &ServerMessage::Error { error, topic: None });
            return;
        }
        let sign_in = SignIn::of(self.sign_in_lasts, now);
        self.reader(link).sign_in = sign_in;
        let refreshed = Refreshed { ends_at: sign_in.ends_at(), delayed_ms: None };
        self.say(link, &ServerMessage::Refreshed(refreshed));
    }

    /// Does what is due of a reader's sign-in.
    fn age_sign_in(&mut self, link: LinkId, now: Duration) {
        let sign_in = self.reader(link).sign_in;
        if sign_in.due().is_none_or(|due| due > now) {
            return;
        }
        match sign_in {
            SignIn::Endless => {}
            SignIn::Until(end) => {
                self.reader(link).sign_in = SignIn::Announced(end);
                let told = NeedsAuth { ends_at: unix(end) };
                self.say(link, &ServerMessage::NeedsAuth(told));
            }
            SignIn::Announced(end) => {
                self.ended += 1;
                let reader = self.reader(link);
                reader.sign_in = SignIn::Ended(end);
                let topics = std::mem::take(&mut reader.cursors).into_keys().map(Pattern::One);
                let patterns = std::mem::take(&mut reader.patterns);
                for topic in topics.chain(patterns).collect::<BTreeSet<_>>() {
                    let given_back = Unsubscribed { topic: topic.clone() };
                    self.say(link, &ServerMessage::Unsubscribed(given_back));
                    let (error, topic) = (signed_out(), Some(topic));
                    self.say(link, &ServerMessage::Error { error, topic });
                }
            }
            SignIn::Ended(_) => {
                self.reader(link).sign_in = SignIn::Endless;
                let (code, reason) = (4504, "sign in again".to_owned());
                self.said.push_back((link, Said::Close { code, reason }));
            }
        }
    }

    fn wish_all(&mut self, link: LinkId, wishes: Vec<SubscribeTopic>) {
        let has_ended = self.has_ended(link);
        for wish in wishes {
            if has_ended {
                let (error, topic) = (signed_out(), Some(wish.topic));
                self.say(link, &ServerMessage::Error { error, topic });
                continue;
            }
            self.reader(link).patterns.insert(wish.topic.clone());
            match wish.topic {
                Pattern::One(topic) => self.subscribe(link, &topic, wish.position),
                Pattern::All(class) => {
                    let topics = self.logs.keys().filter(|topic| topic.class() == class);
                    for topic in topics.cloned().collect::<Vec<_>>() {
                        if !self.reader(link).cursors.contains_key(&topic) {
                            self.subscribe(link, &topic, None);
                        }
                    }
                }
            }
        }
    }

    fn subscribe(&mut self, link: LinkId, topic: &Topic, from: Option<Position>) {
        let log = self.logs.get(topic).filter(|_| !self.forbidden.contains(topic));
        let Some(log) = log else {
            let error = WireError::new(ErrorCode::NotFound, "no such topic");
            let topic = Some(Pattern::One(topic.clone()));
            self.say(link, &ServerMessage::Error { error, topic });
            return;
        };
        let reader = self.readers.get_mut(&link).unwrap();
        let alias = reader.cursors.len() as u32;
        let alias = reader.cursors.get(topic).map_or(alias, |place| place.alias);
        let told = log.subscribe(from, alias);
        reader.cursors.insert(topic.clone(), Place { alias, sent: told.position.sequence });
        self.say(link, &ServerMessage::Subscribed(told));
    }

    /// Writes what a reader has not been sent.
    fn pump(&mut self, link: LinkId, pace: Pace) {
        let reader = self.readers.get_mut(&link).unwrap();
        let (mut frame, encoding) = (Vec::new(), reader.encoding);
        for (topic, place) in &mut reader.cursors {
            let log = &self.logs[topic];
            if log.head().sequence <= place.sent || (pace == Pace::Lazy && self.dice.once_in(6)) {
                continue;
            }
            let is_latest = topic.class().delivery() == Delivery::Latest;
            let newest = log.head().sequence;
            let lag = newest.0 - place.sent.0;
            if is_latest && (log.has_forgotten(place.sent) || (lag > 1 && self.dice.once_in(3))) {
                let (from, to) = (place.sent.next(), Sequence(newest.0 - 1));
                let skipped = Skipped { topic: topic.clone(), from, to };
                encoding.append_server(&ServerMessage::Skipped(skipped), &mut frame);
                place.sent = to;
            } else if log.has_forgotten(place.sent) {
                let told =
                    log.subscribe(Some(Position::new(log.head().epoch, place.sent)), place.alias);
                place.sent = told.position.sequence;
                encoding.append_server(&ServerMessage::Reset(told), &mut frame);
                continue;
            }
            let mut events: Vec<_> = log.after(place.sent).cloned().collect();
            place.sent = newest;
            let before = events.clone();
            match self.fault {
                Some(Fault::LosesOne) if events.len() > 1 => {
                    events.remove(0);
                }
                Some(Fault::LosesTheLast) => {
                    events.pop();
                }
                Some(Fault::RepeatsOne) => events.push(events[0].clone()),
                Some(Fault::SwapsTwo) if events.len() > 1 => events.swap(0, 1),
                Some(Fault::LogHasAHole) => {
                    events.retain(|event| event.position.sequence.0 % 2 == 0)
                }
                Some(Fault::LosesOne | Fault::SwapsTwo) | None => {}
            }
            if events != before && self.fault != Some(Fault::LogHasAHole) {
                self.fault = None;
            }
            for event in &events {
                encoding.append_event(event, place.alias, &mut frame);
            }
        }
        if !frame.is_empty() {
            self.said.push_back((link, Said::Frame(frame)));
        }
    }

    fn pump_all(&mut self) {
        self.greeted().into_iter().for_each(|link| self.pump(link, self.pace));
    }

    fn say(&mut self, link: LinkId, message: &ServerMessage) {
        let mut frame = Vec::new();
        self.readers[&link].encoding.append_server(message, &mut frame);
        self.said.push_back((link, Said::Frame(frame)));
    }
}

impl RelayEnd for ModelRelay {
    fn connected(&mut self, link: LinkId, encoding: Encoding, now: Duration) {
        let reader = Reader {
            encoding,
            is_greeted: false,
            sign_in: SignIn::Endless,
            patterns: BTreeSet::new(),
            cursors: BTreeMap::new(),
            beat_at: now + HEARTBEAT,
        };
        self.readers.insert(link, reader);
    }

    fn received(&mut self, link: LinkId, frame: &[u8], now: Duration) {
        let Some(reader) = self.readers.get(&link) else { return };
        self.frames += 1;
        self.frame_bytes_max = self.frame_bytes_max.max(frame.len());
        for message in reader.encoding.decode_client(frame).expect("the client speaks the protocol")
        {
            self.take(link, message, now);
        }
        if self.reader(link).is_greeted {
            self.pump(link, self.pace);
        }
    }

    fn disconnected(&mut self, link: LinkId) {
        self.readers.remove(&link);
    }

    fn tick(&mut self, now: Duration) {
        for link in self.greeted() {
            self.age_sign_in(link, now);
            if self.reader(link).beat_at > now {
                continue;
            }
            self.pump(link, Pace::Thorough);
            let reader = self.reader(link);
            reader.beat_at = now + HEARTBEAT;
            let as_of = Some(unix(now));
            let beat = |(topic, place): (&Topic, &Place)| Beat {
                topic: topic.clone(),
                sequence: place.sent,
                as_of,
            };
            let topics = reader.cursors.iter().map(beat).collect();
            self.say(link, &ServerMessage::Heartbeat(Heartbeat { at: unix(now), topics }));
        }
    }

    fn next_deadline(&self) -> Option<Duration> {
        let greeted = self.readers.values().filter(|reader| reader.is_greeted);
        let due = |reader: &Reader| [Some(reader.beat_at), reader.sign_in.due()];
        greeted.flat_map(due).flatten().min()
    }

    fn poll(&mut self) -> Option<(LinkId, Said)> {
        self.said.pop_front()
    }

    fn publish(&mut self, topic: &Topic, now: Duration) {
        if let Some(log) = self.logs.get_mut(topic) {
            log.append(unix(now), self.ttl_ms);
            self.pump_all();
        }
    }

    fn restart(&mut self, _now: Duration) {
        self.readers.clear();
        self.said.clear();
        self.epoch += 1;
        self.logs.values_mut().for_each(|log| log.restart(Epoch(self.epoch)));
    }

    fn head(&self, topic: &Topic) -> Option<Position> {
        self.logs.get(topic).map(Log::head)
    }
}

fn unix(now: Duration) -> UnixMillis {
    UnixMillis(RELAY_EPOCH_MS) + now
}

fn signed_out() -> WireError {
    WireError::new(ErrorCode::Unauthorized, "the sign-in has ended; sign in again")
}

fn welcome(link: LinkId, sign_in: SignIn, now: Duration) -> ServerMessage {
    ServerMessage::Welcome(Welcome {
        protocol: VERSION,
        relay: "model".into(),
        session: format!("{}", link.0),
        user: "somebody".into(),
        server_time: unix(now),
        heartbeat_ms: HEARTBEAT.as_millis() as u64,
        dead_after_ms: DEAD_AFTER.as_millis() as u64,
        limits: ConnectionLimits {
            frame_bytes_max: 64 * 1_024,
            topics_max: 4_096,
            messages_per_s_max: 100,
        },
        ends_at: sign_in.ends_at(),
        delayed_ms: None,
    })
}
