//! "Take mine, whatever is there."

use serde_json::{Value, json};
use tidemark_shared::documents::Document;
use tidemark_shared::merge::{Merged, Side, State};

use crate::two::{Write, asks, becomes, gone, there};

/// What comes of it, in one word each: the state, what was lost, and whose it was.
fn told(merged: Merged) -> (Value, Value) {
    let Merged::Changed { becomes, merged: true, lost, lost_by } = merged else {
        panic!("it was to change: {merged:?}");
    };
    let state = match becomes {
        State::Body(body) => json!(body),
        State::Deleted => Value::Null,
    };
    let whose = match lost_by {
        _ if lost.is_empty() => "nobody",
        Side::Mine => "mine",
        Side::Theirs => "theirs",
    };
    (state, json!({whose: lost}))
}

#[test]
fn the_write_goes_before_the_collection() {
    let theirs = there("notes/AAPL", &json!({"text": "theirs"}));
    let write = Write::edit("notes/AAPL", json!({"text": ["old", "mine"]}));
    let (mine_wins, theirs_wins) = (
        (json!({"text": "mine"}), json!({"theirs": {"text": "theirs"}})),
        (json!({"text": "theirs"}), json!({"mine": {"text": "mine"}})),
    );
    for (policy, expected) in [
        ("client_wins", &mine_wins),
        ("server_wins", &theirs_wins),
        ("last_write_wins", &mine_wins),
    ] {
        assert_eq!(told(write.clone().by(policy).meets(Some(&theirs))), *expected, "{policy}");
        // They need no base either.
        let write = write.clone().by(policy).of_one_who_saw(9);
        assert_eq!(told(write.meets(Some(&theirs))), *expected, "{policy}");
    }
    let early = write.clone().by("last_write_wins").written_at(1);
    assert_eq!(told(early.meets(Some(&theirs))), theirs_wins);
    for policy in ["manual", "text", "id_set", "three_way", "nobody_knows_it"] {
        assert_eq!(asks(write.clone().by(policy).meets(Some(&theirs))), ["text"], "{policy}");
    }
    let list = there("watchlists/1", &json!({"name": "n", "items": ["A", "B"]}));
    let by_hand = Write::edit("watchlists/1", json!({"items": [["A"], ["A", "C"]]})).by("manual");
    assert_eq!(asks(by_hand.meets(Some(&list))), ["items"]);
}

#[test]
fn it_also_settles_what_one_has_deleted() {
    let edited = there("notes/AAPL", &json!({"text": "edited", "colour": "red"}));
    let delete = Write::delete("notes/AAPL", &json!({"text": "seen", "colour": "red"}));
    let goes = (Value::Null, json!({"theirs": {"text": "edited"}}));
    let stays = (json!({"text": "edited", "colour": "red"}), json!({"nobody": {}}));
    let cases = [
        (delete.clone().by("client_wins"), &edited, &goes),
        (delete.clone().by("last_write_wins"), &edited, &goes),
        (delete.clone().by("last_write_wins").written_at(1), &edited, &stays),
        (delete.by("server_wins"), &edited, &stays),
    ];
    for (write, current, expected) in cases {
        assert_eq!(told(write.meets(Some(current))), *expected, "{write:?}");
    }

    let deleted: Document = gone("notes/AAPL");
    let edit = Write::edit("notes/AAPL", json!({"text": ["seen", "mine"]}));
    assert_eq!(becomes(edit.clone().by("client_wins").meets(Some(&deleted)))["text"], "mine");
    let lost = (Value::Null, json!({"mine": {"text": "mine"}}));
    assert_eq!(told(edit.clone().by("server_wins").meets(Some(&deleted))), lost);
    assert_eq!(told(edit.clone().by("last_write_wins").written_at(1).meets(Some(&deleted))), lost);
    // Where nothing is at all, there is no history to keep it in: it waits for its user.
    assert_eq!(asks(edit.clone().by("server_wins").meets(None)), [""; 0]);
    assert_eq!(becomes(edit.by("client_wins").meets(None))["text"], "mine");
}
