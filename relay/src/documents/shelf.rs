//! A user's records, read.

use std::ops::ControlFlow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tidemark_shared::documents::{
    Delta, Digest, Document, DocumentId, Entity, GroupId, HistoryPage, MutationId, Receipt,
    Revision, UserName, Version,
};
use tidemark_shared::protocol::{Epoch, Position, Sequence};

use super::keys::Space;
use super::pages::Page;
use crate::store::{Order, Read, StoreError};

/// What a user has in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    /// The end of the document log.
    pub(super) head: Sequence,
    /// Documents, deleted ones too.
    pub(super) documents: u64,
    /// Bytes of their newest states.
    pub(super) bytes: u64,
    /// Bytes of all that they were.
    pub(super) history_bytes: u64,
    /// Queues.
    pub(super) groups: u64,
}

/// Where a queue's numbers stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbers {
    /// The last write taken in.
    pub(super) last: MutationId,
    /// Receipts up to here are forgotten.
    pub(super) settled: MutationId,
}

/// What a write got, and which write it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receipted {
    pub(super) hash: Digest,
    pub(super) receipt: Receipt,
}

/// A user's records as a snapshot or a transaction has them.
pub(super) struct Shelf<'r, R> {
    read: &'r R,
    space: &'r Space,
}

impl<'r, R: Read> Shelf<'r, R> {
    pub(super) const fn new(read: &'r R, space: &'r Space) -> Self {
        Shelf { read, space }
    }

    pub(super) fn account(&self) -> Result<Account, StoreError> {
        Ok(read_json(self.read, &self.space.account())?.unwrap_or_default())
    }

    pub(super) fn document(&self, entity: &Entity) -> Result<Option<Document>, StoreError> {
        read_json(self.read, &self.space.document(entity))
    }

    pub(super) fn numbers(&self, group: &GroupId) -> Result<Numbers, StoreError> {
        Ok(read_json(self.read, &self.space.group(group))?.unwrap_or_default())
    }

    pub(super) fn receipt(
        &self,
        group: &GroupId,
        mid: MutationId,
    ) -> Result<Option<Receipted>, StoreError> {
        read_json(self.read, &self.space.receipt(group, mid))
    }

    /// The conflicts of a group's writes of a document that are open, oldest first.
    pub(super) fn open_conflicts(
        &self,
        group: &GroupId,
        entity: &Entity,
    ) -> Result<Vec<DocumentId>, StoreError> {
        Ok(read_json(self.read, &self.space.open_conflicts(group, entity))?.unwrap_or_default())
    }

    /// The document log after a place, as much of it as fits. From a place that is not in this
    /// log, all of it.
    pub(super) fn delta(&self, epoch: Epoch, after: Option<Position>) -> Result<Delta, StoreError> {
        let head = self.account()?.head;
        let known = after.filter(|after| after.epoch == epoch && after.sequence <= head);
        let after = known.map_or(Sequence::START, |known| known.sequence);
        let mut page = Page::default();
        let mut failed = None;
        self.read.scan(&self.space.log_after(after), Order::Ascending, &mut |key, entity| {
            match self.logged(key, entity) {
                Ok((document, len_bytes)) => page.add(document, len_bytes),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        failed.map_or(Ok(()), Err)?;
        let to = match page.items.last() {
            Some(last) if page.is_full => last.sequence,
            _ => head,
        };
        Ok(Delta { epoch, after, to, head, documents: page.items })
    }

    /// What a document was before a version, newest first, as much of it as fits.
    pub(super) fn history(
        &self,
        entity: &Entity,
        before: Option<Version>,
    ) -> Result<HistoryPage, StoreError> {
        let keys = self.space.revisions_before(entity, before.unwrap_or(Version(u64::MAX)));
        let mut page = Page::default();
        let mut failed = None;
        self.read.scan(&keys, Order::Descending, &mut |key, json| match of_json::<Revision>(
            key, json,
        ) {
            Ok(revision) => page.add(revision, json.len()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failed.map_or(Ok(()), Err)?;
        let Page { items, is_full, .. } = page;
        Ok(HistoryPage { entity: entity.clone(), revisions: items, more: is_full })
    }

    fn logged(&self, key: &[u8], entity: &[u8]) -> Result<(Document, usize), StoreError> {
        let at = self.space.document(&of_json(key, entity)?);
        let json = self.read.get(&at)?.ok_or_else(|| StoreError::damaged(&at))?;
        Ok((of_json(&at, &json)?, json.len()))
    }
}

/// Whose a group is.
pub(super) fn owner_of(read: &impl Read, key: &[u8]) -> Result<Option<UserName>, StoreError> {
    read_json(read, key)
}

pub(super) fn read_json<T: DeserializeOwned>(
    read: &impl Read,
    key: &[u8],
) -> Result<Option<T>, StoreError> {
    read.get(key)?.map(|json| of_json(key, &json)).transpose()
}

pub(super) fn to_json(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("records have text keys only")
}

fn of_json<T: DeserializeOwned>(key: &[u8], json: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(json).map_err(|_| StoreError::damaged(key))
}
