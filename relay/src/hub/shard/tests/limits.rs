//! Too much of something.

use tidemark_shared::protocol::{FRAME_MESSAGES_MAX, TOPICS_PER_REQUEST_MAX};

use super::*;
use crate::hub::UserRules;

fn greet_as(bench: &mut Bench, user: &str) -> Peer {
    let peer = bench.connect(Encoding::Json);
    let hello = Hello {
        protocol: VERSION,
        client: "t".into(),
        token: None,
        user: Some(user.parse().unwrap()),
        topics: Vec::new(),
    };
    bench.say(&peer, &ClientMessage::Hello(hello));
    peer
}

fn ping(bench: &mut Bench, peer: &Peer, id: u64) {
    let ping = Request { id: RequestId(id), method: Method::Ping {} };
    bench.say(peer, &ClientMessage::Request(ping));
}

/// Names of the limits that refused something, in order, each once in a row.
fn limits_in(messages: &[ServerMessage]) -> Vec<String> {
    let errors = messages.iter().filter_map(|message| match message {
        ServerMessage::Error { error, .. } => Some(error),
        ServerMessage::Response(response) => response.outcome.as_ref().err(),
        _ => None,
    });
    let mut names: Vec<String> =
        errors.map(|error| error.limit.as_ref().unwrap().name.to_string()).collect();
    names.dedup();
    names
}

#[test]
fn a_connection_that_goes_on_flooding_is_closed_and_told_when_to_come_back() {
    let mut bench = Bench::new();
    let mut peer = bench.connect(Encoding::Json);
    bench.greet(&peer, Vec::new());
    (0..2_000).for_each(|id| ping(&mut bench, &peer, id));
    let said = peer.read();
    assert_eq!(limits_in(&said), ["connection.messages_per_s_max"]);
    let Some(ServerMessage::Closing(closing)) = said.last() else { panic!("it is still open") };
    assert_eq!(closing.code, CloseCode::Overloaded.number());
    assert!(closing.reason.contains("connection.messages_per_s_max is 50"), "{}", closing.reason);
    assert_eq!(closing.after_ms, 10_000);
    assert!(said.len() < 800, "what comes after the close is not answered: {}", said.len());
}

