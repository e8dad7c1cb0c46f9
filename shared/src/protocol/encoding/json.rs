//! JSON: one object per line, told apart by its `type`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

use super::{DecodeError, Piece};
use crate::clock::UnixMillis;
use crate::market::{Quote, Symbol};
use crate::protocol::server::{
    Closing, Heartbeat, NeedsAuth, Refreshed, Reply, Response, ServerMessage, Skipped, Subscribed,
    Unsubscribed, Welcome,
};
use crate::protocol::{
    ClientMessage, Epoch, ErrorCode, Event, Limit, Metadata, Pattern, Payload, Position, Priority,
    RequestId, Sequence, Topic, WireError,
};

pub(super) fn append_event(event: &Event, batch: &mut Vec<u8>) {
    append(&EventOut::of(event, Some("event")), batch);
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
            let WireError { code, message, retry_after_ms, limit } = error.clone();
            let body = ErrorBody { topic: topic.clone(), code, message, retry_after_ms, limit };
            append(&Typed { kind: "error", body: &body }, batch);
        }
        ServerMessage::NeedsAuth(body) => append(&Typed { kind: "needs_auth", body }, batch),
        ServerMessage::Refreshed(body) => append(&Typed { kind: "refreshed", body }, batch),
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
    parse(index, utf8(index, text)?)
}

pub(super) fn read_server(index: usize, text: &[u8]) -> Result<ServerMessage, DecodeError> {
    let text = utf8(index, text)?;
    let head: Head = parse(index, text)?;
    Ok(match head.kind.as_ref() {
        "event" => ServerMessage::Event(parse(index, text)?),
        "welcome" => ServerMessage::Welcome(parse::<Welcome>(index, text)?),
        "subscribed" => ServerMessage::Subscribed(parse::<Subscribed>(index, text)?),
        "unsubscribed" => ServerMessage::Unsubscribed(parse::<Unsubscribed>(index, text)?),
        "skipped" => ServerMessage::Skipped(parse::<Skipped>(index, text)?),
        "reset" => ServerMessage::Reset(parse::<Subscribed>(index, text)?),
        "response" => ServerMessage::Response(read_response(index, text)?),
        "heartbeat" => ServerMessage::Heartbeat(parse::<Heartbeat>(index, text)?),
        "needs_auth" => ServerMessage::NeedsAuth(parse::<NeedsAuth>(index, text)?),
        "refreshed" => ServerMessage::Refreshed(parse::<Refreshed>(index, text)?),
        "closing" => ServerMessage::Closing(parse::<Closing>(index, text)?),
        "error" => {
            let body: ErrorBody = parse(index, text)?;
            let ErrorBody { topic, code, message, retry_after_ms, limit } = body;
            let error = WireError { code, message, retry_after_ms, limit };
            ServerMessage::Error { error, topic }
        }
        unknown => ServerMessage::Unknown { kind: unknown.chars().take(40).collect() },
    })
}

fn utf8(index: usize, text: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(text)
        .map_err(|_| DecodeError::BadMessage { index, reason: "it is not UTF-8".to_owned() })
}

/// Everything is read from `str`: one kind of input is one copy of every deserializer.
fn parse<'a, T: Deserialize<'a>>(index: usize, text: &'a str) -> Result<T, DecodeError> {
    serde_json::from_str(text)
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
    code: ErrorCode,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
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
    /// As a message of its own; absent where the event is a field of another.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
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

impl<'a> EventOut<'a> {
    fn of(event: &'a Event, message: Option<&'static str>) -> Self {
        EventOut {
            message,
            topic: &event.topic,
            epoch: event.position.epoch,
            seq: event.position.sequence,
            at: event.at,
            source: &event.source,
            priority: event.priority,
            meta: &event.meta,
            kind: event.payload.kind(),
            data: DataOut(&event.payload),
        }
    }
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
            Payload::Documents(delta) => delta.serialize(serializer),
            Payload::Unknown(unknown) => serde_json::from_str::<&RawValue>(&unknown.json)
                .map_err(ser::Error::custom)?
                .serialize(serializer),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EventOut::of(self, None).serialize(serializer)
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

/// A [`Response`] as it is written.
#[derive(Serialize)]
struct ResponseOut<'a> {
    id: RequestId,
    #[serde(flatten)]
    reply: Option<&'a Reply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a WireError>,
}

/// A [`Response`] as it is read: its result waits until the method says what it is.
#[derive(Deserialize)]
struct ResponseIn<'a> {
    id: RequestId,
    #[serde(default)]
    method: Option<&'a str>,
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<WireError>,
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (reply, error) = match &self.outcome {
            Ok(reply) => (Some(reply), None),
            Err(error) => (None, Some(error)),
        };
        ResponseOut { id: self.id, reply, error }.serialize(serializer)
    }
}

fn read_response(index: usize, text: &str) -> Result<Response, DecodeError> {
    let read: ResponseIn<'_> = parse(index, text)?;
    let outcome = match (read.error, read.method, read.result) {
        (Some(error), _, _) => Err(error),
        (None, Some(method), Some(result)) => Ok(read_reply(index, method, result.get())?),
        _ => {
            let reason = "a response has neither a result nor an error".to_owned();
            return Err(DecodeError::BadMessage { index, reason });
        }
    };
    Ok(Response { id: read.id, outcome })
}

/// By hand what an adjacently tagged enum would do: that would read each result through a second
/// copy of every deserializer, which is a tenth of the page's code.
fn read_reply(index: usize, method: &str, result: &str) -> Result<Reply, DecodeError> {
    Ok(match method {
        "ping" => {
            let PingResult { server_time } = parse(index, result)?;
            Reply::Ping { server_time }
        }
        "price" => {
            let PriceResult { symbol, quote, at } = parse(index, result)?;
            Reply::Price { symbol, quote, at }
        }
        "account" => Reply::Account(parse(index, result)?),
        "instruments" => Reply::Instruments(parse(index, result)?),
        "bars" => Reply::Bars(parse(index, result)?),
        "ticks" => Reply::Ticks(parse(index, result)?),
        "push" => Reply::Push(parse(index, result)?),
        "documents" => Reply::Documents(parse(index, result)?),
        "history" => Reply::History(parse(index, result)?),
        unknown => {
            let reason = format!("no method is called {unknown:?}");
            return Err(DecodeError::BadMessage { index, reason });
        }
    })
}

#[derive(Deserialize)]
struct PingResult {
    server_time: UnixMillis,
}

#[derive(Deserialize)]
struct PriceResult {
    symbol: Symbol,
    quote: Quote,
    at: UnixMillis,
}

/// Metadata as the text that a binary event carries.
pub(super) fn metadata_text(meta: &Metadata) -> String {
    serde_json::to_string(meta).expect("metadata has text keys only")
}

pub(super) fn parse_metadata(index: usize, text: &str) -> Result<Metadata, DecodeError> {
    parse(index, text)
}
