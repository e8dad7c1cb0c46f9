//! "The relay was killed while I was writing: what it had confirmed is there, and nothing is there
//! twice."
//!
//! `TIDEMARK_KILLS=200` kills it so often; each time at another moment.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tidemark_shared::documents::{Delta, Mutation, MutationId, Outcome, Pushed, Receipt, Version};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::device::{Device, edit};
use crate::the_command_line::Running;

/// In the normal run: a relay in a debug build takes a second to start.
const KILLS: u64 = 4;

/// Longest time that a relay is written to before it is killed.
const WRITES_FOR_MS_MAX: u64 = 400;

/// Most writes of one push.
const PUSH_MAX: usize = 50;

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// A connection for which only the document's messages count.
struct Connection {
    socket: Socket,
    last_request: u64,
}

impl Connection {
    async fn open(address: &str, user: &str) -> Option<Self> {
        let mut request = format!("ws://{address}/v1/ws").into_client_request().unwrap();
        let protocol = "tidemark.v1.json".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (mut socket, _) = connect_async(request).await.ok()?;
        let hello = json!({"type": "hello", "protocol": 1, "user": user});
        socket.send(Message::text(hello.to_string())).await.ok()?;
        Some(Connection { socket, last_request: 0 })
    }

    /// What a question is answered; nothing when the relay is gone.
    async fn ask(&mut self, method: &str, params: Value) -> Option<Value> {
        self.last_request += 1;
        let id = self.last_request;
        let request = json!({"type": "request", "id": id, "method": method, "params": params});
        self.socket.send(Message::text(request.to_string())).await.ok()?;
        loop {
            let frame = self.socket.next().await?.ok()?;
            let text = frame.to_text().unwrap_or_default();
            for line in text.lines() {
                let message: Value = serde_json::from_str(line).unwrap();
                if message["type"] == "response" && message["id"] == id {
                    return Some(message);
                }
            }
        }
    }

    async fn push(&mut self, device: &Device, writes: &[Mutation]) -> Option<Vec<Receipt>> {
        let push = device.push(writes.iter().cloned());
        let answer = self.ask("push", serde_json::to_value(push).unwrap()).await?;
        let pushed: Pushed = reply(&answer);
        assert_eq!(pushed.nack, None);
        assert_eq!(pushed.receipts.len(), writes.len());
        Some(pushed.receipts)
    }
}

fn reply<T: serde::de::DeserializeOwned>(answer: &Value) -> T {
    match serde_json::from_value(answer["result"].clone()) {
        Ok(reply) => reply,
        Err(error) => panic!("{error}: {answer}"),
    }
}

#[test]
fn what_was_confirmed_is_there_once_however_often_the_relay_is_killed() {
    let kills = std::env::var("TIDEMARK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kills = kills.unwrap_or(KILLS);
    println!("{} writes through {kills} kills", runtime.block_on(live(kills)));
}

/// How many writes there were.
async fn live(kills: u64) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = fastrand::Rng::with_seed(kills);
    let mut phone = Device::new("ann", 1);
    let mut written: Vec<Mutation> = Vec::new();
    let mut confirmed: BTreeMap<MutationId, Receipt> = BTreeMap::new();
    for _ in 0..kills {
        let running = Running::start(dir.path());
        let mut connection = Connection::open(running.address(), "ann").await.unwrap();
        again(&mut connection, &phone, &written, &mut confirmed).await;
        let moment = Duration::from_millis(dice.u64(0..WRITES_FOR_MS_MAX));
        // It is killed when it is dropped, wherever the writing below is then.
        let killer = std::thread::spawn(move || {
            std::thread::sleep(moment);
            drop(running);
        });
        loop {
            let unanswered = written.len();
            for _ in 0..dice.usize(1..4) {
                let name = format!("notes/S{}", written.len());
                written.push(phone.write(edit(&name, 0, &[("text", None, Some("x"))])));
            }
            match connection.push(&phone, &written[unanswered..]).await {
                Some(receipts) => {
                    confirmed.extend(receipts.into_iter().map(|got| (got.mid, got)));
                }
                None => break,
            }
        }
        killer.join().unwrap();
    }
    let running = Running::start(dir.path());
    let mut connection = Connection::open(running.address(), "ann").await.unwrap();
    again(&mut connection, &phone, &written, &mut confirmed).await;
    assert_eq!(confirmed.len(), written.len());
    let applied = Outcome::Applied { version: Version(1) };
    assert!(confirmed.values().all(|receipt| receipt.outcome == applied));
    let mut documents = 0;
    let mut after = Value::Null;
    loop {
        let params = if after.is_null() { json!({}) } else { json!({"after": after}) };
        let delta: Delta = reply(&connection.ask("documents", params).await.unwrap());
        documents += delta.documents.len();
        assert!(delta.documents.iter().all(|document| document.version == Version(1)));
        if delta.to == delta.head {
            break;
        }
        after = serde_json::to_value(delta.position()).unwrap();
    }
    assert_eq!(documents, written.len(), "something is there twice, or not at all");
    documents
}

/// Pushes everything again: what was confirmed gets the same receipts.
async fn again(
    connection: &mut Connection,
    phone: &Device,
    written: &[Mutation],
    confirmed: &mut BTreeMap<MutationId, Receipt>,
) {
    for writes in written.chunks(PUSH_MAX) {
        for receipt in connection.push(phone, writes).await.unwrap() {
            let known = confirmed.entry(receipt.mid).or_insert_with(|| receipt.clone());
            assert_eq!(*known, receipt, "a receipt that was given has changed");
        }
    }
}
