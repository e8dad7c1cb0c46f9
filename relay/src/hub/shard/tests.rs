//! A shard against outlets made of memory: no sockets, no clock.

mod limits;
mod operator;
mod sign_in_ends;

use std::cell::RefCell;
use std::rc::Rc;

use tidemark_shared::clock::Moment;
use tidemark_shared::market::Quote;
use tidemark_shared::protocol::{
    AliasTable, Class, ClientMessage, Encoding, Epoch, Hello, Metadata, Method, Notice, Pattern,
    Payload, Position, Priority, Request, RequestId, Sequence, Severity, Subscribe, SubscribeTopic,
    Topic, Unsubscribe, VERSION, WhyNotRecovered,
};

use super::*;
use crate::auth::{Gate, Identity, Mode};
use crate::hub::outlet::{LastFrame, Written};
use crate::hub::{Answer, Question};
use crate::log::Window;
use crate::publication::Publication;

/// A socket made of memory. It takes as many bytes as it has room for.
#[derive(Debug, Default)]
struct Memory {
    written: Vec<u8>,
    writes: usize,
    room: usize,
    finished: Option<u16>,
    last_frame: Option<LastFrame>,
}

#[derive(Clone, Debug)]
struct MemoryOutlet(Rc<RefCell<Memory>>);

impl Outlet for MemoryOutlet {
    fn try_write(&mut self, bytes: &[u8]) -> Written {
        let mut memory = self.0.borrow_mut();
        let taken = bytes.len().min(memory.room);
        if taken == 0 {
            return Written::Full;
        }
        memory.room -= taken;
        memory.writes += 1;
        memory.written.extend_from_slice(&bytes[..taken]);
        Written::Bytes(taken)
    }

    fn finish(&mut self, code: u16, _reason: &str, last_frame: LastFrame) {
        let mut memory = self.0.borrow_mut();
        memory.finished = Some(code);
        memory.last_frame = Some(last_frame);
    }

    fn kind(&self) -> TransportKind {
        TransportKind::WebSocket
    }
}

/// Serves every topic of market data, and nothing else. A token is how many seconds a sign-in lasts.
struct MarketOnly;

impl Service for MarketOnly {
    fn sign_in(
        &self,
        hello: &Hello,
        newcomer: &Newcomer,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        Gate::new(Mode::Demo).sign_in(hello, newcomer.presented.as_ref(), now)
    }

    fn refresh(
        &self,
        current: &Arc<Identity>,
        token: Option<&str>,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        let refused = || WireError::new(ErrorCode::Unauthorized, "not yours");
        let lasts = token.and_then(|token| token.parse().ok()).ok_or_else(refused)?;
        let ends_at = Some(now + Duration::from_secs(lasts));
        Ok(Arc::new(Identity { ends_at, ..Identity::clone(current) }))
    }

    fn delay(&self, _identity: &Identity) -> Option<Duration> {
        None
    }

    fn admit(&self, _identity: &Identity, pattern: &Pattern) -> Result<(), WireError> {
        match pattern {
            Pattern::One(topic) if topic.class() == Class::Order => {
                Err(WireError::new(ErrorCode::Forbidden, "not yours"))
            }
            _ => Ok(()),
        }
    }

    fn answer(&self, question: Question<'_>) -> Answer {
        match question.method {
            Method::Documents { .. } => Answer::Later,
            _ => Answer::Now(Err(WireError::new(ErrorCode::Unavailable, "not here"))),
        }
    }
}

struct Bench {
    shard: Shard<MemoryOutlet>,
    sequencer: Arc<Mutex<Sequencer>>,
    now: Now,
}

struct Peer {
    id: ConnectionId,
    memory: Rc<RefCell<Memory>>,
    aliases: AliasTable,
    encoding: Encoding,
}

impl Bench {
    fn new() -> Self {
        Self::with_rules(ConnectionRules::default())
    }

    fn with_rules(rules: ConnectionRules) -> Self {
        let sequencer = Arc::new(Mutex::new(Sequencer::new(Epoch(9))));
        let bytes_max = 1024 * 1024;
        let window = Window { count_max: 50, age_max: Duration::from_secs(60), bytes_max };
        let settings = ShardSettings {
            relay: "test".into(),
            rules,
            retention: Retention { latest: window, log: window },
            seed: 1,
            index: 0,
        };
        let shard = Shard::new(settings, Arc::clone(&sequencer), Arc::new(MarketOnly));
        let now = Now { moment: Moment::START, unix: UnixMillis(1_000_000) };
        Bench { shard, sequencer, now }
    }

