//! RFC 6455, rule by rule, on raw sockets: the cases of the Autobahn test suite, group by group.
//! Where that wants its message echoed, the relay is asked for its time, and answers.
//!
//! What must never be here: what the messages mean.

mod chopped;
mod closing;
mod fragments;
mod framing;
mod limits;
mod opcodes;
mod pings;
mod reserved_bits;
mod utf_8;

use tidemark_relay::hub::ConnectionRules;
use tidemark_relay::serve::ServeLimits;

use super::{House, Stranger, TEXT, frame};

const CONTINUATION: u8 = 0x00;
const LAST_CONTINUATION: u8 = 0x80;
const FIRST_TEXT: u8 = 0x01;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;

const BROKEN: u16 = 1002;
const NOT_UTF_8: u16 = 1007;
const TOO_MUCH: u16 = 4502;

/// A relay that is in no hurry, and somebody whom it has welcomed.
struct Talk {
    stranger: Stranger,
    asked: u64,
    _house: House,
}

impl Talk {
    async fn begin() -> Self {
        // Whoever writes byte by byte on a busy machine is not slow on purpose.
        let house = House::open_with(ConnectionRules::default(), ServeLimits::default()).await;
        let mut stranger = house.websocket().await;
        stranger.say(&frame(TEXT, br#"{"type":"hello","protocol":1}"#)).await;
        let mut talk = Talk { stranger, asked: 0, _house: house };
        talk.is_answered(&[]).await;
        talk
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.stranger.say(bytes).await;
    }

    /// A question, as text of at least so many bytes. The answer has its number.
    fn question(&mut self, bytes: usize) -> String {
        self.asked += 1;
        let number = self.asked;
        let text = format!(r#"{{"type":"request","id":{number},"method":"ping","params":{{}}}}"#);
        let padding = " ".repeat(bytes.saturating_sub(text.len()));
        text + &padding
    }

    /// Says something; after it the relay still answers, so it has read it all.
    async fn is_answered(&mut self, bytes: &[u8]) {
        self.say(bytes).await;
        let question = self.question(0);
        self.say(&frame(TEXT, question.as_bytes())).await;
        self.answer().await;
    }

    /// Waits for the answer to the newest question.
    async fn answer(&mut self) {
        let wanted = format!(r#""id":{},"method":"ping""#, self.asked);
        loop {
            let (first, payload) = self.hears().await.expect("it was closed instead of answered");
            let text = String::from_utf8_lossy(&payload);
            if first == TEXT && text.contains(&wanted) {
                return;
            }
            assert!(!text.contains("\"closing\""), "{text}");
        }
    }

    /// Waits for a pong, and gives its payload.
    async fn pong(&mut self) -> Vec<u8> {
        loop {
            let (first, payload) = self.hears().await.expect("it was closed");
            if first == PONG {
                return payload;
            }
        }
    }

    /// Says something that ends the connection, and reads why.
    async fn ends(mut self, bytes: &[u8]) -> u16 {
        self.say(bytes).await;
        self.end().await
    }

    /// Reads up to the end, and gives the code of the close before it.
    async fn end(mut self) -> u16 {
        let mut code = None;
        while let Some((first, payload)) = self.hears().await {
            assert_eq!(code, None, "something came after the close");
            if first == CLOSE {
                code = Some(u16::from_be_bytes([payload[0], payload[1]]));
                assert!(std::str::from_utf8(&payload[2..]).is_ok());
            }
        }
        code.expect("it ended without a close")
    }

    /// The next frame of the relay: its first byte and its payload. None at the end.
    async fn hears(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some(frame) = self.whole_frame() {
                return Some(frame);
            }
            if !self.stranger.more().await {
                assert!(self.stranger.read.is_empty(), "it ended within a frame");
                return None;
            }
        }
    }

    fn whole_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let [first, second, after @ ..] = self.stranger.read.as_slice() else { return None };
        let (length, skip) = match (second, after) {
            (126, [high, low, ..]) => (usize::from(u16::from_be_bytes([*high, *low])), 2),
            (126 | 127, _) => return None,
            (short, _) => (usize::from(*short), 0),
        };
        let frame = (*first, after.get(skip..skip + length)?.to_vec());
        self.stranger.read.drain(..2 + skip + length);
        Some(frame)
    }
}

/// What a close frame says.
fn close_payload(code: u16, reason: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], reason].concat()
}
