//! What the leading tab says to the others, in frames that their machines take.

use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    Beat, CloseCode, Closing, ConnectionLimits, Encoding, ErrorCode, FRAME_BYTES_MAX,
    FRAME_MESSAGES_MAX, Heartbeat, Reply, RequestId, Response, ServerMessage, VERSION, Welcome,
    WireError,
};
use tidemark_shared::session::{AskFailed, Status};

use super::switchboard::Out;
use super::word::{TabId, Word};

/// How often the leading tab gives a sign of life.
pub(super) const BEAT: Duration = Duration::from_secs(1);

/// The lease: a leading tab that is silent for so long, and does not answer when it is asked, is
/// frozen. Longer than a busy page keeps its timers waiting.
const LEASE: Duration = Duration::from_secs(4);

/// Words of the leading tab that wait to be said, as few and as large as they may be.
#[derive(Default)]
pub(super) struct Mouth {
    frame: Vec<u8>,
    messages: usize,
    to: Option<TabId>,
    beats: Vec<Beat>,
    words: Vec<Word>,
}

impl Mouth {
    /// Says what comes out of the switchboard, if it is for others.
    pub(super) fn say(&mut self, out: Out) {
        match out {
            Out::Down(tab, message) => self.add(Some(tab), &message),
            Out::Cast(message) => self.add(None, &message),
            Out::Beat(beat) => self.beats.push(beat),
            Out::Session(_) | Out::Deliver(_) => {}
        }
    }

    /// All that waits.
    pub(super) fn take(&mut self, now: UnixMillis) -> Vec<Word> {
        if !self.beats.is_empty() {
            let topics = std::mem::take(&mut self.beats);
            // They fit: each is shorter than the topic's `subscribed` was.
            for topics in topics.chunks(FRAME_MESSAGES_MAX / 4) {
                self.beat(now, topics.to_vec());
            }
        }
        self.end_frame();
        std::mem::take(&mut self.words)
    }

    /// A sign of life.
    pub(super) fn beat(&mut self, at: UnixMillis, topics: Vec<Beat>) {
        self.add(None, &ServerMessage::Heartbeat(Heartbeat { at, topics }));
    }

    fn add(&mut self, to: Option<TabId>, message: &ServerMessage) {
        if self.to != to {
            self.end_frame();
            self.to = to;
        }
        let start = self.frame.len();
        Encoding::Json.append_server(message, &mut self.frame);
        self.messages += 1;
        if start > 0 && (self.frame.len() > FRAME_BYTES_MAX || self.messages > FRAME_MESSAGES_MAX) {
            let next = self.frame.split_off(start);
            self.end_frame();
            self.frame = next;
            self.messages = 1;
        }
    }

    fn end_frame(&mut self) {
        self.messages = 0;
        if self.frame.is_empty() {
            return;
        }
        let frame = String::from_utf8(std::mem::take(&mut self.frame));
        let frame = frame.expect("JSON is text");
        self.words.push(match self.to {
            Some(to) => Word::Down { to, frame },
            None => Word::Cast { frame },
        });
    }
}

/// The answer to another tab's `hello`.
pub(super) fn welcome(status: &Status, user: &str, now: UnixMillis) -> ServerMessage {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    ServerMessage::Welcome(Welcome {
        protocol: VERSION,
        relay: status.relay.clone().unwrap_or_default(),
        session: "tab".into(),
        user: status.user.clone().unwrap_or_else(|| user.to_owned()),
        server_time: now,
        heartbeat_ms: millis(BEAT),
        dead_after_ms: millis(LEASE),
        limits: ConnectionLimits {
            frame_bytes_max: u32::try_from(FRAME_BYTES_MAX).unwrap_or(u32::MAX),
            topics_max: u32::MAX,
            messages_per_s_max: u32::MAX,
        },
        ends_at: status.ends_at,
        delayed_ms: status.delayed_ms,
    })
}

/// Says to a tab whose `hello` nobody here remembers that it has to begin anew.
pub(super) fn stranger() -> ServerMessage {
    ServerMessage::Closing(Closing {
        code: CloseCode::UnknownSession.number(),
        reason: "another tab leads now".into(),
        reconnect: true,
        after_ms: 0,
    })
}

/// The answer to another tab's question.
pub(super) fn response(id: RequestId, outcome: Result<Reply, AskFailed>) -> ServerMessage {
    let outcome = outcome.map_err(|failed| match failed {
        AskFailed::Refused(error) => error,
        other => WireError::new(ErrorCode::Unavailable, other.to_string()),
    });
    ServerMessage::Response(Response { id, outcome })
}
