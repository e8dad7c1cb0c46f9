//! A conflict as its user decides it: field by field, against the document as it is now.

use std::collections::BTreeMap;

use serde_json::Value;
use tidemark_shared::documents::shape::together;
use tidemark_shared::documents::{
    Body, Change, Conflict, ConflictStep, DocumentId, Draft, Field, MutationKind,
};

use super::seen::Seen;

/// A conflict with what is there now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    /// Its name among the conflicts.
    pub(crate) id: DocumentId,
    /// What it says.
    pub(crate) conflict: Conflict,
    /// The document now, which may have gone on since.
    pub(crate) now: Seen,
    /// What a document that is deleted now was before, where it is known.
    pub(crate) before: Option<Body>,
}

/// What two have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clash {
    /// Both have edited it.
    BothEdited,
    /// It is deleted, and this write edits it.
    EditOfDeleted,
    /// It was edited, and this write deletes it.
    DeletionOfEdited,
    /// Both have deleted it: there is nothing left to decide.
    BothDeleted,
}

/// How a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// Both have changed it, differently: the user decides.
    Both,
    /// Only this write changes it.
    OnlyMine,
    /// Both want the same.
    Same,
}

/// A field that the write touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Which.
    pub(crate) field: Field,
    /// What the write's author saw.
    pub(crate) base: Option<Value>,
    /// What the write wants.
    pub(crate) mine: Option<Value>,
    /// What is there now.
    pub(crate) theirs: Option<Value>,
    /// How it stands.
    pub(crate) stand: Stand,
}

/// What the user wants of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// What the write wants.
    Mine,
    /// What is there now.
    Theirs,
    /// Something else.
    Third(Value),
}

/// A side, where it is all or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The write.
    Mine,
    /// What is there now.
    Theirs,
}

/// What the user has decided so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Of single fields.
    pub(crate) fields: BTreeMap<Field, Choice>,
    /// Of the whole, where one side has deleted it.
    pub(crate) whole: Option<Side>,
}

impl Case {
    /// What two have done.
    pub(crate) const fn clash(&self) -> Clash {
        match (self.conflict.kind, self.now.body.is_some()) {
            (MutationKind::Edit, true) => Clash::BothEdited,
            (MutationKind::Edit, false) => Clash::EditOfDeleted,
            (MutationKind::Delete, true) => Clash::DeletionOfEdited,
            (MutationKind::Delete, false) => Clash::BothDeleted,
        }
    }

    /// Whether the document has gone on since the conflict was seen.
    pub(crate) fn has_gone_on(&self) -> bool {
        self.now.body != self.conflict.theirs
    }

