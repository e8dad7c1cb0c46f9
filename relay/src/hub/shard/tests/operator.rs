//! What an operator sees and does.

use super::*;
use crate::auth::Credential;
use crate::hub::shard::operator::Revoked;

fn signed_in(user: &str, credential: &str) -> Newcomer {
    let identity = Identity {
        credential: Some(Credential(credential.into())),
        ..Identity::demo(user.parse().unwrap())
    };
    let address = Some([192, 0, 2, 7].into());
    Newcomer { presented: Some(Arc::new(identity)), address }
}

fn came_in(bench: &mut Bench, user: &str, credential: &str) -> Peer {
    let mut peer = bench.connect_as(signed_in(user, credential), Encoding::Json);
    bench.greet(&peer, vec![wish("price:A", None)]);
    peer.read();
    peer
}

#[test]
fn connections_are_listed_as_they_are() {
    let mut bench = Bench::new();
    let peer = came_in(&mut bench, "alice@acme", "c-1");
    let _silent = bench.connect(Encoding::Json);
    peer.memory.borrow_mut().room = 0;
    bench.publish("price:A", 3);
    let infos = bench.shard.infos();
    let [info] = infos.as_slice() else { panic!("{infos:?}") };
    let told = serde_json::to_value(info).unwrap();
    let expected = serde_json::json!({
        "id": "0-0-0", "user": "alice@acme", "by": "demo", "transport": "websocket",
        "address": "192.0.2.7", "opened": 1_000_000, "topics": 1, "lag": 0, "blocked": true,
        "credential": "c-1",
    });
    assert_eq!(told, expected);
    bench.publish("price:A", 3);
    assert_eq!(
        bench.shard.infos()[0].lag,
        3,
        "what was handed to the socket was read from the log"
    );
}

#[test]
fn one_that_is_sent_away_is_told_and_may_come_back_later() {
    let mut bench = Bench::new();
    let mut peer = came_in(&mut bench, "alice", "c-1");
    let mut other = came_in(&mut bench, "alice", "c-1");
    assert!(bench.shard.send_away(peer.id, bench.now));
    let said = peer.read();
    let [ServerMessage::Closing(closing)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((closing.code, closing.reconnect), (CloseCode::SentAway.number(), true));
    assert_eq!(closing.after_ms, 30_000);
    assert!(!bench.shard.send_away(peer.id, bench.now), "it is not there any more");
    bench.publish("price:A", 1);
    assert_eq!(other.sequences(), [1]);
}

#[test]
fn who_signed_in_with_what_was_revoked_is_closed_also_before_hello() {
    let mut bench = Bench::new();
    let banned = came_in(&mut bench, "alice", "banned");
    let other = came_in(&mut bench, "alice", "other");
    let on_the_way = bench.connect_as(signed_in("alice", "banned"), Encoding::Json);
    let revoked = Revoked::Credential(Credential("banned".into()));
    assert_eq!(bench.shard.revoke(&revoked, bench.now), 2);
    let unauthorized = Some(CloseCode::Unauthorized.number());
    assert_eq!((banned.closed_with(), on_the_way.closed_with()), (unauthorized, unauthorized));
    assert_eq!(other.closed_with(), None);
    assert_eq!(bench.shard.revoke(&Revoked::User("alice".parse().unwrap()), bench.now), 1);
    assert_eq!(other.closed_with(), unauthorized);
}

#[test]
fn the_error_comes_before_the_close() {
    let mut bench = Bench::new();
    let mut peer = came_in(&mut bench, "alice", "c-1");
    bench.shard.revoke(&Revoked::User("alice".parse().unwrap()), bench.now);
    let said = peer.read();
    let [ServerMessage::Error { error, .. }, ServerMessage::Closing(closing)] = said.as_slice()
    else {
        panic!("{said:?}")
    };
    assert_eq!((error.code, closing.code), (ErrorCode::Unauthorized, 4504));
    assert!(!closing.reconnect);
}
