//! A user's records, as they change.

use std::collections::BTreeMap;

use serde_json::Value;
use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{
    Author, Body, Digest, Document, DocumentId, Entity, Field, GroupId, MutationId, Revision,
    UserName, Version,
};
use tidemark_shared::merge::State;
use tidemark_shared::protocol::{ErrorCode, Sequence, WireError};

use super::engine::Refusal;
use super::keys::{self, Space};
use super::limits::Limits;
use super::pages::ALONE_BYTES_MAX;
use super::shelf::{Account, Numbers, Receipted, Shelf, owner_of, to_json};
use crate::store::{Order, Read as _, Store, StoreError, Transaction};

/// Versions that are kept of a document in any case: enough to take back what was just done.
const HISTORY_KEPT: u64 = 10;

/// One user's records within a transaction.
pub(super) struct Ledger<'t, 's, S: Store> {
    transaction: &'t mut Transaction<'s, S>,
    space: Space,
    limits: Limits,
    account: Account,
    opened: Account,
    /// What changed since the ledger was opened: the newest state of each, with its length.
    touched: BTreeMap<Entity, (Document, usize)>,
}

/// A document's next state, checked against the limits, not written yet.
pub(super) struct Prepared {
    revision: Revision,
    /// The document, for the place that it gets when nothing else is written before it.
    json: Vec<u8>,
    /// What it replaces: its place and its length.
    before: Option<(Sequence, u64)>,
}

impl Prepared {
    pub(super) const fn entity(&self) -> &Entity {
        &self.revision.document.entity
    }

    pub(super) const fn version(&self) -> Version {
        self.revision.document.version
    }
}

/// What a document becomes.
pub(super) struct News {
    pub(super) becomes: State,
    pub(super) stamp: Stamp,
    pub(super) author: Author,
    /// The stamp as its author's clock had it, where that was not believed.
    pub(super) claimed: Option<Stamp>,
    /// What did not make it into the document.
    pub(super) lost: BTreeMap<Field, Option<Value>>,
    /// Who lost.
    pub(super) lost_by: Option<Author>,
}

impl<'t, 's, S: Store> Ledger<'t, 's, S> {
    pub(super) fn open(
        transaction: &'t mut Transaction<'s, S>,
        user: &UserName,
        limits: Limits,
    ) -> Result<Self, StoreError> {
        let space = Space::of(user);
        let account = Shelf::new(&*transaction, &space).account()?;
        Ok(Ledger {
            transaction,
            space,
            limits,
            account,
            opened: account,
            touched: BTreeMap::new(),
        })
    }

    pub(super) fn shelf(&self) -> Shelf<'_, Transaction<'s, S>> {
        Shelf::new(&*self.transaction, &self.space)
    }

    pub(super) const fn head(&self) -> Sequence {
        self.account.head
    }

    /// Whose a group is, among the users of one's tenant.
    pub(super) fn owner_of(
        &self,
        user: &UserName,
        group: &GroupId,
    ) -> Result<Option<UserName>, StoreError> {
        owner_of(&*self.transaction, &keys::owner_of(user, group))
    }

    /// Gives a group to the user.
    pub(super) fn take_group(&mut self, group: &GroupId, user: &UserName) -> Result<(), Refusal> {
        if self.account.groups >= self.limits.groups_per_user_max {
            let message = format!(
                "this user has {} devices and browser profiles already; nothing was stored: sign \
                 in on one of them instead",
                self.account.groups
            );
            return Err(WireError::new(ErrorCode::LimitExceeded, message)
                .of_limit("documents.groups_per_user_max", self.limits.groups_per_user_max)
                .into());
        }
        self.account.groups += 1;
        self.transaction.put(keys::owner_of(user, group), to_json(user));
        Ok(())
    }

    pub(super) fn put_numbers(&mut self, group: &GroupId, numbers: Numbers) {
        self.transaction.put(self.space.group(group), to_json(&numbers));
    }

    pub(super) fn put_receipt(&mut self, group: &GroupId, receipted: &Receipted) {
        let key = self.space.receipt(group, receipted.receipt.mid);
        self.transaction.put(key, to_json(receipted));
    }

    /// Forgets the receipts up to a number.
    pub(super) fn settle(&mut self, group: &GroupId, to: MutationId) -> Result<(), StoreError> {
        let mut forgotten = Vec::new();
        let keys = self.space.receipts_to(group, to);
        self.transaction.scan(&keys, Order::Ascending, &mut |key, _| {
            forgotten.push(key.to_vec());
            std::ops::ControlFlow::Continue(())
        })?;
        forgotten.into_iter().for_each(|key| self.transaction.remove(key));
        Ok(())
    }

    pub(super) fn put_open_conflicts(
        &mut self,
        group: &GroupId,
        entity: &Entity,
        open: &[DocumentId],
    ) {
        let key = self.space.open_conflicts(group, entity);
        match open.is_empty() {
            true => self.transaction.remove(key),
            false => self.transaction.put(key, to_json(&open)),
        }
    }

