//! The DevTools protocol: numbered calls, their answers, and events.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};

use super::Complaint;
use crate::wait::TooLate;

/// Why the browser could not be driven.
#[derive(Debug, Error)]
pub enum DevtoolsError {
    /// It could not be started.
    #[error("cannot start Chromium: {0}")]
    Start(#[from] io::Error),
    /// It did not get ready.
    #[error(transparent)]
    TooLate(#[from] TooLate),
    /// The connection to it broke.
    #[error("the connection to Chromium broke: {0}")]
    Connection(#[from] tungstenite::Error),
    /// It went away while it was asked something.
    #[error("Chromium went away before it answered {method}")]
    Gone {
        /// What was asked.
        method: String,
    },
    /// It refused a call.
    #[error("Chromium refused {method}: {reason}")]
    Refused {
        /// What was asked.
        method: String,
        /// What it said.
        reason: String,
    },
}

/// A connection to a browser. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Devtools {
    shared: Arc<Shared>,
    outgoing: mpsc::UnboundedSender<Message>,
}

#[derive(Debug, Default)]
struct Shared {
    last_id: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
    complaints: Mutex<HashMap<String, Vec<Complaint>>>,
    /// The newest event of each kind, by session and method.
    newest: Mutex<HashMap<(String, String), Value>>,
}

impl Devtools {
    /// Connects to a browser's DevTools address.
    ///
    /// # Errors
    /// When there is nobody.
    pub async fn connect(url: &str) -> Result<Devtools, DevtoolsError> {
        // Screenshots come as one message, larger than the default allows.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (socket, _) =
            tokio_tungstenite::connect_async_with_config(url, Some(config), true).await?;
        let (mut sink, mut stream) = socket.split();
        let (outgoing, mut queue) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::default());
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        });
        let reader = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if let Message::Text(text) = message
                    && let Ok(message) = serde_json::from_str(&text)
                {
                    reader.take(message);
                }
            }
            // Whoever still waits learns that nothing comes any more.
            lock(&reader.waiting).clear();
        });
        Ok(Devtools { shared, outgoing })
    }

    /// Calls a method, of one tab or (without a session) of the browser.
    ///
    /// # Errors
    /// When the browser refuses or goes away.
    pub async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value, DevtoolsError> {
        let id = self.shared.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, answer) = oneshot::channel();
        lock(&self.shared.waiting).insert(id, sender);
        let mut call = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        let gone = || DevtoolsError::Gone { method: method.to_owned() };
        self.outgoing.send(Message::text(call.to_string())).map_err(|_| gone())?;
        let mut answer = answer.await.map_err(|_| gone())?;
        match answer.get("error") {
            Some(error) => Err(DevtoolsError::Refused {
                method: method.to_owned(),
                reason: error["message"].as_str().unwrap_or("no reason").to_owned(),
            }),
            None => Ok(answer["result"].take()),
        }
    }

    /// What a tab's newest event of a kind said.
    #[must_use]
    pub fn newest(&self, session: &str, method: &str) -> Option<Value> {
        lock(&self.shared.newest).get(&(session.to_owned(), method.to_owned())).cloned()
    }

    /// What a tab has complained about so far.
    #[must_use]
    pub fn complaints(&self, session: &str) -> Vec<Complaint> {
        lock(&self.shared.complaints).get(session).cloned().unwrap_or_default()
    }
}

impl Shared {
    fn take(&self, message: Value) {
        if let Some(id) = message["id"].as_u64() {
            if let Some(waiting) = lock(&self.waiting).remove(&id) {
                // Who asked may have given up meanwhile.
                let _ = waiting.send(message);
            }
            return;
        }
        let method = message["method"].as_str().unwrap_or_default();
        let session = message["sessionId"].as_str().unwrap_or_default().to_owned();
        if let Some(complaint) = Complaint::of_event(method, &message["params"]) {
            lock(&self.complaints).entry(session.clone()).or_default().push(complaint);
        }
        let params = message["params"].clone();
        lock(&self.newest).insert((session, method.to_owned()), params);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