#[test]
fn a_flood_of_bytes_is_refused_by_its_own_limit() {
    let mut bench = Bench::new();
    let mut peer = bench.connect(Encoding::Json);
    bench.greet(&peer, Vec::new());
    let mut frame = br#"{"type":"request","id":5,"method":"ping","params":{},"x":""#.to_vec();
    frame.resize(60_000, b'x');
    frame.extend(br#""}"#);
    let mut sent = 0;
    while peer.closed_with().is_none() {
        bench.shard.hear(peer.id, &frame, bench.now);
        bench.shard.flush(bench.now);
        sent += 1;
        assert!(sent < 200, "it is still open");
    }
    let said = peer.read();
    let refused = said.iter().filter(|message| {
        matches!(message, ServerMessage::Response(response) if response.id == RequestId(5)
            && response.outcome.is_err())
    });
    assert_eq!(limits_in(&said), ["connection.bytes_per_s_max"]);
    assert!(refused.count() > 10, "requests are answered by their id");
}

#[test]
fn pings_pongs_and_empty_frames_without_end_close_the_connection() {
    type Flood = fn(&mut Bench, ConnectionId);
    let floods: [Flood; 3] = [
        |bench, id| bench.shard.ping(id, b"", bench.now),
        |bench, id| bench.shard.pong(id, bench.now),
        |bench, id| bench.shard.hear(id, b"", bench.now),
    ];
    for flood in floods {
        let mut bench = Bench::new();
        let peer = bench.connect(Encoding::Json);
        bench.greet(&peer, Vec::new());
        (0..800).for_each(|_| flood(&mut bench, peer.id));
        assert_eq!(peer.closed_with(), Some(CloseCode::Overloaded.number()));
    }
}

#[test]
fn lines_without_content_cost_one_message_and_too_many_close_the_connection() {
    let mut bench = Bench::new();
    let mut peer = bench.connect(Encoding::Json);
    bench.greet(&peer, Vec::new());
    peer.read();
    bench.shard.hear(peer.id, &[b'\n'; FRAME_MESSAGES_MAX], bench.now);
    bench.shard.flush(bench.now);
    assert_eq!((peer.read().len(), peer.closed_with()), (0, None));
    bench.shard.hear(peer.id, &[b'\n'; FRAME_MESSAGES_MAX + 1], bench.now);
    let said = peer.read();
    assert_eq!(limits_in(&said), ["frame_messages_max"]);
    assert_eq!(peer.closed_with(), Some(CloseCode::TooLarge.number()));
}

#[test]
fn a_user_s_connections_share_one_allowance_and_another_user_has_another() {
    let users = UserRules { messages_per_s_max: 20, ..UserRules::default() };
    let mut bench = Bench::with_rules(ConnectionRules { users, ..ConnectionRules::default() });
    let mut peers: Vec<Peer> = (0..10).map(|_| greet_as(&mut bench, "alice")).collect();
    let mut other = greet_as(&mut bench, "bob");
    for id in 0..30 {
        peers.iter().for_each(|peer| ping(&mut bench, peer, id));
    }
    ping(&mut bench, &other, 1);
    let said: Vec<ServerMessage> = peers.iter_mut().flat_map(Peer::read).collect();
    let answered = said.iter().filter(
        |message| matches!(message, ServerMessage::Response(response) if response.outcome.is_ok()),
    );
    // Four seconds' worth, and the one that goes over. A hello is counted before it is known whose.
    assert_eq!(answered.count(), 81);
    assert_eq!(limits_in(&said), ["limits.user_messages_per_s_max"]);
    assert!(limits_in(&other.read()).is_empty());
}

#[test]
fn the_eleventh_connection_of_a_user_is_refused_and_has_its_place_when_one_has_gone() {
    let mut bench = Bench::new();
    let mut peers: Vec<Peer> = (0..11).map(|_| greet_as(&mut bench, "alice")).collect();
    let said = peers[10].read();
    assert_eq!(limits_in(&said), ["limits.connections_per_user_max"]);
    let ServerMessage::Error { error, .. } = &said[0] else { panic!("{said:?}") };
    assert_eq!(error.code, ErrorCode::LimitExceeded);
    assert_eq!(error.limit.as_ref().unwrap().max, 10);
    let Some(ServerMessage::Closing(closing)) = said.last() else { panic!("{said:?}") };
    assert_eq!(closing.code, CloseCode::Overloaded.number());
    assert_eq!(Some(closing.after_ms), error.retry_after_ms);
    assert_eq!(peers[9].closed_with(), None);
    bench.shard.gone(peers[0].id);
    let mut again = greet_as(&mut bench, "alice");
    assert!(matches!(again.read()[0], ServerMessage::Welcome(_)));
}

#[test]
fn who_has_not_said_who_they_are_shares_nothing_with_others() {
    let mut bench = Bench::new();
    let mut guests: Vec<Peer> = (0..30).map(|_| bench.reader_of("price:A", None)).collect();
    assert!(guests.iter_mut().all(|guest| matches!(guest.read()[0], ServerMessage::Welcome(_))));
}

#[test]
fn too_many_topics_are_refused_by_the_limit_s_name() {
    let rules = ConnectionRules { topics_max: 2, ..ConnectionRules::default() };
    let mut bench = Bench::with_rules(rules);
    let mut peer = bench.connect(Encoding::Json);
    let wishes = ["price:A", "price:B", "price:C"].map(|topic| wish(topic, None));
    bench.greet(&peer, wishes.to_vec());
    assert_eq!(limits_in(&peer.read()), ["connection.topics_max"]);
    let topics = vec!["price:A".parse().unwrap(); TOPICS_PER_REQUEST_MAX + 1];
    bench.say(&peer, &ClientMessage::Unsubscribe(Unsubscribe { topics }));
    let topics = vec![wish("price:A", None); TOPICS_PER_REQUEST_MAX + 1];
    bench.say(&peer, &ClientMessage::Subscribe(Subscribe { topics }));
    let said = peer.read();
    assert_eq!((said.len(), limits_in(&said)), (2, vec!["topics_per_message_max".to_owned()]));
}

#[test]
fn each_limit_is_counted_by_its_name() {
    let mut bench = Bench::new();
    let peer = bench.connect(Encoding::Json);
    bench.greet(&peer, Vec::new());
    (0..210).for_each(|id| ping(&mut bench, &peer, id));
    (0..11).for_each(|_| drop(greet_as(&mut bench, "alice")));
    let report = bench.shard.report(bench.now.unix);
    let counted: Vec<(&str, u64)> = report.refusals.iter().collect();
    let expected = [("connection.messages_per_s_max", 10), ("limits.connections_per_user_max", 1)];
    assert_eq!(counted, expected);
    assert_eq!((report.ways_in.nobody, report.ways_in.demo), (1, 10));
    assert_eq!(report.ages.under_1_min, 11);
}

/// An idle connection is what most connections are.
#[test]
fn a_connection_is_small() {
    let bytes = std::mem::size_of::<Connection<MemoryOutlet>>();
    assert!(bytes <= 336, "{bytes}");
}
