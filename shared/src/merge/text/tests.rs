use proptest::prelude::*;
use serde_json::json;

use super::*;

fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let (base, ours, theirs) = (json!(base), json!(ours), json!(theirs));
    let one = text(Some(&base), Some(&ours), Some(&theirs)).ok().flatten();
    let other = text(Some(&base), Some(&theirs), Some(&ours)).ok().flatten();
    assert_eq!(one, other, "the sides must not matter");
    one.map(|value| value.as_str().unwrap().to_owned())
}

#[test]
fn what_overlaps_and_what_does_not() {
    let cases = [
        ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", Some("A\nb\nC\n")),
        ("a\nb\nc\n", "a\nb\nc\nd\n", "z\na\nb\nc\n", Some("z\na\nb\nc\nd\n")),
        ("a\nb\nc\n", "b\nc\n", "a\nb\n", Some("b\n")),
        ("a\nb\nc", "a\nB\nc", "a\nB\nc", Some("a\nB\nc")),
        ("a\nb\nc\nd", "a\nB\nc\nd", "a\nB\nc\nD", Some("a\nB\nc\nD")),
        // Without a line between them, two changes belong together.
        ("a\nb\n", "A\nb\n", "a\nB\n", None),
        ("a\nb\n", "a\nx\nb\n", "a\ny\nb\n", None),
        ("a\nb\n", "a\nb\nx\n", "a\nb\ny\n", None),
        ("a\nb\nc\n", "a\nc\n", "a\nB\nc\n", None),
        ("", "a", "b", None),
        ("", "a", "", Some("a")),
        // Line ends stay, also the one that is missing at the end.
        ("a\r\nb\r\nc", "a\r\nb\r\nc\r\nd", "A\r\nb\r\nc", Some("A\r\nb\r\nc\r\nd")),
        ("a\r\nb\r\nc", "a\r\nb\r\nc\r\nd", "a\r\nB\r\nc", Some("a\r\nB\r\nc\r\nd")),
        ("a\nb\nc", "a\nb\nc\nd", "A\nb\nc", Some("A\nb\nc\nd")),
        ("a\nb\nc\n", "a\nb\nc", "A\nb\nc\n", Some("A\nb\nc")),
        ("a\nb\r\nc", "a\nb\r\nC", "A\nb\r\nc", Some("A\nb\r\nC")),
        ("ä\n🙂\nz", "ä\n🙂\nZ", "ö\n🙂\nz", Some("ö\n🙂\nZ")),
    ];
    for (base, ours, theirs, expected) in cases {
        let found = merged(base, ours, theirs);
        assert_eq!(found.as_deref(), expected, "{base:?} {ours:?} {theirs:?}");
    }
}

#[test]
fn two_first_texts_are_not_mixed() {
    let (ours, theirs) = (json!("a\nb\n"), json!("a\nb\nc\n"));
    assert!(text(None, Some(&ours), Some(&theirs)).is_err());
    assert_eq!(text(None, Some(&ours), Some(&ours)), Ok(Some(ours.clone())));
    assert!(text(Some(&ours), None, Some(&theirs)).is_err());
    assert!(text(Some(&ours), Some(&json!(7)), Some(&theirs)).is_err());
}

#[test]
fn a_text_of_nothing_but_line_ends_is_merged_at_once() {
    let base = "\n".repeat(20_000);
    let (ours, theirs) = (format!("{base}mine"), format!("theirs{base}"));
    assert_eq!(merged(&base, &ours, &theirs), Some(format!("theirs{base}mine")));
    let (ours, theirs) = ("x\n".repeat(10_000), "y\n".repeat(10_000));
    assert_eq!(merged(&base, &ours, &theirs), None);
}

/// What a user does to a text, on lines that no other line is like.
#[derive(Clone, Debug)]
enum Edit {
    Replace,
    Remove,
    InsertAfter,
}

/// Edits of distinct lines of one text. An odd line is never edited, so that there is one between
/// any two edits.
fn edits() -> impl Strategy<Value = Vec<(usize, Edit, bool)>> {
    let edit = prop_oneof![Just(Edit::Replace), Just(Edit::Remove), Just(Edit::InsertAfter)];
    prop::collection::btree_map(0_usize..10, (edit, any::<bool>()), 0..10).prop_map(|edits| {
        edits.into_iter().map(|(at, (edit, is_ours))| (at * 2, edit, is_ours)).collect()
    })
}

fn edited(edits: &[(usize, Edit, bool)], does_it: impl Fn(bool) -> bool) -> String {
    let mut lines = Vec::new();
    for at in 0..20 {
        let line = format!("line {at}");
        match edits.iter().find(|(line, _, is_ours)| *line == at && does_it(*is_ours)) {
            None => lines.push(line),
            Some((_, Edit::Replace, _)) => lines.push(format!("another {at}")),
            Some((_, Edit::Remove, _)) => {}
            Some((_, Edit::InsertAfter, _)) => lines.extend([line, format!("more {at}")]),
        }
    }
    lines.join("\n")
}

proptest! {
    #[test]
    fn edits_of_other_lines_are_all_there(edits in edits()) {
        let base = edited(&edits, |_| false);
        let ours = edited(&edits, |is_ours| is_ours);
        let theirs = edited(&edits, |is_ours| !is_ours);
        prop_assert_eq!(merged(&base, &ours, &theirs), Some(edited(&edits, |_| true)));
    }

    #[test]
    fn any_texts_at_all(base in "[ab\r\n]{0,12}", ours in "[ab\r\n]{0,12}", theirs in "[ab\r\n]{0,12}") {
        prop_assert_eq!(merged(&base, &ours, &base), Some(ours.clone()));
        if let Some(joined) = merged(&base, &ours, &theirs) {
            let written = [&base, &ours, &theirs];
            let known: Vec<&str> = written.iter().flat_map(|text| lines_of(text)).collect();
            let is_known = lines_of(&joined).all(|line| known.contains(&line));
            prop_assert!(is_known, "nobody has written a line of {:?}", joined);
        }
    }
}

fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.trim_end_matches('\r'))
}
