//! "I deleted it on the phone and wrote in it on the desk."

use serde_json::json;
use tidemark_shared::documents::Document;
use tidemark_shared::merge::{Merged, State};

use crate::two::{Write, asks, becomes, gone, me, there};

fn is_deleted(merged: &Merged) -> bool {
    matches!(merged, Merged::Changed { becomes: State::Deleted, lost, .. } if lost.is_empty())
}

#[test]
fn what_is_as_it_was_seen_goes() {
    let note = json!({"text": "a", "colour": "red"});
    let delete = Write::delete("notes/AAPL", &note);
    assert!(is_deleted(&delete.meets(Some(&there("notes/AAPL", &note)))));
    assert_eq!(delete.meets(Some(&gone("notes/AAPL"))), Merged::Unchanged);
    assert_eq!(delete.meets(None), Merged::Unchanged);
}

#[test]
fn what_was_edited_since_does_not_go_unasked() {
    let delete = Write::delete("notes/AAPL", &json!({"text": "a"}));
    let nothing = [""; 0];
    for edited in [json!({"text": "b"}), json!({"text": "a", "colour": "red"}), json!({})] {
        assert_eq!(asks(delete.meets(Some(&there("notes/AAPL", &edited)))), nothing, "{edited}");
    }
}

#[test]
fn what_was_deleted_since_does_not_come_back_unasked() {
    let nothing = [""; 0];
    let edit = Write::edit("notes/AAPL", json!({"text": ["a", "b"]}));
    assert_eq!(asks(edit.meets(Some(&gone("notes/AAPL")))), nothing);
    // Also when the author had not yet heard that the relay took its own first write.
    assert_eq!(asks(edit.of_one_who_saw(0).meets(Some(&gone("notes/AAPL")))), nothing);
    // A new field of a document that was there.
    let colour = Write::edit("notes/AAPL", json!({"colour": [null, "red"]}));
    assert_eq!(asks(colour.meets(Some(&gone("notes/AAPL")))), nothing);
    // There is nothing in it that anybody could miss.
    let strip = Write::edit("notes/AAPL", json!({"colour": ["red", null]}));
    assert_eq!(strip.meets(Some(&gone("notes/AAPL"))), Merged::Unchanged);
}

#[test]
fn a_new_one_is_made_where_an_old_one_was() {
    let make = Write::edit("notes/AAPL", json!({"text": [null, "new"]}));
    let new = json!({"text": "new"});
    assert_eq!(becomes(make.clone().of_one_who_saw(0).meets(None)), new);
    assert_eq!(becomes(make.clone().of_one_who_saw(0).meets(Some(&gone("notes/AAPL")))), new);
    // The author saw that it was deleted, as one does who brings it back from the inbox.
    assert_eq!(becomes(make.clone().of_one_who_saw(5).meets(Some(&gone("notes/AAPL")))), new);
    // The author has deleted it itself, and the relay has only now heard of that.
    let mine = Document { author: me(), ..gone("notes/AAPL") };
    assert_eq!(becomes(make.of_one_who_saw(4).meets(Some(&mine))), new);
}
