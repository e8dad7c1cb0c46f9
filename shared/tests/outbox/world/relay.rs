//! A relay as simple as it can be: the numbers of queues, one log per user, and of two who changed
//! the same the one with the later stamp wins, or the user is asked.

use std::collections::BTreeMap;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{
    Author, Body, Change, Collection, Conflict, ConflictState, ConflictStep, Delta, Digest,
    Document, Entity, GroupId, Mutation, MutationId, MutationKind, Nack, Outcome, Push, Pushed,
    Receipt, UserName, Version,
};
use tidemark_shared::merge::Policy;
use tidemark_shared::protocol::{Epoch, ErrorCode, Position, Sequence, WireError};

/// What is broken on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// A write that was seen before is taken for a new one.
    NoDedupe,
    /// It answers, and forgets what it answered.
    Forgetful,
}

/// Whose queue, and what is known of it.
#[derive(Clone, Debug)]
struct Group {
    user: UserName,
    last: MutationId,
    settled: MutationId,
    receipts: BTreeMap<MutationId, (Digest, Receipt)>,
}

/// A write that was decided: for the tests, which ask what was done how often.
#[derive(Clone, Debug)]
pub struct Decision {
    pub mutation: Mutation,
    pub group: GroupId,
    pub outcome: Outcome,
    /// Whether the document changed.
    pub has_effect: bool,
}

/// All that is on its disk.
#[derive(Clone, Debug)]
pub struct Relay {
    pub epoch: Epoch,
    head: Sequence,
    pub documents: BTreeMap<Entity, Document>,
    groups: BTreeMap<GroupId, Group>,
    pub decisions: Vec<Decision>,
    pub fault: Fault,
    /// Whether it forgets the receipts that a client says it has safe.
    pub forgets_settled: bool,
    /// Most documents in one answer.
    pub part_max: usize,
    /// Documents that are sent damaged, so often.
    pub damage: BTreeMap<Entity, u32>,
}

impl Relay {
    pub fn new() -> Self {
        Relay {
            epoch: Epoch(1),
            head: Sequence::START,
            documents: BTreeMap::new(),
            groups: BTreeMap::new(),
            decisions: Vec::new(),
            fault: Fault::None,
            forgets_settled: true,
            part_max: 100,
            damage: BTreeMap::new(),
        }
    }

    /// It goes on with what `backup` had.
    pub fn restore(&mut self, backup: &Relay) {
        let epoch = Epoch(self.epoch.0.max(backup.epoch.0) + 1);
        *self = Relay { epoch, fault: self.fault, part_max: self.part_max, ..backup.clone() };
    }

    /// Somebody put an old file in place of the new one, and told nobody.
    pub fn roll_back(&mut self, backup: &Relay) {
        *self = Relay { fault: self.fault, part_max: self.part_max, ..backup.clone() };
    }

    pub fn position(&self) -> Position {
        Position::new(self.epoch, self.head)
    }

    pub fn push(&mut self, user: &UserName, push: &Push, at: UnixMillis) -> Pushed {
        let epoch = self.epoch;
        let answer = |receipts, nack| Pushed { epoch, receipts, nack };
        if push.epoch.is_some_and(|epoch| epoch != self.epoch) {
            return answer(Vec::new(), Some(Nack::NewEpoch));
        }
        if self.groups.get(&push.group).is_some_and(|group| group.user != *user) {
            return answer(Vec::new(), Some(Nack::WrongUser));
        }
        let mut receipts = Vec::new();
        for mutation in &push.mutations {
            match self.decide(user, &push.group, mutation, at) {
                Ok(receipt) => receipts.push(receipt),
                Err(nack) => return answer(receipts, Some(nack)),
            }
        }
        if let Some(group) = self.groups.get_mut(&push.group).filter(|_| self.forgets_settled) {
            group.settled = group.settled.max(push.settled.min(group.last));
            group.receipts.retain(|mid, _| *mid > group.settled);
        }
        answer(receipts, None)
    }

