//! Somebody at a door, on any transport: says JSON, hears JSON, and remembers all that was heard.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::house::House;

/// Longest wait for something that is to happen. Only a broken relay makes a test wait.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    WebSocket,
    Sse,
    Poll,
}

impl Transport {
    pub const ALL: [Transport; 3] = [Transport::WebSocket, Transport::Sse, Transport::Poll];
}

enum Line {
    WebSocket(Box<WebSocketStream<MaybeTlsStream<TcpStream>>>),
    Sse { body: BufReader<TcpStream>, session: String },
    Poll { session: String },
}

pub struct Client {
    address: std::net::SocketAddr,
    line: Line,
    waiting: VecDeque<Value>,
    /// All that was ever heard, as it came.
    pub heard: String,
    next_id: u64,
}

impl Client {
    /// Signs in over a WebSocket. Gives the welcome, too.
    pub async fn enter(house: &House, who: &str) -> (Self, Value) {
        Client::enter_by(house, Transport::WebSocket, who).await
    }

    pub async fn enter_by(house: &House, transport: Transport, who: &str) -> (Self, Value) {
        let hello = json!({"type": "hello", "protocol": 1, "token": who});
        Client::enter_at(house.address, transport, hello).await
    }

    pub async fn enter_at(
        address: std::net::SocketAddr,
        transport: Transport,
        hello: Value,
    ) -> (Self, Value) {
        let hello = hello.to_string();
        let (line, first) = match transport {
            Transport::WebSocket => {
                let (mut socket, _) = connect_async(format!("ws://{address}/v1/ws")).await.unwrap();
                socket.send(Message::text(hello)).await.unwrap();
                (Line::WebSocket(Box::new(socket)), String::new())
            }
            Transport::Sse => {
                let mut socket = TcpStream::connect(address).await.unwrap();
                socket.write_all(post("/v1/stream", "", &hello).as_bytes()).await.unwrap();
                let mut body = BufReader::new(socket);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    assert_ne!(body.read_line(&mut head).await.unwrap(), 0, "{head}");
                }
                (Line::Sse { body, session: session(&head) }, String::new())
            }
            Transport::Poll => {
                let (head, body) = exchange(address, &post("/v1/poll", "", &hello)).await;
                (Line::Poll { session: session(&head) }, body)
            }
        };
        let (waiting, heard) = (VecDeque::new(), String::new());
        let mut client = Client { address, line, waiting, heard, next_id: 1 };
        client.take(&first);
        let welcome = client.hear().await;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        (client, welcome)
    }

    pub async fn say(&mut self, message: Value) {
        let text = message.to_string();
        match &mut self.line {
            Line::WebSocket(socket) => socket.send(Message::text(text)).await.unwrap(),
            Line::Sse { session, .. } | Line::Poll { session } => {
                let (head, _) = exchange(self.address, &post("/v1/send", session, &text)).await;
                assert!(head.starts_with("HTTP/1.1 204"), "{head}");
            }
        }
    }

    /// The next message.
    pub async fn hear(&mut self) -> Value {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return message;
            }
            let more = tokio::time::timeout(PATIENCE, self.more()).await;
            let more = more.expect("nothing came");
            self.take(&more);
        }
    }

    /// Everything up to the answer to something that is asked now.
    pub async fn up_to_now(&mut self) -> Vec<Value> {
        let id = self.request("ping", json!({})).await;
        let mut before = Vec::new();
        loop {
            let message = self.hear().await;
            if message["type"] == "response" && message["id"] == id {
                return before;
            }
            before.push(message);
        }
    }

    pub async fn request(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.say(json!({"type": "request", "id": id, "method": method, "params": params})).await;
        id
    }

    /// Asks, and gives the answer. What comes before it is passed over.
    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        loop {
            let message = self.hear().await;
            if message["type"] == "response" && message["id"] == id {
                return message;
            }
        }
    }

    /// Subscribes, and gives what is said about it: `subscribed` or `error`.
    pub async fn subscribe(&mut self, topic: &str) -> Vec<Value> {
        self.say(json!({"type": "subscribe", "topics": [{"topic": topic}]})).await;
        let about = |message: &Value| message["type"] == "subscribed" || message["type"] == "error";
        self.up_to_now().await.into_iter().filter(about).collect()
    }

    /// What is said to a wish that is refused.
    pub async fn refused(&mut self, topic: &str) -> Value {
        let said = self.subscribe(topic).await;
        assert_eq!(said.len(), 1, "{topic}: {said:?}");
        assert_eq!((&said[0]["type"], &said[0]["topic"]), (&json!("error"), &json!(topic)));
        said[0].clone()
    }

    /// The next message of a type.
    pub async fn until(&mut self, kind: &str) -> Value {
        loop {
            let message = self.hear().await;
            if message["type"] == kind {
                return message;
            }
        }
    }

    async fn more(&mut self) -> String {
        match &mut self.line {
            Line::WebSocket(socket) => match socket.next().await {
                Some(Ok(Message::Text(text))) => text.to_string(),
                Some(Ok(_)) => String::new(),
                end => panic!("the connection ended: {end:?}"),
            },
            Line::Sse { body, .. } => {
                let mut line = String::new();
                assert_ne!(body.read_line(&mut line).await.unwrap(), 0, "the stream ended");
                line.strip_prefix("data: ").unwrap_or_default().to_owned()
            }
            Line::Poll { session } => {
                let (head, body) = exchange(self.address, &post("/v1/poll", session, "")).await;
                assert!(head.starts_with("HTTP/1.1 200"), "{head} {body}");
                body
            }
        }
    }

    fn take(&mut self, text: &str) {
        self.heard.push_str(text);
        let lines = text.lines().filter(|line| line.starts_with('{'));
        self.waiting.extend(lines.map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
}

fn post(path: &str, session: &str, body: &str) -> String {
    let session = match session {
        "" => String::new(),
        session => format!("tidemark-session: {session}\r\n"),
    };
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{session}content-length: {length}\r\n\r\n{body}"
    )
}

async fn exchange(address: std::net::SocketAddr, request: &str) -> (String, String) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (format!("{head}\r\n"), body.to_owned())
}

fn session(head: &str) -> String {
    let line = head.lines().find_map(|line| line.strip_prefix("tidemark-session: "));
    line.unwrap_or_else(|| panic!("no session in {head}")).to_owned()
}
