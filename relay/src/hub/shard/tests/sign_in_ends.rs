//! A sign-in comes to its end, or goes on.

use tidemark_shared::protocol::Refresh;

use super::*;
use crate::auth::SignedInBy;

const LASTS_S: u64 = 300;

/// Somebody whose sign-in lasts five minutes, reading two topics and a class.
fn reader(bench: &mut Bench) -> Peer {
    let identity = Identity {
        by: SignedInBy::Token,
        ends_at: Some(bench.now.unix + Duration::from_secs(LASTS_S)),
        ..Identity::demo("alice".parse().unwrap())
    };
    let newcomer = Newcomer { presented: Some(Arc::new(identity)), address: None };
    let mut peer = bench.connect_as(newcomer, Encoding::Json);
    let wishes = ["price:A", "price:B", "feed:*"].map(|topic| wish(topic, None));
    bench.greet(&peer, wishes.to_vec());
    let ServerMessage::Welcome(welcome) = &peer.read()[0] else { panic!("no welcome") };
    assert_eq!(welcome.ends_at, Some(bench.now.unix + Duration::from_secs(LASTS_S)));
    peer
}

/// Lets time pass, with signs of life, and gives what was said except for heartbeats.
fn after(bench: &mut Bench, peer: &mut Peer, seconds: u64) -> Vec<ServerMessage> {
    for _ in 0..seconds {
        bench.shard.sign_of_life(peer.id, bench.now);
        bench.wait(Duration::from_secs(1));
    }
    let said = peer.read().into_iter();
    said.filter(|message| !matches!(message, ServerMessage::Heartbeat(_))).collect()
}

fn refresh(bench: &mut Bench, peer: &Peer, token: Option<&str>) {
    let token = token.map(str::to_owned);
    bench.say(peer, &ClientMessage::Refresh(Refresh { token }));
}

