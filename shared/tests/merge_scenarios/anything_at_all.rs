//! "I don't know what I did, but I want it back."

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use tidemark_shared::documents::{Change, Changes, Document, Field, MutationKind, Version};
use tidemark_shared::merge::{Merged, RuleSettings, Rules, Side, State, Strategies};

use crate::two::{Write, at, becomes, body, gone, me, there};

const FIELDS: [&str; 4] = ["a", "b", "c", "d"];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[xy]\n?[xy]?".prop_map(Value::from),
        prop::sample::subsequence(vec!["p", "q", "r"], 0..=3).prop_map(|ids| json!(ids)),
        prop::collection::btree_map("[xy]", 0..2, 0..3).prop_map(|object| json!(object)),
    ]
}

fn fields() -> impl Strategy<Value = BTreeMap<Field, Value>> {
    let field = prop::sample::select(FIELDS.to_vec()).prop_map(|name| name.parse().unwrap());
    prop::collection::btree_map(field, value(), 0..4)
}

fn policy() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "client_wins",
        "server_wins",
        "last_write_wins",
        "three_way",
        "manual",
        "id_set",
        "text",
    ])
}

/// Rules with a policy for each field; sometimes two of them are one.
fn rules() -> impl Strategy<Value = Rules> {
    let policies = prop::collection::vec(policy(), 4);
    (policies, any::<bool>()).prop_map(|(policies, has_group)| {
        let mut fields: BTreeMap<&str, &str> = FIELDS.into_iter().zip(policies).collect();
        let mut groups = Vec::new();
        if has_group {
            let is_for_one = ["id_set", "text"].contains(&fields["a"]);
            let policy = if is_for_one { "three_way" } else { fields["a"] };
            fields.extend([("a", policy), ("b", policy)]);
            groups.push(["a", "b"]);
        }
        let settings = json!({"drawings": {"fields": fields, "groups": groups}});
        let settings: BTreeMap<_, RuleSettings> = serde_json::from_value(settings).unwrap();
        Rules::new(&settings, &Strategies::default()).unwrap()
    })
}

fn document() -> impl Strategy<Value = Option<Document>> {
    let state = (fields(), 0..4, any::<bool>());
    state.prop_map(|(fields, state, is_mine)| {
        let mut document = match state {
            0 => return None,
            1 => gone("drawings/1"),
            _ => there("drawings/1", &json!(fields)),
        };
        if is_mine {
            document.author = me();
        }
        Some(document)
    })
}

fn write() -> impl Strategy<Value = Write> {
    let policy = prop::option::of(policy());
    (fields(), fields(), 0_u64..8, any::<bool>(), policy, 98_i64..103).prop_map(
        |(from, to, saw, is_edit, policy, seconds)| {
            let kind = if is_edit { MutationKind::Edit } else { MutationKind::Delete };
            let to = if is_edit { to } else { BTreeMap::new() };
            let change = |field: &Field| Change {
                from: from.get(field).cloned(),
                to: to.get(field).cloned(),
            };
            let changes: Changes =
                from.keys().chain(to.keys()).map(|field| (field.clone(), change(field))).collect();
            let policy = policy.map(|policy| policy.parse().unwrap());
            Write {
                kind,
                saw,
                changes,
                policy,
                at: at(seconds),
                ..Write::edit("drawings/1", json!({}))
            }
        },
    )
}

/// All that the write wanted is in the document, is named as lost, or waits for the user.
fn nothing_is_gone(
    write: &Write,
    current: Option<&Document>,
    merged: &Merged,
) -> Result<(), String> {
    let before = current.map(|current| current.body.clone()).unwrap_or_default();
    let (now, lost) = match merged {
        Merged::Conflict { .. } => return Ok(()),
        Merged::Unchanged => (before, BTreeMap::new()),
        Merged::Changed { becomes: State::Deleted, lost, .. } => (body(&json!({})), lost.clone()),
        Merged::Changed { becomes: State::Body(body), lost, lost_by, .. } => match lost_by {
            Side::Mine => (body.clone(), lost.clone()),
            Side::Theirs => (body.clone(), BTreeMap::new()),
        },
    };
    for (field, change) in write.changes.iter().filter(|(_, change)| change.from != change.to) {
        let is_kept = lost.get(field) == Some(&change.to)
            || change.to.as_ref().is_none_or(|wanted| holds(now.0.get(field), wanted));
        if !is_kept {
            return Err(format!("{field}: {:?} is gone in {now:?}, lost {lost:?}", change.to));
        }
    }
    Ok(())
}

/// Whether all parts of `wanted` are in `found`: a merge may have put others between them, and
/// taken away what the other side has taken away.
fn holds(found: Option<&Value>, wanted: &Value) -> bool {
    match (found, wanted) {
        (Some(found), wanted) if found == wanted => true,
        // Joined: what a join keeps is tested where joins are.
        (Some(Value::Array(_)), Value::Array(_)) => true,
        (Some(Value::Object(_)), Value::Object(_)) => true,
        (Some(Value::String(found)), Value::String(wanted)) => {
            wanted.split('\n').any(|line| found.split('\n').any(|found| found == line))
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn nothing_that_was_written_is_gone(
        rules in rules(),
        current in document(),
        write in write(),
    ) {
        let merged = write.meets_by(&rules, &Strategies::default(), current.as_ref());
        let kept = nothing_is_gone(&write, current.as_ref(), &merged);
        prop_assert!(kept.is_ok(), "{:?}", kept);
    }

    #[test]
    fn what_is_done_twice_is_done_once(
        rules in rules(),
        current in document(),
        write in write(),
    ) {
        // Not by a write whose author says what is to be done with whatever is there.
        let write = Write { policy: None, ..write };
        let strategies = Strategies::default();
        let merged = write.meets_by(&rules, &strategies, current.as_ref());
        if let Merged::Changed { becomes: State::Body(after), lost, .. } = merged
            && lost.is_empty()
            && write.changes.iter().all(|(field, change)| after.0.get(field) == change.to.as_ref())
        {
            let version = current.map_or(Version(1), |current| current.version.next());
            let after = Document { version, author: me(), ..there("drawings/1", &json!(after)) };
            let again = write.meets_by(&rules, &strategies, Some(&after));
            prop_assert_eq!(again, Merged::Unchanged);
        }
    }

    #[test]
    fn an_untouched_document_becomes_what_is_wanted(
        rules in rules(),
        before in fields(),
        after in fields(),
    ) {
        let document = there("drawings/1", &json!(before));
        let changes = tidemark_shared::documents::changes_between(
            &body(&json!(before)),
            &body(&json!(after)),
        );
        let write = Write { changes, saw: 5, ..Write::edit("drawings/1", json!({})) };
        let merged = write.meets_by(&rules, &Strategies::default(), Some(&document));
        if before == after {
            prop_assert_eq!(merged, Merged::Unchanged);
        } else {
            let is_merged = !matches!(merged, Merged::Changed { merged: false, .. });
            prop_assert!(!is_merged, "nobody else was there");
            prop_assert_eq!(becomes(merged), json!(after));
        }
    }
}