    /// The log after a position, at most one part of it.
    pub fn documents(&mut self, after: Option<Position>) -> Delta {
        let known = after.filter(|at| at.epoch == self.epoch && at.sequence <= self.head);
        let after = known.map_or(Sequence::START, |at| at.sequence);
        let mut newer: Vec<Document> =
            self.documents.values().filter(|document| document.sequence > after).cloned().collect();
        newer.sort_unstable_by_key(|document| document.sequence);
        let is_cut = newer.len() > self.part_max;
        newer.truncate(self.part_max);
        let last = newer.last().map_or(after, |document| document.sequence);
        for document in &mut newer {
            self.maybe_damage(document);
        }
        let to = if is_cut { last } else { self.head };
        Delta { epoch: self.epoch, after, to, head: self.head, documents: newer }
    }

    fn maybe_damage(&mut self, document: &mut Document) {
        let Some(left) = self.damage.get_mut(&document.entity).filter(|left| **left > 0) else {
            return;
        };
        *left -= 1;
        document.body.0.insert("value".parse().unwrap(), "noise".into());
    }

    fn decide(
        &mut self,
        user: &UserName,
        name: &GroupId,
        mutation: &Mutation,
        at: UnixMillis,
    ) -> Result<Receipt, Nack> {
        let mid = mutation.mid;
        let known = self.groups.get(name);
        let last = known.map_or(MutationId::NONE, |group| group.last);
        if mid > last.next() {
            return Err(Nack::Gap { expected: last.next() });
        }
        if mid <= last && self.fault != Fault::NoDedupe {
            let seen = known.and_then(|group| group.receipts.get(&mid));
            return match seen {
                Some((hash, receipt)) if *hash == mutation.hash => Ok(receipt.clone()),
                _ => Err(Nack::Fork { mid }),
            };
        }
        let head = self.head;
        let (outcome, has_effect) = self.apply(user, name, mutation, at);
        let sequence = if self.head > head { self.head } else { head };
        let receipt = Receipt { mid, outcome: outcome.clone(), sequence, at };
        if self.fault == Fault::Forgetful {
            return Ok(receipt);
        }
        let group = self.groups.entry(name.clone()).or_insert_with(|| Group {
            user: user.clone(),
            last: MutationId::NONE,
            settled: MutationId::NONE,
            receipts: BTreeMap::new(),
        });
        group.last = group.last.max(mid);
        group.receipts.insert(mid, (mutation.hash, receipt.clone()));
        let (mutation, group) = (mutation.clone(), name.clone());
        self.decisions.push(Decision { mutation, group, outcome, has_effect });
        Ok(receipt)
    }

