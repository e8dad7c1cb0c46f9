//! One queue of writes of one user, as a device has it: numbered, sealed, pushed.

#![allow(dead_code, reason = "each test binary uses some of it")]

use serde_json::Value;
use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{
    Body, Change, Changes, ConflictStep, Draft, Entity, GroupId, Mutation, MutationId,
    MutationKind, Push, UserName, Version, changes_between,
};

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    pub user: UserName,
    pub group: GroupId,
    pub last: MutationId,
    pub clock: UnixMillis,
}

impl Device {
    pub fn new(user: &str, number: u128) -> Self {
        let (user, group) = (user.parse().unwrap(), GroupId::from_bits(number));
        Device { user, group, last: MutationId::NONE, clock: UnixMillis(1_000) }
    }

    /// Numbers and seals a draft.
    pub fn write(&mut self, draft: Draft) -> Mutation {
        self.last = self.last.next();
        let stamp = Stamp { at: self.clock, count: 0 };
        Mutation::seal(draft, self.last, self.user.clone(), stamp)
    }

    /// A push of writes, in their order.
    pub fn push(&self, mutations: impl IntoIterator<Item = Mutation>) -> Push {
        Push {
            epoch: None,
            group: self.group.clone(),
            settled: MutationId::NONE,
            mutations: mutations.into_iter().collect(),
        }
    }
}

/// An edit of fields: what each was, and what it should be.
pub fn edit(entity: &str, base: u64, fields: &[(&str, Option<&str>, Option<&str>)]) -> Draft {
    let text = |text: &Option<&str>| text.map(Value::from);
    let changes = fields.iter().map(|(field, from, to)| {
        (field.parse().unwrap(), Change { from: text(from), to: text(to) })
    });
    draft(MutationKind::Edit, entity, base, changes.collect())
}

/// A deletion of a document as it was seen.
pub fn delete(entity: &str, base: u64, seen: &Body) -> Draft {
    draft(MutationKind::Delete, entity, base, changes_between(seen, &Body::default()))
}

/// A draft that also does something to a conflict.
pub fn with_step(draft: Draft, step: ConflictStep) -> Draft {
    Draft { conflict: Some(step), ..draft }
}

/// A body of texts.
pub fn body(fields: &[(&str, &str)]) -> Body {
    fields.iter().map(|(field, text)| (field.parse().unwrap(), Value::from(*text))).collect()
}

pub fn entity(name: &str) -> Entity {
    name.parse().unwrap()
}

fn draft(kind: MutationKind, entity: &str, base: u64, changes: Changes) -> Draft {
    Draft {
        kind,
        entity: entity.parse().unwrap(),
        base_version: Version(base),
        changes,
        policy: None,
        valid_until: None,
        conflict: None,
    }
}