    /// The fields that the write touches.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let row = |(field, change): (&Field, &Change)| {
            let theirs = self.theirs(field).cloned();
            let (base, mine) = (change.from.clone(), change.to.clone());
            Row { field: field.clone(), base, mine, theirs, stand: self.stand(field) }
        };
        self.conflict.mine.iter().map(row).collect()
    }

    /// The fields that can only be chosen together with this one, and this one.
    pub(crate) fn with(&self, field: &Field) -> Vec<Field> {
        let groups = together(self.conflict.entity.collection.as_str());
        let group = groups.iter().find(|group| group.contains(&field.as_str()));
        match group {
            Some(group) => {
                let touched = self.conflict.mine.keys();
                touched.filter(|known| group.contains(&known.as_str())).cloned().collect()
            }
            None => vec![field.clone()],
        }
    }

    /// The document as decided; absent for deleted. Nothing as long as something is undecided.
    pub(crate) fn result(&self, decision: &Decision) -> Option<Option<Body>> {
        match (self.clash(), decision.whole) {
            (Clash::BothEdited, _) => self.merged(decision).map(Some),
            (Clash::BothDeleted, _) => Some(None),
            (Clash::EditOfDeleted, Some(Side::Mine)) => Some(Some(self.brought_back())),
            (Clash::DeletionOfEdited, Some(Side::Mine)) => Some(None),
            (_, Some(Side::Theirs)) => Some(self.now.body.clone()),
            (_, None) => None,
        }
    }

    /// The write that does what was decided: an ordinary one, from what is there now.
    pub(crate) fn draft(&self, result: Option<&Body>) -> Draft {
        let mut draft = self.now.draft(self.conflict.entity.clone(), result);
        draft.conflict = Some(ConflictStep::Resolves(self.id.clone()));
        draft
    }

    /// The write that takes the decision back, when the document is `after` now.
    pub(crate) fn undo(&self, after: &Seen) -> Draft {
        let mut draft = after.draft(self.conflict.entity.clone(), self.now.body.as_ref());
        draft.conflict = Some(ConflictStep::Reopens(self.id.clone()));
        draft
    }

    fn theirs(&self, field: &Field) -> Option<&Value> {
        self.now.body.as_ref().and_then(|body| body.0.get(field))
    }

    fn stand(&self, field: &Field) -> Stand {
        let touched = self.with(field);
        let all = |holds: &dyn Fn(Option<&Value>, &Change) -> bool| {
            touched.iter().all(|field| {
                let change = self.conflict.mine.get(field);
                change.is_none_or(|change| holds(self.theirs(field), change))
            })
        };
        if all(&|theirs, change| theirs == change.to.as_ref()) {
            Stand::Same
        } else if all(&|theirs, change| theirs == change.from.as_ref()) {
            Stand::OnlyMine
        } else {
            Stand::Both
        }
    }

    fn merged(&self, decision: &Decision) -> Option<Body> {
        let mut body = self.now.body.clone()?;
        for row in self.rows() {
            let value = match (decision.fields.get(&row.field), row.stand) {
                (Some(Choice::Third(value)), _) => Some(value.clone()),
                (Some(Choice::Theirs), _) | (None, Stand::Same) => row.theirs,
                (Some(Choice::Mine), _) | (None, Stand::OnlyMine) => row.mine,
                (None, Stand::Both) => return None,
            };
            put(&mut body, row.field, value);
        }
        Some(body)
    }

    /// What was deleted, with what the write wants of it.
    fn brought_back(&self) -> Body {
        let mut body = self.before.clone().unwrap_or_default();
        for (field, change) in &self.conflict.mine {
            put(&mut body, field.clone(), change.to.clone());
        }
        body
    }
}