    /// A document's next state.
    ///
    /// # Errors
    /// When the user would have too much, or it could not be sent to anybody.
    pub(super) fn prepare(
        &self,
        entity: &Entity,
        current: Option<&Document>,
        news: News,
        now: UnixMillis,
    ) -> Result<Prepared, Refusal> {
        let (deleted, body) = match news.becomes {
            State::Body(body) => (false, body),
            State::Deleted => (true, Body::default()),
        };
        let document = Document {
            entity: entity.clone(),
            version: current.map_or(Version::NONE, |current| current.version).next(),
            sequence: self.account.head.next(),
            stamp: news.stamp,
            author: news.author,
            deleted,
            checksum: Digest::of(&body),
            body,
        };
        let lost_by = news.lost_by.filter(|loser| *loser != document.author);
        let before = self.transaction.get(&self.space.document(entity))?;
        let bytes = before.map_or(0, |before| before.len() as u64);
        let before = current.map(|current| (current.sequence, bytes));
        let News { claimed, lost, .. } = news;
        let json = to_json(&document);
        let revision = Revision { document, at: now, claimed, lost, lost_by };
        let prepared = Prepared { revision, json, before };
        self.has_room_for(&prepared)?;
        Ok(prepared)
    }

    /// Writes a document's next state: it becomes the newest of the log.
    pub(super) fn write(&mut self, prepared: Prepared) -> Result<Document, StoreError> {
        let Prepared { mut revision, mut json, before } = prepared;
        let sequence = self.account.head.next();
        if revision.document.sequence != sequence {
            revision.document.sequence = sequence;
            json = to_json(&revision.document);
        }
        let was = to_json(&revision);
        let document = revision.document;
        let entity = &document.entity;
        if let Some((sequence, _)) = before {
            self.transaction.remove(self.space.logged(sequence));
        }
        self.account.documents += u64::from(before.is_none());
        let before_bytes = before.map_or(0, |(_, bytes)| bytes);
        self.account.bytes = (self.account.bytes + json.len() as u64).saturating_sub(before_bytes);
        self.account.head = document.sequence;
        self.account.history_bytes += was.len() as u64;
        self.transaction.put(self.space.logged(document.sequence), to_json(entity));
        self.transaction.put(self.space.revision(entity, document.version), was);
        self.forget_history(&document)?;
        self.touched.insert(entity.clone(), (document.clone(), json.len()));
        self.transaction.put(self.space.document(&document.entity), json);
        Ok(document)
    }

    /// Writes down what the user has, and tells what has changed, in the order of the log.
    pub(super) fn close(self) -> Vec<(Document, usize)> {
        if self.account != self.opened {
            self.transaction.put(self.space.account(), to_json(&self.account));
        }
        let mut touched: Vec<_> = self.touched.into_values().collect();
        touched.sort_by_key(|(document, _)| document.sequence);
        touched
    }

    fn has_room_for(&self, prepared: &Prepared) -> Result<(), WireError> {
        let too_much = |message: String, name: &'static str, max: u64| {
            Err(WireError::new(ErrorCode::LimitExceeded, message).of_limit(name, max))
        };
        let bytes = prepared.json.len();
        if bytes > ALONE_BYTES_MAX {
            let message = format!(
                "it is too long to be sent: {bytes} bytes of at most {ALONE_BYTES_MAX}; nothing \
                 was changed: shorten it"
            );
            return too_much(message, "document_bytes_max", ALONE_BYTES_MAX as u64);
        }
        let documents_max = self.limits.documents_per_user_max;
        if prepared.before.is_none() && self.account.documents >= documents_max {
            let message = format!(
                "there are {documents_max} documents already, with those that were deleted; \
                 nothing was changed: use one that is there"
            );
            return too_much(message, "documents.per_user_max", documents_max);
        }
        let before = prepared.before.map_or(0, |(_, bytes)| bytes);
        let after = (self.account.bytes + bytes as u64).saturating_sub(before);
        let bytes_max = self.limits.bytes_per_user_max;
        if after > bytes_max && bytes as u64 > before {
            let message = format!(
                "all documents together would take {after} bytes of at most {bytes_max}; nothing \
                 was changed: shorten or delete others first"
            );
            return too_much(message, "documents.bytes_per_user_max", bytes_max);
        }
        Ok(())
    }

    /// Keeps as much of a document's history as is allowed.
    fn forget_history(&mut self, document: &Document) -> Result<(), StoreError> {
        let is_too_much = self.account.history_bytes > self.limits.history_bytes_per_user_max;
        let kept = match is_too_much {
            true => self.limits.history_max.min(HISTORY_KEPT),
            false => self.limits.history_max,
        };
        let oldest = Version(document.version.0.saturating_sub(kept.max(1)).saturating_add(1));
        let mut forgotten = Vec::new();
        let keys = self.space.revisions_before(&document.entity, oldest);
        self.transaction.scan(&keys, Order::Ascending, &mut |key, revision| {
            forgotten.push((key.to_vec(), revision.len() as u64));
            std::ops::ControlFlow::Continue(())
        })?;
        for (key, bytes) in forgotten {
            self.account.history_bytes = self.account.history_bytes.saturating_sub(bytes);
            self.transaction.remove(key);
        }
        Ok(())
    }
}