    fn apply(
        &mut self,
        user: &UserName,
        group: &GroupId,
        mutation: &Mutation,
        at: UnixMillis,
    ) -> (Outcome, bool) {
        let draft = &mutation.draft;
        let author = Author { user: user.clone(), group: group.clone() };
        if draft.valid_until.is_some_and(|until| until < at) {
            return (Outcome::Expired, false);
        }
        if draft.changes.values().any(|change| change.to == Some("poison".into())) {
            let error = WireError::new(ErrorCode::InvalidParameters, "that is poison");
            return (Outcome::Rejected { error }, false);
        }
        let current = self.documents.get(&draft.entity).cloned();
        let version = current.as_ref().map_or(Version::NONE, |document| document.version);
        let mut body = current.as_ref().map(|document| document.body.clone()).unwrap_or_default();
        let theirs = body.clone();
        let is_newer = current.as_ref().is_none_or(|document| {
            (mutation.stamp, &author.group) > (document.stamp, &document.author.group)
        });
        let may_decide = draft.policy == Some(Policy::LastWriteWins)
            || draft.entity.collection != Collection::notes();
        let (mut lost, mut disputed, mut merged) = (Vec::new(), Vec::new(), false);
        for (field, Change { from, to }) in &draft.changes {
            let there = body.0.get(field).cloned();
            if there == *to {
                continue;
            }
            if there != *from {
                merged = true;
                if !may_decide {
                    disputed.push(field.clone());
                    continue;
                }
                if !is_newer {
                    lost.push(field.clone());
                    continue;
                }
            }
            match to {
                Some(value) => body.0.insert(field.clone(), value.clone()),
                None => body.0.remove(field),
            };
        }
        if !disputed.is_empty() {
            let id = format!("{group}-{}", mutation.mid);
            self.open_conflict(&id, mutation, &author, current.as_ref(), disputed.clone(), at);
            return (Outcome::Conflict { conflict: id.parse().unwrap(), fields: disputed }, false);
        }
        self.step_conflict(draft.conflict.as_ref(), &author, mutation);
        let deleted = match draft.kind {
            MutationKind::Delete => lost.is_empty(),
            MutationKind::Edit if draft.changes.is_empty() => {
                current.as_ref().is_none_or(|document| document.deleted)
            }
            MutationKind::Edit => current.as_ref().is_some_and(|it| it.deleted) && body == theirs,
        };
        let was_deleted = current.as_ref().is_none_or(|document| document.deleted);
        if body == theirs && deleted == was_deleted {
            return match lost.is_empty() {
                true => (Outcome::Noop { version }, false),
                false => (Outcome::Merged { version, lost }, false),
            };
        }
        let body = if deleted { Body::default() } else { body };
        let stamp = current.map_or(mutation.stamp, |document| document.stamp.max(mutation.stamp));
        let version = version.next();
        self.head = self.head.next();
        let document = Document {
            entity: draft.entity.clone(),
            version,
            sequence: self.head,
            stamp,
            author,
            deleted,
            checksum: Digest::of(&body),
            body,
        };
        self.documents.insert(draft.entity.clone(), document);
        match merged {
            true => (Outcome::Merged { version, lost }, true),
            false => (Outcome::Applied { version }, true),
        }
    }

    fn open_conflict(
        &mut self,
        id: &str,
        mutation: &Mutation,
        author: &Author,
        theirs: Option<&Document>,
        fields: Vec<tidemark_shared::documents::Field>,
        at: UnixMillis,
    ) {
        let conflict = Conflict {
            entity: mutation.draft.entity.clone(),
            kind: mutation.draft.kind,
            author: author.clone(),
            stamp: mutation.stamp,
            base_version: mutation.draft.base_version,
            mine: mutation.draft.changes.clone(),
            theirs: theirs.map(|document| document.body.clone()),
            theirs_version: theirs.map_or(Version::NONE, |document| document.version),
            theirs_author: theirs.map(|document| document.author.clone()),
            fields,
            opened: at,
            state: ConflictState::Open,
            resolved_version: None,
        };
        self.put_conflict(id, conflict.to_body(), author, mutation);
    }

    fn step_conflict(&mut self, step: Option<&ConflictStep>, author: &Author, mutation: &Mutation) {
        let (id, state) = match step {
            Some(ConflictStep::Resolves(id)) => (id, ConflictState::Resolved),
            Some(ConflictStep::Reopens(id)) => (id, ConflictState::Open),
            None => return,
        };
        let entity = Entity::new(Collection::conflicts(), id.clone());
        let Some(document) = self.documents.get(&entity) else { return };
        let conflict = Conflict { state, ..Conflict::of_body(&document.body).unwrap() };
        self.put_conflict(id.as_str(), conflict.to_body(), author, mutation);
    }

    fn put_conflict(&mut self, id: &str, body: Body, author: &Author, mutation: &Mutation) {
        let entity = Entity::new(Collection::conflicts(), id.parse().unwrap());
        let version = self.documents.get(&entity).map_or(Version::NONE, |it| it.version).next();
        self.head = self.head.next();
        let document = Document {
            entity: entity.clone(),
            version,
            sequence: self.head,
            stamp: mutation.stamp,
            author: author.clone(),
            deleted: false,
            checksum: Digest::of(&body),
            body,
        };
        self.documents.insert(entity, document);
    }
}