fn put(body: &mut Body, field: Field, value: Option<Value>) {
    match value {
        Some(value) => body.0.insert(field, value),
        None => body.0.remove(&field),
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tidemark_shared::clock::{Stamp, UnixMillis};
    use tidemark_shared::documents::{Author, ConflictState, Version, changes_between};

    use super::*;
    use crate::desk::seen::body;

    fn case(kind: MutationKind, base: Value, mine: Value, now: Option<Value>) -> Case {
        let now = now.map(body);
        Case {
            id: "g-1".parse().unwrap(),
            conflict: Conflict {
                entity: "alert_rules/1".parse().unwrap(),
                kind,
                author: Author {
                    user: "ann".parse().unwrap(),
                    group: "0".repeat(32).parse().unwrap(),
                },
                stamp: Stamp::default(),
                base_version: Version(1),
                mine: changes_between(&body(base), &body(mine)),
                theirs: now.clone(),
                theirs_version: Version(2),
                theirs_author: None,
                fields: Vec::new(),
                opened: UnixMillis(0),
                state: ConflictState::Open,
                resolved_version: None,
            },
            now: Seen { version: now.as_ref().map_or(Version::NONE, |_| Version(2)), body: now },
            before: None,
        }
    }

    fn edited() -> Case {
        case(
            MutationKind::Edit,
            json!({"text": "base", "name": "n", "tag": "a"}),
            json!({"text": "mine", "name": "m", "tag": "b"}),
            Some(json!({"text": "theirs", "name": "n", "tag": "b", "more": 1})),
        )
    }

    fn choose(choice: Choice) -> Decision {
        let fields = BTreeMap::from([("text".parse().unwrap(), choice)]);
        Decision { fields, whole: None }
    }

    #[test]
    fn only_what_both_have_changed_differently_is_asked() {
        let case = edited();
        let stands: Vec<_> =
            case.rows().into_iter().map(|row| (row.field.to_string(), row.stand)).collect();
        let expected = [("name", Stand::OnlyMine), ("tag", Stand::Same), ("text", Stand::Both)];
        assert_eq!(stands, expected.map(|(name, stand)| (name.to_owned(), stand)));
        assert_eq!(case.result(&Decision::default()), None, "the text is undecided");
    }

    #[test]
    fn the_result_is_what_was_chosen_and_keeps_what_nobody_asked_about() {
        let cases = [
            (Choice::Mine, "mine"),
            (Choice::Theirs, "theirs"),
            (Choice::Third(json!("both")), "both"),
        ];
        for (choice, text) in cases {
            let result = edited().result(&choose(choice)).unwrap();
            let expected = body(json!({"text": text, "name": "m", "tag": "b", "more": 1}));
            assert_eq!(result, Some(expected));
        }
    }

    #[test]
    fn the_decision_is_a_write_from_theirs_and_undoing_it_leads_back_there() {
        let case = edited();
        let result = case.result(&choose(Choice::Mine)).unwrap().unwrap();
        let draft = case.draft(Some(&result));
        assert_eq!(draft.changes["text"].from, Some(json!("theirs")));
        assert_eq!(draft.conflict, Some(ConflictStep::Resolves(case.id.clone())));
        let after = Seen { version: Version(3), body: Some(result) };
        let undo = case.undo(&after);
        assert_eq!(undo.changes["text"].to, Some(json!("theirs")));
        assert_eq!(undo.changes["name"].to, Some(json!("n")));
        assert_eq!(undo.conflict, Some(ConflictStep::Reopens(case.id)));
    }

    #[test]
    fn a_document_that_was_deleted_meanwhile_can_come_back_whole() {
        let mut case =
            case(MutationKind::Edit, json!({"name": "old"}), json!({"name": "new"}), None);
        assert_eq!(case.clash(), Clash::EditOfDeleted);
        case.before = Some(body(json!({"name": "other", "items": ["A"]})));
        let mine = Decision { whole: Some(Side::Mine), ..Decision::default() };
        let result = case.result(&mine).unwrap().unwrap();
        assert_eq!(result, body(json!({"name": "new", "items": ["A"]})));
        let draft = case.draft(Some(&result));
        assert_eq!(draft.base_version, Version::NONE);
        assert!(draft.changes.values().all(|change| change.from.is_none()));
        let theirs = Decision { whole: Some(Side::Theirs), ..Decision::default() };
        assert_eq!(case.result(&theirs), Some(None));
        assert_eq!(case.draft(None).kind, MutationKind::Delete);
    }

    #[test]
    fn a_deletion_that_met_an_edit_waits_for_the_users_word() {
        let case =
            case(MutationKind::Delete, json!({"text": "a"}), json!({}), Some(json!({"text": "b"})));
        assert_eq!(case.clash(), Clash::DeletionOfEdited);
        assert_eq!(case.result(&Decision::default()), None);
        let mine = Decision { whole: Some(Side::Mine), ..Decision::default() };
        assert_eq!(case.result(&mine), Some(None));
        assert_eq!(case.draft(None).changes["text"].from, Some(json!("b")), "as it is seen now");
    }

    #[test]
    fn a_condition_is_chosen_whole() {
        let rule = |op: &str, threshold: &str| json!({"metric": "price", "op": op, "threshold": threshold, "active": true});
        let case = case(
            MutationKind::Edit,
            rule("above", "1"),
            rule("above", "2"),
            Some(rule("below", "1")),
        );
        // The relay's conflict names the whole group, as every write of it does.
        let mut grouped = case.clone();
        for field in ["metric", "op"] {
            let value = grouped.now.body.as_ref().unwrap().get(field).cloned();
            let from = if field == "op" { Some(json!("above")) } else { value };
            let change = Change { from: from.clone(), to: from };
            grouped.conflict.mine.insert(field.parse().unwrap(), change);
        }
        assert!(grouped.rows().iter().all(|row| row.stand == Stand::Both));
        let together = grouped.with(&"op".parse().unwrap());
        assert_eq!(together.len(), 3);
    }

    #[test]
    fn a_document_that_goes_on_is_asked_about_as_it_is_now() {
        let mut case = edited();
        assert!(!case.has_gone_on());
        case.now.body = Some(body(json!({"text": "mine", "name": "n", "tag": "b"})));
        assert!(case.has_gone_on());
        let result = case.result(&Decision::default()).unwrap().unwrap();
        assert_eq!(result.text("text"), Some("mine"), "nothing is left to ask");
    }
}
