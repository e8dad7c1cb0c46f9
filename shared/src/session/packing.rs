//! Frames that the relay takes: as many messages in one as fit, and never more.

use super::Settings;
use super::subscriptions::Subscriptions;
use crate::protocol::{
    ClientMessage, Encoding, FRAME_BYTES_MAX, FRAME_MESSAGES_MAX, Hello, Pattern, Subscribe,
    TOPICS_PER_REQUEST_MAX, Unsubscribe, VERSION,
};

/// Room for what stands around the topics of a request: the length, braces, the message's name.
const ENVELOPE_BYTES: usize = 256;

/// Longest name and version of a program that goes to the relay, in characters.
const CLIENT_CHARS_MAX: usize = 200;

/// Longest JSON of one name in an `unsubscribe`, beside the name: quotes and a comma.
const NAME_BYTES: usize = 4;

/// Whether there was anything to add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// There was not.
    Nothing,
    /// There was.
    Some,
}

/// Messages on their way into frames.
#[derive(Debug)]
pub(super) struct Packing {
    encoding: Encoding,
    bytes_max: usize,
    frames: Vec<Vec<u8>>,
    open: Vec<u8>,
    open_messages: usize,
}

impl Packing {
    pub(super) fn new(encoding: Encoding, bytes_max: usize) -> Self {
        Packing { encoding, bytes_max, frames: Vec::new(), open: Vec::new(), open_messages: 0 }
    }

    pub(super) fn add(&mut self, message: &ClientMessage) {
        let start = self.open.len();
        self.encoding.append_client(message, &mut self.open);
        self.open_messages += 1;
        let overflows = self.open.len() > self.bytes_max || self.open_messages > FRAME_MESSAGES_MAX;
        if start > 0 && overflows {
            let next = self.open.split_off(start);
            self.frames.push(std::mem::replace(&mut self.open, next));
            self.open_messages = 1;
        }
    }

    /// Gives topics back.
    pub(super) fn add_unsubscribes(&mut self, patterns: Vec<Pattern>) {
        let bytes_max = self.request_bytes_max();
        let mut topics = Vec::new();
        let mut bytes = 0;
        for pattern in patterns {
            let more = pattern.to_string().len() + NAME_BYTES;
            if bytes + more > bytes_max || topics.len() == TOPICS_PER_REQUEST_MAX {
                let topics = std::mem::take(&mut topics);
                self.add(&ClientMessage::Unsubscribe(Unsubscribe { topics }));
                bytes = 0;
            }
            bytes += more;
            topics.push(pattern);
        }
        if !topics.is_empty() {
            self.add(&ClientMessage::Unsubscribe(Unsubscribe { topics }));
        }
    }

    /// Asks for everything that is not asked for yet.
    pub(super) fn add_subscribes(&mut self, subscriptions: &mut Subscriptions) -> Added {
        let mut added = Added::Nothing;
        loop {
            let topics = subscriptions.take_unasked(self.request_bytes_max());
            if topics.is_empty() {
                return added;
            }
            added = Added::Some;
            self.add(&ClientMessage::Subscribe(Subscribe { topics }));
        }
    }

    pub(super) fn into_frames(mut self) -> Vec<Vec<u8>> {
        if !self.open.is_empty() {
            self.frames.push(self.open);
        }
        self.frames
    }

    const fn request_bytes_max(&self) -> usize {
        self.bytes_max.saturating_sub(ENVELOPE_BYTES)
    }
}

/// The first frame of a connection: who speaks, and as many topics as fit beside that.
pub(super) fn hello(
    encoding: Encoding,
    settings: &Settings,
    subscriptions: &mut Subscriptions,
) -> Vec<u8> {
    let mut hello = Hello {
        protocol: VERSION,
        client: settings.client.chars().take(CLIENT_CHARS_MAX).collect(),
        token: settings.token.clone(),
        user: settings.user.clone(),
        topics: Vec::new(),
    };
    let mut without_topics = encoded(encoding, &hello);
    if without_topics.len() + ENVELOPE_BYTES > FRAME_BYTES_MAX {
        // No relay would read it. It answers that a token is missing, which the user sees.
        hello.token = None;
        without_topics = encoded(encoding, &hello);
    }
    let bytes_max = FRAME_BYTES_MAX.saturating_sub(without_topics.len() + ENVELOPE_BYTES);
    hello.topics = subscriptions.take_unasked(bytes_max);
    encoded(encoding, &hello)
}

fn encoded(encoding: Encoding, hello: &Hello) -> Vec<u8> {
    let mut frame = Vec::new();
    encoding.append_client(&ClientMessage::Hello(hello.clone()), &mut frame);
    frame
}
