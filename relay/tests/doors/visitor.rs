//! The same conversation, by each of the doors.

use super::{House, Stranger, TEXT, frame};

/// The doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    WebSocket,
    Stream,
    Poll,
}

pub(super) const DOORS: [Door; 3] = [Door::WebSocket, Door::Stream, Door::Poll];

/// Somebody who has come in by one of them.
pub(super) struct Visitor<'a> {
    house: &'a House,
    way: Way,
    /// More lines for the head of each request.
    header: String,
    /// Everything that was heard.
    heard: Vec<u8>,
}

enum Way {
    WebSocket(Stranger),
    Stream {
        stream: Stranger,
        session: String,
    },
    Poll {
        session: String,
    },
    /// It was not even opened: the answer.
    Refused,
}

pub(super) fn hello(user: &str) -> String {
    format!(r#"{{"type":"hello","protocol":1,"user":"{user}","topics":[{{"topic":"price:A"}}]}}"#)
}

pub(super) fn hello_with(token: &str) -> String {
    format!(r#"{{"type":"hello","protocol":1,"token":"{token}","topics":[{{"topic":"price:A"}}]}}"#)
}

pub(super) fn pings(count: usize) -> String {
    let ping =
        |id| format!("{{\"type\":\"request\",\"id\":{id},\"method\":\"ping\",\"params\":{{}}}}\n");
    (0..count).map(ping).collect()
}

impl<'a> Visitor<'a> {
    /// Comes in and says hello.
    pub(super) async fn come(house: &'a House, door: Door, hello: &str) -> Self {
        Self::come_with(house, door, hello, "").await
    }

    /// The same, with more lines in the head of each request.
    pub(super) async fn come_with(house: &'a House, door: Door, hello: &str, header: &str) -> Self {
        let mut heard = Vec::new();
        let way = match door {
            Door::WebSocket => {
                let mut stranger = house.connect().await;
                stranger.upgrade(header).await;
                let head = stranger.head().await;
                if head.starts_with("HTTP/1.1 101") {
                    stranger.say(&frame(TEXT, hello.as_bytes())).await;
                    Way::WebSocket(stranger)
                } else {
                    stranger.rest().await;
                    heard.extend(head.into_bytes());
                    heard.append(&mut stranger.read);
                    Way::Refused
                }
            }
            Door::Stream => {
                let mut stream = house.connect().await;
                let request = format!(
                    "POST /v1/stream HTTP/1.1\r\nhost: {}\r\n{header}content-length: {}\r\n\r\n{hello}",
                    house.address,
                    hello.len()
                );
                stream.say(request.as_bytes()).await;
                let head = stream.head().await;
                match session_in(&head) {
                    Some(session) => Way::Stream { stream, session },
                    None => {
                        stream.until(b"}").await;
                        heard.extend(head.into_bytes());
                        heard.append(&mut stream.read);
                        Way::Refused
                    }
                }
            }
            Door::Poll => {
                let request = format!("POST /v1/poll HTTP/1.1\r\n{}", header.trim_end());
                let (head, body) = house.exchange(request.trim_end(), hello).await;
                let way = session_in(&head).map_or(Way::Refused, |session| Way::Poll { session });
                if matches!(way, Way::Refused) {
                    heard.extend(head.into_bytes());
                }
                heard.extend(body.into_bytes());
                way
            }
        };
        Visitor { house, way, header: header.to_owned(), heard }
    }

    /// Says a frame, if the other side still listens.
    pub(super) async fn say(&mut self, text: &str) {
        match &mut self.way {
            Way::WebSocket(stranger) => {
                // It may have been closed in the meantime: what was said last is still to be read.
                let bytes = frame(TEXT, text.as_bytes());
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stranger.stream, &bytes).await;
            }
            Way::Stream { session, .. } | Way::Poll { session } => {
                let header = self.header.trim_end();
                let request =
                    format!("POST /v1/send HTTP/1.1\r\ntidemark-session: {session}\r\n{header}");
                self.house.exchange(request.trim_end(), text).await;
            }
            Way::Refused => panic!("not let in: {}", self.text()),
        }
    }

    /// Hears until something was said.
    pub(super) async fn until(&mut self, wanted: &str) {
        let mut looked_at = 0;
        loop {
            let rest = self.heard.get(looked_at..).unwrap_or_default();
            if rest.windows(wanted.len()).any(|window| window == wanted.as_bytes()) {
                return;
            }
            // The beginning of it may be there.
            looked_at = self.heard.len().saturating_sub(wanted.len());
            assert!(self.more().await, "closed, without {wanted}: {}", self.text());
        }
    }

    /// Hears until the other side has closed.
    pub(super) async fn until_closed(&mut self) {
        while self.more().await {}
    }

    pub(super) fn has_heard(&self, wanted: &str) -> bool {
        let wanted = wanted.as_bytes();
        self.heard.windows(wanted.len()).any(|window| window == wanted)
    }

    /// Everything that was heard, and forgets it.
    pub(super) fn take(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.heard)).into_owned()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }

    async fn more(&mut self) -> bool {
        match &mut self.way {
            Way::WebSocket(stranger) | Way::Stream { stream: stranger, .. } => {
                // What came along with the head is there already.
                let open = !stranger.read.is_empty() || stranger.more().await;
                self.heard.append(&mut stranger.read);
                open
            }
            Way::Poll { session } => {
                let header = self.header.trim_end();
                let request =
                    format!("POST /v1/poll HTTP/1.1\r\ntidemark-session: {session}\r\n{header}");
                let (head, body) = self.house.exchange(request.trim_end(), "").await;
                self.heard.extend(body.into_bytes());
                head.starts_with("HTTP/1.1 200")
            }
            Way::Refused => false,
        }
    }
}

fn session_in(head: &str) -> Option<String> {
    head.lines().find_map(|line| line.strip_prefix("tidemark-session: ")).map(str::to_owned)
}
