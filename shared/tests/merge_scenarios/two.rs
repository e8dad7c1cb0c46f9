//! Two devices and one document, put down in few words.

use std::collections::BTreeMap;

use serde_json::Value;
use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{
    Author, Body, Change, Changes, Digest, Document, Draft, Entity, Field, GroupId, Mutation,
    MutationId, MutationKind, Version,
};
use tidemark_shared::merge::{Merged, Policy, RuleSettings, Rules, State, Strategies, apply};
use tidemark_shared::protocol::Sequence;

/// The one who writes.
pub(crate) fn me() -> Author {
    author(1)
}

/// The one whose change is there.
pub(crate) fn them() -> Author {
    author(2)
}

pub(crate) fn author(group: u128) -> Author {
    Author { user: "alice".parse().unwrap(), group: GroupId::from_bits(group) }
}

pub(crate) fn at(seconds: i64) -> Stamp {
    Stamp { at: UnixMillis(seconds * 1_000), count: 0 }
}

pub(crate) fn body(value: &Value) -> Body {
    serde_json::from_value(value.clone()).unwrap()
}

/// A document that they wrote at second 100, version 5.
pub(crate) fn there(entity: &str, value: &Value) -> Document {
    let body = body(value);
    Document {
        entity: entity.parse().unwrap(),
        version: Version(5),
        sequence: Sequence(50),
        stamp: at(100),
        author: them(),
        deleted: false,
        checksum: Digest::of(&body),
        body,
    }
}

/// The same, deleted.
pub(crate) fn gone(entity: &str) -> Document {
    Document { deleted: true, ..there(entity, &Value::Object(serde_json::Map::new())) }
}

/// A write of mine at second 200, of one who saw version 4.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) kind: MutationKind,
    pub(crate) entity: Entity,
    pub(crate) saw: u64,
    pub(crate) changes: Changes,
    pub(crate) policy: Option<Policy>,
    pub(crate) at: Stamp,
}

impl Write {
    /// An edit. Of each field: what was seen, and what it should be; null for nothing.
    pub(crate) fn edit(entity: &str, fields: Value) -> Self {
        let fields: BTreeMap<Field, (Value, Value)> = serde_json::from_value(fields).unwrap();
        let some = |value: Value| Some(value).filter(|value| !value.is_null());
        let changes = fields
            .into_iter()
            .map(|(field, (from, to))| (field, Change { from: some(from), to: some(to) }))
            .collect();
        Write {
            kind: MutationKind::Edit,
            entity: entity.parse().unwrap(),
            saw: 4,
            changes,
            policy: None,
            at: at(200),
        }
    }

    /// A deletion of what was seen.
    pub(crate) fn delete(entity: &str, seen: &Value) -> Self {
        let changes = body(seen)
            .0
            .into_iter()
            .map(|(field, value)| (field, Change { from: Some(value), to: None }));
        Write {
            kind: MutationKind::Delete,
            changes: changes.collect(),
            ..Write::edit(entity, serde_json::json!({}))
        }
    }

    pub(crate) fn of_one_who_saw(mut self, version: u64) -> Self {
        self.saw = version;
        self
    }

    pub(crate) fn written_at(mut self, seconds: i64) -> Self {
        self.at = at(seconds);
        self
    }

    pub(crate) fn by(mut self, policy: &str) -> Self {
        self.policy = Some(policy.parse().unwrap());
        self
    }

    /// What comes of it by the built-in rules.
    pub(crate) fn meets(&self, current: Option<&Document>) -> Merged {
        self.meets_by(&Rules::default(), &Strategies::default(), current)
    }

    /// What comes of it.
    pub(crate) fn meets_by(
        &self,
        rules: &Rules,
        strategies: &Strategies,
        current: Option<&Document>,
    ) -> Merged {
        apply(rules, strategies, &self.sealed(), &me(), current)
    }

    fn sealed(&self) -> Mutation {
        let draft = Draft {
            kind: self.kind,
            entity: self.entity.clone(),
            base_version: Version(self.saw),
            changes: self.changes.clone(),
            policy: self.policy.clone(),
            valid_until: None,
            conflict: None,
        };
        Mutation::seal(draft, MutationId(1), me().user, self.at)
    }
}

/// Rules as an operator writes them.
pub(crate) fn rules(settings: Value) -> Rules {
    let settings: BTreeMap<_, RuleSettings> = serde_json::from_value(settings).unwrap();
    Rules::new(&settings, &Strategies::default()).unwrap()
}

/// What a document becomes without anybody losing anything.
pub(crate) fn becomes(merged: Merged) -> Value {
    match merged {
        Merged::Changed { becomes: State::Body(body), lost, .. } if lost.is_empty() => {
            serde_json::to_value(body).unwrap()
        }
        other => panic!("it was to become something: {other:?}"),
    }
}

/// The fields in which a write is the user's.
pub(crate) fn asks(merged: Merged) -> Vec<String> {
    match merged {
        Merged::Conflict { fields } => fields.iter().map(ToString::to_string).collect(),
        other => panic!("the user was to be asked: {other:?}"),
    }
}
