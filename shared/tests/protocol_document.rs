//! PROTOCOL.md says what is spoken: every JSON example in it is read, and says the same when it is
//! written again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use serde_json::Value;
use tidemark_shared::protocol::{
    AliasTable, ClientMessage, Encoding, Method, Payload, Reply, ServerMessage,
};

fn examples(who: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../PROTOCOL.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == format!("```json {who}") {
            found.extend(lines.by_ref().take_while(|line| *line != "```").map(str::to_owned));
        }
    }
    assert!(!found.is_empty(), "PROTOCOL.md has no examples of what a {who} says");
    found
}

fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}

/// Fields that have their default value are left out when written.
fn is_said_by(example: &Value, written: &Value) -> bool {
    match (example, written) {
        (Value::Object(example), Value::Object(written)) => {
            written.iter().all(|(name, value)| {
                example.get(name).map_or(value.is_null(), |said| is_said_by(said, value))
            }) && example.iter().all(|(name, value)| {
                written.contains_key(name) || value == &Value::Object(serde_json::Map::new())
            })
        }
        (Value::Array(example), Value::Array(written)) => {
            example.len() == written.len()
                && example.iter().zip(written).all(|(said, value)| is_said_by(said, value))
        }
        (example, written) => example == written,
    }
}

#[test]
fn what_a_client_says_in_the_document_is_spoken() {
    for example in examples("client") {
        let said = Encoding::Json.decode_client(example.as_bytes()).unwrap();
        let mut written = Vec::new();
        Encoding::Json.append_client(&said[0], &mut written);
        let (example, written) = (json(example.as_bytes()), json(&written));
        assert!(is_said_by(&example, &written), "{example}\n{written}");
    }
}

#[test]
fn what_a_relay_says_in_the_document_is_spoken_in_both_encodings() {
    for example in examples("server") {
        let mut aliases = AliasTable::new();
        let said = Encoding::Json.decode_server(example.as_bytes(), &mut aliases).unwrap();
        assert!(!matches!(said[0], ServerMessage::Unknown { .. }), "{example}");
        let mut written = Vec::new();
        Encoding::Json.append_server(&said[0], &mut written);
        assert!(is_said_by(&json(example.as_bytes()), &json(&written)), "{example}");
        let mut binary = Vec::new();
        Encoding::Binary.append_server(&said[0], &mut binary);
        assert_eq!(Encoding::Binary.decode_server(&binary, &mut aliases).unwrap(), said);
    }
}

#[test]
fn what_else_is_in_the_document_is_json() {
    for who in ["http", "publish"] {
        for example in examples(who) {
            json(example.as_bytes());
        }
    }
}

#[test]
fn hashes_in_the_document_are_true() {
    let mut checked = 0;
    for example in examples("client") {
        let said = Encoding::Json.decode_client(example.as_bytes()).unwrap();
        if let [ClientMessage::Request(request)] = said.as_slice()
            && let Method::Push(push) = &request.method
        {
            assert!(push.mutations.iter().all(|mutation| mutation.is_intact()), "{example}");
            checked += push.mutations.len();
        }
    }
    for example in examples("server") {
        let said = Encoding::Json.decode_server(example.as_bytes(), &mut AliasTable::new());
        let delta = match said.unwrap().remove(0) {
            ServerMessage::Event(event) => match event.payload {
                Payload::Documents(delta) => delta,
                _ => continue,
            },
            ServerMessage::Response(response) => match response.outcome {
                Ok(Reply::Documents(delta)) => delta,
                _ => continue,
            },
            _ => continue,
        };
        assert!(delta.documents.iter().all(|document| document.is_intact()), "{example}");
        checked += delta.documents.len();
    }
    assert!(checked >= 3, "the document has lost its examples");
}