    fn wait(&mut self, time: Duration) {
        self.now = Now { moment: self.now.moment + time, unix: self.now.unix + time };
        self.shard.tick(self.now);
        self.shard.tick_throttled(self.now);
        self.shard.flush(self.now);
    }

    fn connect(&mut self, encoding: Encoding) -> Peer {
        self.connect_as(Newcomer::default(), encoding)
    }

    fn connect_as(&mut self, newcomer: Newcomer, encoding: Encoding) -> Peer {
        let memory = Rc::new(RefCell::new(Memory { room: usize::MAX / 2, ..Memory::default() }));
        let outlet = MemoryOutlet(Rc::clone(&memory));
        let id = self.shard.open(outlet, Framing::WebSocket(encoding), "s", newcomer, self.now);
        Peer { id, memory, aliases: AliasTable::new(), encoding }
    }

    fn say(&mut self, peer: &Peer, message: &ClientMessage) {
        let mut frame = Vec::new();
        peer.encoding.append_client(message, &mut frame);
        self.shard.hear(peer.id, &frame, self.now);
        self.shard.flush(self.now);
    }

    fn greet(&mut self, peer: &Peer, topics: Vec<SubscribeTopic>) {
        let hello =
            Hello { protocol: VERSION, client: "t".into(), token: None, user: None, topics };
        self.say(peer, &ClientMessage::Hello(hello));
    }

    fn reader_of(&mut self, topic: &str, from: Option<u64>) -> Peer {
        let peer = self.connect(Encoding::Json);
        self.greet(&peer, vec![wish(topic, from)]);
        peer
    }

    fn publish(&mut self, topic: &str, count: usize) {
        let messages: Vec<_> = (0..count).map(|_| self.number(topic)).collect();
        self.shard.append(&messages, self.now);
        self.shard.flush(self.now);
    }

    fn number(&self, topic: &str) -> Arc<Numbered> {
        let topic: Topic = topic.parse().unwrap();
        let payload = match topic.class() {
            Class::Price => Payload::Quote(Quote::of_price("1.5".parse().unwrap(), self.now.unix)),
            _ => return self.number_notice(topic.as_str(), "hi"),
        };
        self.number_payload(topic, payload)
    }

    fn number_notice(&self, topic: &str, text: &str) -> Arc<Numbered> {
        let notice = Notice { severity: Severity::Info, text: text.into() };
        self.number_payload(topic.parse().unwrap(), Payload::Notice(notice))
    }

    fn number_payload(&self, topic: Topic, payload: Payload) -> Arc<Numbered> {
        let publication = Publication {
            topic,
            at: self.now.unix,
            source: "test".into(),
            priority: Priority::Normal,
            meta: Metadata::default(),
            payload,
        };
        self.sequencer.lock().unwrap().number(publication).unwrap()
    }
}

impl Peer {
    /// Everything that came since the last call.
    fn read(&mut self) -> Vec<ServerMessage> {
        let bytes = std::mem::take(&mut self.memory.borrow_mut().written);
        let mut messages = Vec::new();
        let mut rest = bytes.as_slice();
        while let [first, second, after @ ..] = rest {
            let (length, skip) = match second {
                126 => (usize::from(u16::from_be_bytes([after[0], after[1]])), 2),
                127 => panic!("frames stay below 64 KiB"),
                short => (usize::from(*short), 0),
            };
            let payload = &after[skip..skip + length];
            if first & 0x0f <= 2 {
                messages.extend(self.encoding.decode_server(payload, &mut self.aliases).unwrap());
            }
            rest = &after[skip + length..];
        }
        assert!(rest.is_empty(), "half a frame was written");
        messages
    }

    fn sequences(&mut self) -> Vec<u64> {
        let events = self.read().into_iter().filter_map(|message| match message {
            ServerMessage::Event(event) => Some(event.position.sequence.0),
            _ => None,
        });
        events.collect()
    }

    fn closed_with(&self) -> Option<u16> {
        self.memory.borrow().finished
    }
}

