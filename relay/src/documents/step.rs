//! What becomes of one write.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{
    Author, Collection, DOCUMENT_BYTES_MAX, Document, Field, GroupId, Mutation, Outcome, SCHEMA,
    UserName, Version,
};
use tidemark_shared::merge::{Merged, Side, State};
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::dispute::{self, Settlement};
use super::engine::{DocumentRules, Refusal};
use super::ledger::{Ledger, News, Prepared};
use super::merging::Merging;
use super::permits::Permits;
use crate::store::{Store, StoreError};

/// Longest explanation of a rejection: a frame holds those of a whole push.
const MESSAGE_CHARS_MAX: usize = 240;

/// One write, about to be taken in. Everything is decided before anything is written.
pub(super) struct Step<'p, M> {
    pub(super) rules: &'p DocumentRules<M>,
    pub(super) user: &'p UserName,
    pub(super) permits: &'p Permits,
    pub(super) group: &'p GroupId,
    pub(super) mutation: &'p Mutation,
    pub(super) now: UnixMillis,
}

impl<M: Merging> Step<'_, M> {
    /// Takes it in. A rule that it breaks is an outcome like others.
    pub(super) fn take_in<S: Store>(
        &self,
        ledger: &mut Ledger<'_, '_, S>,
    ) -> Result<Outcome, StoreError> {
        match self.decide(ledger) {
            Ok(outcome) => Ok(outcome),
            Err(Refusal::Rule(mut error)) => {
                error.message = error.message.chars().take(MESSAGE_CHARS_MAX).collect();
                Ok(Outcome::Rejected { error })
            }
            Err(Refusal::Store(error)) => Err(error),
        }
    }

    fn decide<S: Store>(&self, ledger: &mut Ledger<'_, '_, S>) -> Result<Outcome, Refusal> {
        self.may_be_done()?;
        let draft = &self.mutation.draft;
        if draft.valid_until.is_some_and(|until| self.now > until) {
            return Ok(Outcome::Expired);
        }
        let settlement = Settlement::of(draft, &ledger.shelf())?;
        let current = ledger.shelf().document(&draft.entity)?;
        match self.merge(current.as_ref())? {
            Merged::Unchanged => {
                let version = current.map_or(Version::NONE, |current| current.version);
                if let Some(settlement) = settlement {
                    settlement.write(self, ledger, version)?;
                }
                Ok(Outcome::Noop { version })
            }
            Merged::Changed { becomes, merged, lost, lost_by } => {
                let mut fields = Vec::new();
                if lost_by == Side::Mine {
                    fields.extend(lost.keys().cloned());
                }
                let with_others = merged || !lost.is_empty();
                let prepared = self.prepare(ledger, current.as_ref(), becomes, lost, lost_by)?;
                let settled = settlement
                    .map(|settlement| settlement.prepare(self, ledger, prepared.version()))
                    .transpose()?;
                let version = ledger.write(prepared)?.version;
                settled.map_or(Ok(()), |settled| settled.write(ledger))?;
                Ok(match with_others {
                    true => Outcome::Merged { version, lost: fields },
                    false => Outcome::Applied { version },
                })
            }
            Merged::Conflict { fields } => self.dispute(ledger, current.as_ref(), fields),
        }
    }

    /// Who writes this, for the documents that come of it.
    pub(super) fn author(&self) -> Author {
        Author { user: self.user.clone(), group: self.group.clone() }
    }

    /// When it was written, as far as that is believed.
    pub(super) fn stamp(&self) -> Stamp {
        self.mutation.stamp.pulled_back(self.now)
    }

    /// When it was written by its author's clock, where that is not believed.
    pub(super) fn claimed(&self) -> Option<Stamp> {
        Some(self.mutation.stamp).filter(|claimed| *claimed != self.stamp())
    }

    fn may_be_done(&self) -> Result<(), WireError> {
        let refuse = |code, message| Err(WireError::new(code, message));
        let mutation = self.mutation;
        if mutation.schema == 0 || mutation.schema > SCHEMA {
            let message = format!(
                "it is written in the form {} and this relay knows up to {SCHEMA}; nothing was \
                 changed: it can be written again once the relay is newer",
                mutation.schema
            );
            return refuse(ErrorCode::InvalidParameters, message);
        }
        if !mutation.is_intact() {
            let message = "it is not what its author sealed; nothing was changed: write it again";
            return refuse(ErrorCode::InvalidParameters, message.to_owned());
        }
        if mutation.owner != *self.user {
            let message = "it was written by another user; nothing was changed: sign in as them";
            return refuse(ErrorCode::Forbidden, message.to_owned());
        }
        if mutation.draft.entity.collection == Collection::conflicts() {
            let message = "conflicts are written by the relay only; nothing was changed: write the \
                           document that the conflict is about";
            return refuse(ErrorCode::Forbidden, message.to_owned());
        }
        self.permits.check_write(&mutation.draft.entity.collection)
    }

    /// What the merge says. A defect in it costs this one write, not the relay: it is a function of
    /// what is borrowed here, so nothing half done can be left behind by its panic.
    fn merge(&self, current: Option<&Document>) -> Result<Merged, WireError> {
        let believed = Mutation { stamp: self.stamp(), ..self.mutation.clone() };
        let collection = &self.mutation.draft.entity.collection;
        let merging = &self.rules.merging;
        let merged = catch_unwind(AssertUnwindSafe(|| {
            let merged = merging.merge(&believed, &self.author(), current);
            if let Merged::Changed { becomes: State::Body(body), .. } = &merged {
                let bytes = body.len_bytes();
                if bytes > DOCUMENT_BYTES_MAX {
                    let message = format!(
                        "it would be too long: {bytes} bytes of at most {DOCUMENT_BYTES_MAX}; \
                         nothing was changed: shorten it"
                    );
                    return Err(WireError::new(ErrorCode::LimitExceeded, message)
                        .of_limit("document_bytes_max", DOCUMENT_BYTES_MAX as u64));
                }
                merging.check(collection, body)?;
            }
            Ok(merged)
        }));
        merged.unwrap_or_else(|_| {
            let message = "the relay failed at this write, by a defect of its own; nothing was \
                           changed, and the write is still where it was written";
            tracing::error!(entity = %self.mutation.draft.entity, "the merge of a write panicked");
            Err(WireError::new(ErrorCode::Internal, message))
        })
    }

    fn prepare<S: Store>(
        &self,
        ledger: &Ledger<'_, '_, S>,
        current: Option<&Document>,
        becomes: State,
        lost: BTreeMap<Field, Option<Value>>,
        lost_by: Side,
    ) -> Result<Prepared, Refusal> {
        let (mine, stamp) = (self.author(), self.stamp());
        let loser = match lost_by {
            Side::Mine => Some(mine.clone()),
            Side::Theirs => current.map(|current| current.author.clone()),
        };
        // A document is as new as the newer of the writes that it is made of, and that one's. Where
        // all of a write has lost, it stays as new as it was.
        let (stamp, author) = match current {
            Some(there) if is_as_it_was(there, &becomes) => (there.stamp, there.author.clone()),
            Some(there) if (there.stamp, &there.author.group) > (stamp, &mine.group) => {
                (there.stamp, there.author.clone())
            }
            _ => (stamp, mine),
        };
        let lost_by = loser.filter(|_| !lost.is_empty());
        let news = News { becomes, stamp, author, claimed: self.claimed(), lost, lost_by };
        ledger.prepare(&self.mutation.draft.entity, current, news, self.now)
    }

    fn dispute<S: Store>(
        &self,
        ledger: &mut Ledger<'_, '_, S>,
        current: Option<&Document>,
        fields: Vec<Field>,
    ) -> Result<Outcome, Refusal> {
        let conflict = dispute::open_or_extend(self, ledger, current, &fields)?;
        Ok(Outcome::Conflict { conflict, fields })
    }
}

fn is_as_it_was(there: &Document, becomes: &State) -> bool {
    match becomes {
        State::Body(body) => !there.deleted && there.body == *body,
        State::Deleted => there.deleted,
    }
}
