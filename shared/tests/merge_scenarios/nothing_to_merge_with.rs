//! "The relay was set up again from last week's backup."

use serde_json::json;
use tidemark_shared::merge::Merged;

use crate::two::{Write, asks, becomes, there};

#[test]
fn a_base_from_the_future_is_no_base() {
    let note = there("notes/AAPL", &json!({"text": "a", "colour": "red"}));
    let changes = json!({"text": ["a", "b"], "colour": ["red", "red"]});
    let write = Write::edit("notes/AAPL", changes).of_one_who_saw(6);
    assert_eq!(asks(write.meets(Some(&note))), ["text"]);
    let delete = Write::delete("notes/AAPL", &json!({"text": "a", "colour": "red"}));
    assert_eq!(asks(delete.of_one_who_saw(6).meets(Some(&note))), [""; 0]);
    // Even where the later counts: nobody knows what it would be later than.
    let settings = there("settings/main", &json!({"theme": "dark"}));
    let write = Write::edit("settings/main", json!({"theme": ["dark", "light"]}));
    assert_eq!(asks(write.of_one_who_saw(6).meets(Some(&settings))), ["theme"]);
}

#[test]
fn a_document_that_the_relay_has_never_had_is_not_made_of_a_part() {
    let write = Write::edit("notes/AAPL", json!({"text": ["a", "b"]}));
    assert_eq!(asks(write.meets(None)), [""; 0]);
    assert_eq!(asks(write.of_one_who_saw(0).meets(None)), [""; 0]);
}

#[test]
fn what_is_so_already_needs_no_base() {
    let note = there("notes/AAPL", &json!({"text": "b"}));
    let write = Write::edit("notes/AAPL", json!({"text": ["a", "b"]})).of_one_who_saw(6);
    assert_eq!(write.meets(Some(&note)), Merged::Unchanged);
}

#[test]
fn two_first_lists_are_one_and_two_first_notes_are_not() {
    let list = there("watchlists/main", &json!({"name": "Main", "items": ["A"]}));
    let changes = json!({"name": [null, "Main"], "items": [null, ["B", "A"]]});
    let write = Write::edit("watchlists/main", changes).of_one_who_saw(0);
    assert_eq!(becomes(write.meets(Some(&list)))["items"], json!(["B", "A"]));

    let note = there("notes/AAPL", &json!({"text": "theirs"}));
    let write = Write::edit("notes/AAPL", json!({"text": [null, "mine"]})).of_one_who_saw(0);
    assert_eq!(asks(write.meets(Some(&note))), ["text"]);
}
