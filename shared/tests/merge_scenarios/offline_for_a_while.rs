//! "I wrote in it all flight long."

use serde_json::{Value, json};
use tidemark_shared::documents::{Digest, Document};
use tidemark_shared::merge::{Merged, State};

use crate::two::{Write, asks, body, me, there};

/// The document after some writes of mine, one upon the other.
fn after(mut current: Document, writes: &[Write]) -> Document {
    for write in writes {
        match write.meets(Some(&current)) {
            Merged::Changed { becomes: State::Body(body), .. } => {
                current.version = current.version.next();
                current.author = me();
                current.stamp = current.stamp.max(write.at);
                current.checksum = Digest::of(&body);
                current.body = body;
            }
            other => panic!("{write:?}: {other:?}"),
        }
    }
    current
}

fn chain(entity: &str, field: &str, states: &[Value]) -> Vec<Write> {
    states.windows(2).map(|pair| Write::edit(entity, json!({field: [pair[0], pair[1]]}))).collect()
}

#[test]
fn each_write_stands_on_the_one_before_it() {
    let texts = ["a\n", "a\nb\n", "a\nb\nc\n", "a\nB\nc\n"].map(Value::from);
    let writes = chain("notes/AAPL", "text", &texts);
    let note = after(there("notes/AAPL", &json!({"text": "a\n"})), &writes);
    assert_eq!(note.body, body(&json!({"text": "a\nB\nc\n"})));
}

#[test]
fn each_write_is_merged_with_what_the_others_did() {
    let texts = ["a\nb\nc\n", "a\nb\nc\nd\n", "a\nb\nc\nd\ne\n"].map(Value::from);
    let writes = chain("notes/AAPL", "text", &texts);
    let note = after(there("notes/AAPL", &json!({"text": "A\nb\nc\n"})), &writes);
    assert_eq!(note.body, body(&json!({"text": "A\nb\nc\nd\ne\n"})));

    let lists = [json!(["A", "B"]), json!(["B"]), json!(["C", "B"]), json!(["B", "C"])];
    let writes = chain("watchlists/1", "items", &lists);
    let list = after(there("watchlists/1", &json!({"items": ["A", "B", "T"]})), &writes);
    assert_eq!(list.body, body(&json!({"items": ["B", "C", "T"]})));
}

#[test]
fn a_chain_that_overlaps_overlaps_in_each_of_its_writes() {
    let texts = ["a\n", "mine\n", "mine, too\n"].map(Value::from);
    let note = there("notes/AAPL", &json!({"text": "theirs\n"}));
    for write in chain("notes/AAPL", "text", &texts) {
        assert_eq!(asks(write.meets(Some(&note))), ["text"]);
    }
}
