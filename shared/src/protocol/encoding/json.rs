//! JSON: one object per line, told apart by its `type`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

use super::{DecodeError, Piece};
use crate::clock::UnixMillis;
use crate::protocol::server::{
    Closing, Heartbeat, Reply, Response, ServerMessage, Skipped, Subscribed, Unsubscribed, Welcome,
};
use crate::protocol::{
    ClientMessage, Epoch, Event, Metadata, Pattern, Payload, Position, Priority, RequestId,
    Sequence, Topic, WireError,
};

pub(super) fn append_event(event: &Event, batch: &mut Vec<u8>) {
    append(&Typed { kind: "event", body: event }, batch);
}

pub(super) fn append_client(message: &ClientMessage, batch: &mut Vec<u8>) {
    append(message, batch);
}

pub(super) fn append_server(message: &ServerMessage, batch: &mut Vec<u8>) {
    match message {
        ServerMessage::Welcome(body) => append(&Typed { kind: "welcome", body }, batch),
        ServerMessage::Subscribed(body) => append(&Typed { kind: "subscribed", body }, batch),
        ServerMessage::Unsubscribed(body) => append(&Typed { kind: "unsubscribed", body }, batch),
        ServerMessage::Event(body) => append_event(body, batch),
        ServerMessage::Skipped(body) => append(&Typed { kind: "skipped", body }, batch),
        ServerMessage::Reset(body) => append(&Typed { kind: "reset", body }, batch),
        ServerMessage::Response(body) => append(&Typed { kind: "response", body }, batch),
        ServerMessage::Heartbeat(body) => append(&Typed { kind: "heartbeat", body }, batch),
        ServerMessage::Error { error, topic } => {
            let body = ErrorBody { topic: topic.clone(), error: error.clone() };
            append(&Typed { kind: "error", body: &body }, batch);
        }
        ServerMessage::Closing(body) => append(&Typed { kind: "closing", body }, batch),
        // Nobody says what nobody knows: it only comes from decoding a newer peer.
        ServerMessage::Unknown { .. } => {}
    }
}

fn append(message: &impl Serialize, batch: &mut Vec<u8>) {
    serde_json::to_writer(&mut *batch, message)
        .expect("our messages have text keys only, and a Vec takes every byte");
    batch.push(b'\n');
}

/// The next line and what follows it.
pub(super) fn next_piece(rest: &[u8]) -> Option<(Piece<'_>, &[u8])> {
    if rest.is_empty() {
        return None;
    }
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (line, after) = rest.split_at(end);
    Some((Piece::Json(line.trim_ascii()), after.get(1..).unwrap_or_default()))
}

pub(super) fn read_client(index: usize, text: &[u8]) -> Result<ClientMessage, DecodeError> {
    parse(index, text)
}

pub(super) fn read_server(index: usize, text: &[u8]) -> Result<ServerMessage, DecodeError> {
    let head: Head = parse(index, text)?;
    Ok(match head.kind.as_ref() {
        "event" => ServerMessage::Event(parse(index, text)?),
        "welcome" => ServerMessage::Welcome(parse::<Welcome>(index, text)?),
        "subscribed" => ServerMessage::Subscribed(parse::<Subscribed>(index, text)?),
        "unsubscribed" => ServerMessage::Unsubscribed(parse::<Unsubscribed>(index, text)?),
        "skipped" => ServerMessage::Skipped(parse::<Skipped>(index, text)?),
        "reset" => ServerMessage::Reset(parse::<Subscribed>(index, text)?),
        "response" => ServerMessage::Response(parse::<Response>(index, text)?),
        "heartbeat" => ServerMessage::Heartbeat(parse::<Heartbeat>(index, text)?),
        "closing" => ServerMessage::Closing(parse::<Closing>(index, text)?),
        "error" => {
            let body: ErrorBody = parse(index, text)?;
            ServerMessage::Error { error: body.error, topic: body.topic }
        }
        unknown => ServerMessage::Unknown { kind: unknown.chars().take(40).collect() },
    })
}

fn parse<'a, T: Deserialize<'a>>(index: usize, text: &'a [u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(text)
        .map_err(|error| DecodeError::BadMessage { index, reason: error.to_string() })
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct Typed<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

#[derive(Serialize, Deserialize)]
struct ErrorBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<Pattern>,
    #[serde(flatten)]
    error: WireError,
}

/// [`Event`] as it is written: the payload's kind beside its data, so that a reader who does not
/// know the kind still reads the rest.
#[derive(Deserialize)]
struct EventIn<'a> {
    topic: Topic,
    epoch: Epoch,
    seq: Sequence,
    at: UnixMillis,
    #[serde(default)]
    source: String,
    #[serde(default)]
    priority: Priority,
    #[serde(default)]
    meta: Metadata,
    kind: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Serialize)]
struct EventOut<'a> {
    topic: &'a Topic,
    epoch: Epoch,
    seq: Sequence,
    at: UnixMillis,
    source: &'a str,
    #[serde(skip_serializing_if = "Priority::is_normal")]
    priority: Priority,
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    meta: &'a Metadata,
    kind: &'a str,
    data: DataOut<'a>,
}

struct DataOut<'a>(&'a Payload);

impl Serialize for DataOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Payload::Quote(quote) => quote.serialize(serializer),
            Payload::Bar(bar) => bar.serialize(serializer),
            Payload::Feed(feed) => feed.serialize(serializer),
            Payload::Overview(overview) => overview.serialize(serializer),
            Payload::Notice(notice) => notice.serialize(serializer),
            Payload::Unknown(unknown) => serde_json::from_str::<&RawValue>(&unknown.json)
                .map_err(ser::Error::custom)?
                .serialize(serializer),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EventOut {
            topic: &self.topic,
            epoch: self.position.epoch,
            seq: self.position.sequence,
            at: self.at,
            source: &self.source,
            priority: self.priority,
            meta: &self.meta,
            kind: self.payload.kind(),
            data: DataOut(&self.payload),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = EventIn::deserialize(deserializer)?;
        let payload = Payload::from_json(read.kind, read.data.get()).map_err(de::Error::custom)?;
        Ok(Event {
            topic: read.topic,
            position: Position::new(read.epoch, read.seq),
            at: read.at,
            source: read.source,
            priority: read.priority,
            meta: read.meta,
            payload,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct ResponseBody {
    id: RequestId,
    #[serde(flatten)]
    reply: Option<Reply>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<WireError>,
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (reply, error) = match &self.outcome {
            Ok(reply) => (Some(reply.clone()), None),
            Err(error) => (None, Some(error.clone())),
        };
        ResponseBody { id: self.id, reply, error }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Response {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = ResponseBody::deserialize(deserializer)?;
        let outcome = match (body.reply, body.error) {
            (_, Some(error)) => Err(error),
            (Some(reply), None) => Ok(reply),
            (None, None) => return Err(de::Error::custom("neither a result nor an error")),
        };
        Ok(Response { id: body.id, outcome })
    }
}

/// Metadata as the text that a binary event carries.
pub(super) fn metadata_text(meta: &Metadata) -> String {
    serde_json::to_string(meta).expect("metadata has text keys only")
}

pub(super) fn parse_metadata(index: usize, text: &str) -> Result<Metadata, DecodeError> {
    parse(index, text.as_bytes())
}
