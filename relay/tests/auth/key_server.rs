//! Somebody who serves keys, well or badly.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::stranger::PATIENCE;

/// What it answers.
#[derive(Clone)]
pub(crate) enum Serves {
    Keys(Vec<Value>),
    /// These lines of a head, and this body.
    Answer(String, String),
    /// A body without an end.
    Endless,
    /// Nothing, ever.
    Silence,
    /// It hangs up.
    Nothing,
}

pub(crate) struct KeyServer {
    pub(crate) url: String,
    serves: Arc<Mutex<Serves>>,
    asked: watch::Receiver<u64>,
}

impl KeyServer {
    pub(crate) async fn start(serves: Serves) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys?secret=do-not-log-this", listener.local_addr().unwrap());
        super::log_trap::LogTrap::everywhere().keep_secret("do-not-log-this");
        let serves = Arc::new(Mutex::new(serves));
        let (count, asked) = watch::channel(0);
        let answers = Arc::clone(&serves);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers.lock().unwrap().clone();
                count.send_modify(|count| *count += 1);
                tokio::spawn(answer_one(stream, answer));
            }
        });
        KeyServer { url, serves, asked }
    }

    pub(crate) fn now_serves(&self, serves: Serves) {
        *self.serves.lock().unwrap() = serves;
    }

    pub(crate) fn times_asked(&self) -> u64 {
        *self.asked.borrow()
    }

    pub(crate) async fn until_asked(&mut self, times: u64) {
        let asked = self.asked.wait_for(|count| *count >= times);
        tokio::time::timeout(PATIENCE, asked).await.expect("nobody asked").unwrap();
    }
}

async fn answer_one(mut stream: TcpStream, serves: Serves) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let (head, body) = match serves {
        Serves::Nothing => return,
        Serves::Silence => {
            // Until the other side has enough of it.
            let _ = stream.read_u8().await;
            return;
        }
        Serves::Keys(keys) => ("HTTP/1.1 200 OK".to_owned(), json!({ "keys": keys }).to_string()),
        Serves::Answer(head, body) => (head, body),
        Serves::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"keys\":[\"").await;
            while stream.write_all(&[b'x'; 65_536]).await.is_ok() {}
            return;
        }
    };
    let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let _ = stream.write_all(answer.as_bytes()).await;
}