fn wish(topic: &str, from: Option<u64>) -> SubscribeTopic {
    SubscribeTopic {
        topic: topic.parse().unwrap(),
        position: from.map(|sequence| Position::new(Epoch(9), Sequence(sequence))),
        rate_per_s_max: None,
    }
}

fn subscribed(messages: &[ServerMessage]) -> Vec<&Subscribed> {
    let told = messages.iter().filter_map(|message| match message {
        ServerMessage::Subscribed(told) => Some(told),
        _ => None,
    });
    told.collect()
}

use tidemark_shared::protocol::Subscribed;

#[test]
fn a_reader_gets_every_message_once_and_in_order_in_both_encodings() {
    let mut bench = Bench::new();
    bench.publish("price:A", 3);
    for encoding in [Encoding::Json, Encoding::Binary] {
        let mut peer = bench.connect(encoding);
        bench.greet(&peer, vec![wish("price:A", None)]);
        let messages = peer.read();
        assert!(matches!(messages[0], ServerMessage::Welcome(_)));
        let first = subscribed(&messages)[0].clone();
        let head = first.head.0;
        assert_eq!(first.snapshot.unwrap().position.sequence.0, head);
        bench.publish("price:A", 4);
        bench.publish("price:A", 1);
        assert_eq!(peer.sequences(), (head + 1..=head + 5).collect::<Vec<_>>());
    }
}

#[test]
fn a_reader_who_comes_back_goes_on_where_it_stood() {
    let mut bench = Bench::new();
    bench.publish("price:A", 40);
    let mut peer = bench.reader_of("price:A", Some(13));
    let messages = peer.read();
    let told = subscribed(&messages)[0];
    assert_eq!((told.position.sequence, told.head, told.lost), (Sequence(13), Sequence(40), None));
    let caught_up = messages.iter().filter(|m| matches!(m, ServerMessage::Event(_))).count();
    assert_eq!(caught_up, 27);
}

#[test]
fn a_reader_whose_place_has_left_the_window_is_told_and_gets_a_snapshot() {
    let mut bench = Bench::new();
    bench.publish("price:A", 100);
    let mut peer = bench.reader_of("price:A", Some(13));
    let messages = peer.read();
    let told = subscribed(&messages)[0];
    assert_eq!(told.lost, Some(WhyNotRecovered::Expired));
    assert_eq!(told.snapshot.as_ref().unwrap().position.sequence, Sequence(100));
}

#[test]
fn a_turn_is_one_write_per_connection_across_all_topics() {
    let mut bench = Bench::new();
    let mut peer = bench.connect(Encoding::Json);
    bench.greet(&peer, vec![wish("price:A", None), wish("price:B", None)]);
    peer.read();
    let before = peer.memory.borrow().writes;
    let messages: Vec<_> = ["price:A", "price:B", "price:A"].map(|t| bench.number(t)).into();
    bench.shard.append(&messages, bench.now);
    bench.shard.flush(bench.now);
    assert_eq!(peer.memory.borrow().writes, before + 1);
    assert_eq!(peer.sequences().len(), 3);
}

#[test]
fn readers_at_the_same_place_share_one_batch() {
    let mut bench = Bench::new();
    let mut peers: Vec<Peer> = (0..3).map(|_| bench.reader_of("price:A", None)).collect();
    peers.iter_mut().for_each(|peer| drop(peer.read()));
    bench.publish("price:A", 1);
    assert!(bench.shard.memo.is_some(), "the batch was thrown away after the first of them");
    for peer in &mut peers {
        assert_eq!(peer.sequences(), [1]);
    }
}

#[test]
fn a_slow_reader_of_prices_jumps_to_the_newest_and_is_told_what_it_skipped() {
    let mut bench = Bench::new();
    let mut peer = bench.reader_of("price:A", None);
    peer.read();
    peer.memory.borrow_mut().room = 10;
    bench.publish("price:A", 1);
    assert_eq!(bench.shard.take_blocked(), [peer.id]);
    bench.publish("price:A", 200);
    peer.memory.borrow_mut().room = usize::MAX / 2;
    bench.shard.writable(peer.id, bench.now);
    let messages = peer.read();
    let [ServerMessage::Event(first), ServerMessage::Skipped(skipped), ServerMessage::Event(last)] =
        messages.as_slice()
    else {
        panic!("{messages:?}")
    };
    assert_eq!(first.position.sequence, Sequence(1));
    assert_eq!((skipped.from, skipped.to), (Sequence(2), Sequence(200)));
    assert_eq!(last.position.sequence, Sequence(201));
    bench.publish("price:A", 1);
    assert_eq!(peer.sequences(), [202], "afterwards it is live");
}

