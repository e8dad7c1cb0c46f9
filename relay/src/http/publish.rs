//! `/v1/publish`: programs of the operator's publish into topics of their own.
//!
//! Off unless the configuration has a token for it.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tidemark_shared::protocol::{
    ErrorCode, FRAME_MESSAGES_MAX, Metadata, Payload, Position, Priority, Topic, WireError,
};

use super::Relay;
use crate::clock::unix_now;
use crate::publication::Publication;

/// One line of the body.
#[derive(Deserialize)]
struct Line<'a> {
    topic: Topic,
    kind: String,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    priority: Priority,
    #[serde(default)]
    meta: Metadata,
}

#[derive(Serialize)]
struct Published {
    positions: Vec<Option<Position>>,
}

pub(super) async fn publish(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    match (&relay.publish_token, given) {
        (None, _) => {
            let message = "publishing is off: the configuration has no publish.token";
            return refused(StatusCode::NOT_FOUND, ErrorCode::NotFound, message);
        }
        (Some(token), Some(given)) if is_same(token.reveal(), given) => {}
        (Some(_), _) => {
            let message = "publishing needs the header `Authorization: Bearer <publish.token>`";
            return refused(StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized, message);
        }
    }
    match read(&body) {
        Ok(publications) => match relay.hub.publisher().publish(publications).await {
            Ok(positions) => Json(Published { positions }).into_response(),
            Err(error) => {
                let message = error.to_string();
                refused(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable, &message)
            }
        },
        Err(message) => refused(StatusCode::BAD_REQUEST, ErrorCode::BadMessage, &message),
    }
}

/// All lines or none: half a batch would leave the program guessing.
fn read(body: &[u8]) -> Result<Vec<Publication>, String> {
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let mut publications = Vec::new();
    for (line, number) in lines.zip(1..) {
        if number > FRAME_MESSAGES_MAX {
            return Err(format!("one request publishes at most {FRAME_MESSAGES_MAX} messages"));
        }
        let read: Line<'_> =
            serde_json::from_slice(line).map_err(|error| format!("line {number}: {error}"))?;
        let payload = Payload::from_json(read.kind, read.data.get())
            .map_err(|error| format!("line {number}: {error}"))?;
        publications.push(Publication {
            topic: read.topic,
            at: unix_now(),
            source: read.source.unwrap_or_else(|| "publish".to_owned()),
            priority: read.priority,
            meta: read.meta,
            payload,
        });
    }
    Ok(publications)
}

/// Compares in a time that does not tell how much of a guess was right.
pub(super) fn is_same(known: &str, guess: &str) -> bool {
    let pairs = known.bytes().zip(guess.bytes());
    let different = pairs.fold(0, |different, (a, b)| different | (a ^ b));
    known.len() == guess.len() && different == 0
}

fn refused(status: StatusCode, code: ErrorCode, message: &str) -> Response {
    (status, Json(WireError::new(code, message))).into_response()
}