#[test]
fn it_is_announced_once_then_everything_is_given_back_then_the_connection_is_closed() {
    let mut bench = Bench::new();
    bench.publish("feed:a", 1);
    let mut peer = reader(&mut bench);
    assert!(after(&mut bench, &mut peer, LASTS_S - 61).is_empty());
    let said = after(&mut bench, &mut peer, 1);
    let [ServerMessage::NeedsAuth(warning)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(warning.ends_at, bench.now.unix + Duration::from_secs(60));
    assert!(after(&mut bench, &mut peer, 59).is_empty());

    let said = after(&mut bench, &mut peer, 1);
    let given_back = |message: &ServerMessage| match message {
        ServerMessage::Unsubscribed(told) => told.topic.to_string(),
        other => panic!("{other:?}"),
    };
    let mut topics: Vec<String> = said.iter().map(given_back).collect();
    topics.sort();
    assert_eq!(topics, ["feed:*", "feed:a", "price:A", "price:B"]);
    bench.publish("price:A", 1);
    bench.publish("feed:b", 1);
    assert!(peer.read().is_empty(), "nothing of it comes any more");

    assert!(after(&mut bench, &mut peer, 9).is_empty());
    let said = after(&mut bench, &mut peer, 1);
    assert!(
        matches!(&said[0], ServerMessage::Error { error, .. } if error.code == ErrorCode::Unauthorized)
    );
    assert!(matches!(&said[1], ServerMessage::Closing(closing) if closing.code == 4504));
    assert_eq!(peer.closed_with(), Some(4504));
}

#[test]
fn what_is_asked_after_the_end_is_refused_each_by_its_name() {
    let mut bench = Bench::new();
    let mut peer = reader(&mut bench);
    after(&mut bench, &mut peer, LASTS_S);
    let wanted = Subscribe { topics: vec![wish("price:A", None), wish("price:B", None)] };
    bench.say(&peer, &ClientMessage::Subscribe(wanted));
    let ping = Request { id: RequestId(9), method: Method::Ping {} };
    bench.say(&peer, &ClientMessage::Request(ping));
    let said = peer.read();
    let [
        ServerMessage::Error { error: first, topic: Some(a) },
        ServerMessage::Error { topic: Some(b), .. },
        ServerMessage::Response(response),
    ] = said.as_slice()
    else {
        panic!("{said:?}")
    };
    assert_eq!((a.to_string(), b.to_string()), ("price:A".into(), "price:B".into()));
    assert_eq!(first.code, ErrorCode::Unauthorized);
    assert_eq!(response.id, RequestId(9));
    assert_eq!(response.outcome.as_ref().unwrap_err().code, ErrorCode::Unauthorized);
}

#[test]
fn nothing_is_served_between_the_end_and_the_next_look_at_the_clock() {
    let mut bench = Bench::new();
    let mut peer = reader(&mut bench);
    let lasted = Duration::from_secs(LASTS_S);
    bench.now = Now { moment: bench.now.moment + lasted, unix: bench.now.unix + lasted };
    let ping = Request { id: RequestId(9), method: Method::Ping {} };
    bench.say(&peer, &ClientMessage::Request(ping));
    let said = peer.read();
    assert!(matches!(&said[0], ServerMessage::Response(response) if response.outcome.is_err()));
}

#[test]
fn a_refresh_in_time_goes_on_as_if_nothing_were() {
    let mut bench = Bench::new();
    let mut peer = reader(&mut bench);
    let said = after(&mut bench, &mut peer, LASTS_S - 10);
    assert!(matches!(said.as_slice(), [ServerMessage::NeedsAuth(_)]), "{said:?}");
    refresh(&mut bench, &peer, Some("200"));
    let said = peer.read();
    assert!(matches!(said.as_slice(), [ServerMessage::Refreshed(_)]), "{said:?}");
    assert!(after(&mut bench, &mut peer, 139).is_empty());
    bench.publish("price:A", 1);
    assert_eq!(peer.sequences(), [1]);
    let said = after(&mut bench, &mut peer, 1);
    assert!(matches!(said.as_slice(), [ServerMessage::NeedsAuth(_)]), "once for each: {said:?}");
}

#[test]
fn a_refresh_after_the_end_brings_the_connection_back_and_it_may_subscribe_again() {
    let mut bench = Bench::new();
    let mut peer = reader(&mut bench);
    after(&mut bench, &mut peer, LASTS_S + 9);
    refresh(&mut bench, &peer, Some("200"));
    let wanted = Subscribe { topics: vec![wish("price:A", Some(0))] };
    bench.say(&peer, &ClientMessage::Subscribe(wanted));
    let said = peer.read();
    assert!(
        matches!(said.as_slice(), [ServerMessage::Refreshed(_), ServerMessage::Subscribed(_)]),
        "{said:?}"
    );
    assert!(after(&mut bench, &mut peer, 100).is_empty());
    bench.publish("price:A", 1);
    assert_eq!(peer.sequences(), [1]);
    assert_eq!(peer.closed_with(), None);
}

#[test]
fn a_refresh_that_does_not_count_changes_nothing() {
    let mut bench = Bench::new();
    let mut peer = reader(&mut bench);
    after(&mut bench, &mut peer, LASTS_S - 10);
    refresh(&mut bench, &peer, None);
    let said = peer.read();
    assert!(matches!(said.as_slice(), [ServerMessage::Error { topic: None, .. }]), "{said:?}");
    after(&mut bench, &mut peer, 20);
    assert_eq!(peer.closed_with(), Some(4504));
}

#[test]
fn who_answers_every_warning_with_a_short_sign_in_is_not_warned_at_once_again() {
    let mut bench = Bench::new();
    let mut peer = reader(&mut bench);
    let mut warnings = 0;
    after(&mut bench, &mut peer, LASTS_S - 60);
    for _ in 0..100 {
        refresh(&mut bench, &peer, Some("20"));
        let said = after(&mut bench, &mut peer, 1);
        warnings += said.iter().filter(|it| matches!(it, ServerMessage::NeedsAuth(_))).count();
    }
    assert_eq!(warnings, 0, "each begins anew, and none has come to its second half");
}