#[test]
fn a_slow_reader_of_a_log_catches_up_and_past_the_window_is_reset() {
    let mut bench = Bench::new();
    let mut peer = bench.reader_of("system:notifications", None);
    peer.read();
    for (published, expected) in [(30, 31), (200, 1)] {
        peer.memory.borrow_mut().room = 10;
        bench.publish("system:notifications", 1);
        bench.publish("system:notifications", published);
        peer.memory.borrow_mut().room = usize::MAX / 2;
        bench.shard.writable(peer.id, bench.now);
        let messages = peer.read();
        let events = messages.iter().filter(|m| matches!(m, ServerMessage::Event(_))).count();
        let resets = messages.iter().filter(|m| matches!(m, ServerMessage::Reset(_))).count();
        assert_eq!((events, resets), (expected, usize::from(published > 50)));
    }
}

#[test]
fn a_slow_reader_holds_at_most_one_batch() {
    let mut bench = Bench::new();
    let peer = bench.reader_of("price:A", None);
    peer.memory.borrow_mut().room = 1;
    for _ in 0..100 {
        bench.publish("price:A", 100);
    }
    let connection = bench.shard.connections.get(peer.id).unwrap();
    assert!(connection.leftover.len() < 64 * 1024);
    assert!(connection.pending.capacity() == 0 && connection.replies.is_empty());
}

#[test]
fn who_wants_few_messages_gets_the_newest_at_that_rate() {
    let mut bench = Bench::new();
    let mut peer = bench.connect(Encoding::Json);
    let slowly = SubscribeTopic { rate_per_s_max: Some(2), ..wish("price:A", None) };
    bench.greet(&peer, vec![slowly]);
    bench.publish("price:A", 1);
    assert_eq!(peer.sequences(), [1]);
    bench.publish("price:A", 7);
    bench.wait(Duration::from_millis(499));
    assert!(peer.sequences().is_empty());
    bench.wait(Duration::from_millis(1));
    let messages = peer.read();
    assert!(
        matches!(&messages[0], ServerMessage::Skipped(s) if s.to == Sequence(7)),
        "{messages:?}"
    );
    assert!(matches!(&messages[1], ServerMessage::Event(e) if e.position.sequence == Sequence(8)));
}

