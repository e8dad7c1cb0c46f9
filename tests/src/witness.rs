//! A second client, which shares no code with ours: it reads the JSON of the wire as anybody would
//! who has only the documentation, and writes down what it gets.
//!
//! It talks to the relay directly, past every bad network. When a page and a witness tell the same
//! story of a topic, the story is true.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message, http::HeaderValue};

use crate::wait::{TooLate, wait_for};

/// How long it waits before it tries again to reach a relay that is away.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// A running witness. It stops watching when it is dropped.
#[derive(Debug)]
pub struct Witness {
    record: Arc<Mutex<Record>>,
    watching: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Record {
    topics: HashMap<String, BTreeMap<(u64, u64), Value>>,
}

impl Witness {
    /// Begins to watch topics, and goes on when the relay was away.
    #[must_use]
    pub fn watch(relay: SocketAddr, topics: &[&str]) -> Witness {
        let record = Arc::new(Mutex::new(Record::default()));
        let topics: Vec<String> = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let into = Arc::clone(&record);
        let watching = tokio::spawn(async move {
            loop {
                // The relay may be away on purpose: that is what most scenarios are about.
                let _ = watch_once(relay, &topics, &into).await;
                tokio::time::sleep(RETRY_AFTER).await;
            }
        });
        Witness { record, watching }
    }

    /// What an event said, if it came by here.
    #[must_use]
    pub fn event(&self, topic: &str, epoch: u64, sequence: u64) -> Option<Value> {
        lock(&self.record).topics.get(topic)?.get(&(epoch, sequence)).cloned()
    }

    /// The newest position of a topic: epoch and sequence.
    #[must_use]
    pub fn newest(&self, topic: &str) -> Option<(u64, u64)> {
        lock(&self.record).topics.get(topic)?.keys().next_back().copied()
    }

    /// Waits until a topic has got so far.
    ///
    /// # Errors
    /// When it does not.
    pub async fn until(&self, topic: &str, position: (u64, u64)) -> Result<(), TooLate> {
        let what = format!("the witness to see {topic} at {position:?}");
        wait_for(&what, async || (self.newest(topic)? >= position).then_some(())).await
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

async fn watch_once(
    relay: SocketAddr,
    topics: &[String],
    record: &Mutex<Record>,
) -> Result<(), Error> {
    let mut request = format!("ws://{relay}/v1/ws").into_client_request()?;
    let protocol = HeaderValue::from_static("tidemark.v1.json");
    request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
    let (mut socket, _) = connect_async(request).await?;
    let wishes: Vec<Value> = topics.iter().map(|topic| json!({"topic": topic})).collect();
    let hello = json!({"type": "hello", "protocol": 1, "client": "witness", "topics": wishes});
    socket.send(Message::text(hello.to_string())).await?;
    while let Some(message) = socket.next().await {
        let Message::Text(frame) = message? else { continue };
        let messages = frame.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut record = lock(record);
        for message in messages {
            record.take(message);
        }
    }
    Ok(())
}

impl Record {
    fn take(&mut self, mut message: Value) {
        let event = match message["type"].as_str() {
            Some("event") => message,
            Some("subscribed" | "reset") => message["snapshot"].take(),
            _ => return,
        };
        let position = (event["epoch"].as_u64(), event["seq"].as_u64());
        if let (Some(topic), (Some(epoch), Some(sequence))) = (event["topic"].as_str(), position) {
            let log = self.topics.entry(topic.to_owned()).or_default();
            log.insert((epoch, sequence), event);
        }
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}