#[test]
fn nothing_of_a_topic_comes_after_it_was_given_back() {
    let mut bench = Bench::new();
    let mut peer = bench.connect(Encoding::Json);
    let topics: Vec<_> = ["price:A", "price:B", "price:C"].map(|t| wish(t, None)).into();
    bench.greet(&peer, topics);
    peer.read();
    let unwanted = Unsubscribe { topics: vec!["price:A".parse().unwrap()] };
    bench.say(&peer, &ClientMessage::Unsubscribe(unwanted));
    bench.publish("price:A", 1);
    bench.publish("price:B", 1);
    bench.publish("price:C", 1);
    let messages = peer.read();
    assert!(matches!(messages[0], ServerMessage::Unsubscribed(_)));
    let topics: Vec<_> = messages[1..]
        .iter()
        .map(|message| match message {
            ServerMessage::Event(event) => event.topic.as_str().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(topics, ["price:B", "price:C"]);
}

#[test]
fn a_class_is_subscribed_to_with_what_is_there_and_what_comes() {
    let mut bench = Bench::new();
    bench.publish("feed:a", 1);
    let mut peer = bench.reader_of("feed:*", None);
    assert_eq!(subscribed(&peer.read()).len(), 1);
    bench.publish("feed:b", 1);
    let messages = peer.read();
    assert_eq!(subscribed(&messages)[0].topic.as_str(), "feed:b");
    assert!(
        messages
            .iter()
            .any(|m| matches!(m, ServerMessage::Event(e) if e.topic.as_str() == "feed:b"))
    );
}

#[test]
fn demand_is_reported_when_the_first_reader_comes_and_the_last_one_goes() {
    let mut bench = Bench::new();
    let topic: Topic = "price:A".parse().unwrap();
    let first = bench.reader_of("price:A", None);
    let second = bench.reader_of("price:A", None);
    assert_eq!(bench.shard.take_demands(), [Demand::Wanted(topic.clone())]);
    bench.shard.gone(first.id);
    assert_eq!(bench.shard.take_demands(), []);
    bench.shard.gone(second.id);
    assert_eq!(bench.shard.take_demands(), [Demand::Released(topic)]);
}

#[test]
fn readers_that_come_and_go_leave_the_others_undisturbed() {
    let mut bench = Bench::new();
    let mut peers: Vec<Peer> = (0..20).map(|_| bench.reader_of("price:A", None)).collect();
    for gone in [0, 7, 11, 3] {
        let peer = peers.remove(gone);
        bench.shard.gone(peer.id);
        peers.push(bench.reader_of("price:A", None));
    }
    peers.iter_mut().for_each(|peer| drop(peer.read()));
    bench.publish("price:A", 2);
    for peer in &mut peers {
        assert_eq!(peer.sequences(), [1, 2]);
    }
}

#[test]
fn rubbish_and_a_missing_hello_close_the_connection_with_a_reason() {
    let mut bench = Bench::new();
    let peer = bench.connect(Encoding::Json);
    bench.shard.hear(peer.id, b"what?", bench.now);
    assert_eq!(peer.closed_with(), Some(CloseCode::ProtocolError.number()));

    let peer = bench.connect(Encoding::Json);
    bench.say(&peer, &ClientMessage::Subscribe(Subscribe { topics: Vec::new() }));
    assert_eq!(peer.closed_with(), Some(CloseCode::ProtocolError.number()));

    let peer = bench.connect(Encoding::Json);
    bench.wait(Duration::from_secs(5));
    assert_eq!(peer.closed_with(), Some(CloseCode::NoHello.number()));
}

#[test]
fn a_refused_topic_is_named_and_the_others_are_served() {
    let mut bench = Bench::new();
    let mut peer = bench.connect(Encoding::Json);
    bench.greet(&peer, vec![wish("order:7", None), wish("price:A", None)]);
    let messages = peer.read();
    assert!(messages.iter().any(|message| matches!(
        message,
        ServerMessage::Error { error, topic: Some(topic) }
            if error.code == ErrorCode::Forbidden && topic.to_string() == "order:7"
    )));
    assert_eq!(subscribed(&messages).len(), 1);
}

#[test]
fn a_flood_of_requests_is_slowed_down_and_each_is_answered() {
    let mut bench = Bench::new();
    let mut peer = bench.connect(Encoding::Json);
    bench.greet(&peer, Vec::new());
    for id in 0..500 {
        let ping = Request { id: RequestId(id), method: Method::Ping {} };
        bench.say(&peer, &ClientMessage::Request(ping));
    }
    let (mut answered, mut refused) = (0, 0);
    for message in peer.read() {
        match message {
            ServerMessage::Response(response) => match response.outcome {
                Ok(_) => answered += 1,
                Err(error) => {
                    assert_eq!(error.code, ErrorCode::RateLimited);
                    refused += 1;
                }
            },
            other => assert!(matches!(other, ServerMessage::Welcome(_))),
        }
    }
    assert_eq!(answered + refused, 500);
    assert!((150..=250).contains(&answered), "{answered}");
}

#[test]
fn a_silent_connection_gets_heartbeats_and_is_closed_when_it_is_dead() {
    let mut bench = Bench::new();
    let mut peer = bench.reader_of("price:A", None);
    bench.publish("price:A", 2);
    peer.read();
    bench.wait(Duration::from_secs(30));
    let beat = peer.read().pop().unwrap();
    let ServerMessage::Heartbeat(beat) = beat else { panic!("{beat:?}") };
    assert_eq!(beat.topics[0].sequence, Sequence(2));
    bench.shard.sign_of_life(peer.id, bench.now);
    bench.wait(Duration::from_secs(60));
    assert_eq!(peer.closed_with(), None);
    bench.wait(Duration::from_secs(1));
    assert_eq!(peer.closed_with(), Some(CloseCode::Silent.number()));
}

#[test]
fn a_drain_says_goodbye_after_everything_that_was_published() {
    let mut bench = Bench::new();
    let mut peer = bench.reader_of("price:A", None);
    peer.read();
    let last = bench.number("price:A");
    bench.shard.append(&[last], bench.now);
    bench.shard.drain(Duration::from_secs(5), bench.now);
    let messages = peer.read();
    let [ServerMessage::Event(_), ServerMessage::Closing(closing)] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    assert!(closing.reconnect && closing.after_ms <= 5_000);
}

#[test]
fn a_reader_that_is_closed_within_a_frame_is_not_told_in_the_middle_of_it() {
    let mut bench = Bench::new();
    let reader = bench.reader_of("price:A", None);
    reader.memory.borrow_mut().room = 10;
    bench.publish("price:A", 1);
    // There is room again before anybody notices.
    reader.memory.borrow_mut().room = 1_000;
    bench.shard.close(reader.id, CloseCode::Silent, "silent", Duration::ZERO, bench.now);
    assert_eq!(reader.memory.borrow().last_frame, Some(LastFrame::Cut));

    let reader = bench.reader_of("price:A", None);
    bench.shard.close(reader.id, CloseCode::Silent, "silent", Duration::ZERO, bench.now);
    assert_eq!(reader.memory.borrow().last_frame, Some(LastFrame::Whole));
}

#[test]
fn a_topic_that_somebody_asks_for_by_name_comes_to_those_who_read_its_class() {
    let mut bench = Bench::new();
    let mut of_all = bench.connect(Encoding::Json);
    let all =
        SubscribeTopic { topic: Pattern::All(Class::Feed), position: None, rate_per_s_max: None };
    bench.greet(&of_all, vec![all.clone()]);
    of_all.read();
    // Before anything is published into it.
    let mut of_both = bench.connect(Encoding::Json);
    bench.greet(&of_both, vec![wish("feed:late", None), all]);
    bench.publish("feed:late", 2);
    for reader in [&mut of_all, &mut of_both] {
        let messages = reader.read();
        assert_eq!(subscribed(&messages).len(), 1, "{messages:?}");
        let events = messages.iter().filter(|m| matches!(m, ServerMessage::Event(_))).count();
        assert_eq!(events, 2);
    }
}

#[test]
fn two_long_snapshots_that_are_due_at_once_still_fit_into_frames() {
    // The first leaves just a little room, the second is as long as a message can be.
    let lengths = [32_460, 32_600];
    let topics = ["system:notifications", "signal:A"];
    let wishes = [wish(topics[0], None), wish(topics[1], None), wish("price:A", None)];
    for order in [[0, 1], [1, 0]] {
        let mut bench = Bench::new();
        let mut reader = bench.connect(Encoding::Json);
        bench.greet(&reader, wishes.to_vec());
        reader.read();
        reader.memory.borrow_mut().room = 0;
        bench.publish("price:A", 1);
        for (topic, index) in topics.into_iter().zip(order) {
            bench.publish(topic, 60);
            let long = bench.number_notice(topic, &"x".repeat(lengths[index]));
            bench.shard.append(&[long], bench.now);
            bench.shard.flush(bench.now);
        }
        reader.memory.borrow_mut().room = usize::MAX / 2;
        bench.shard.writable(reader.id, bench.now);
        bench.shard.flush(bench.now);
        let resets = reader.read().into_iter().filter(|m| matches!(m, ServerMessage::Reset(_)));
        assert_eq!(resets.count(), 2);
    }
}

#[test]
fn an_answer_that_takes_its_time_reaches_who_asked_and_nobody_else() {
    let mut bench = Bench::new();
    let mut asker = bench.reader_of("price:A", None);
    let mut other = bench.reader_of("price:A", None);
    let question = Request { id: RequestId(4), method: Method::Documents { after: None } };
    bench.say(&asker, &ClientMessage::Request(question));
    let answers = |peer: &mut Peer| {
        let said = peer.read().into_iter();
        said.filter(|message| matches!(message, ServerMessage::Response(_))).count()
    };
    assert_eq!((answers(&mut asker), answers(&mut other)), (0, 0), "it is not there yet");
    let refused = || Err(WireError::new(ErrorCode::Unavailable, "not today"));
    bench.shard.answered(asker.id, RequestId(4), refused());
    bench.shard.flush(bench.now);
    assert_eq!((answers(&mut asker), answers(&mut other)), (1, 0));
    bench.shard.gone(asker.id);
    bench.shard.answered(asker.id, RequestId(4), refused());
    bench.shard.flush(bench.now);
    assert_eq!((answers(&mut asker), answers(&mut other)), (0, 0), "who asked has gone");
}
