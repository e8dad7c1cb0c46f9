//! What becomes of one write.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{
    Author, Collection, DOCUMENT_BYTES_MAX, Document, Field, GroupId, Mutation, Outcome, SCHEMA,
    UserName, Version,
};
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::dispute::{self, Settlement};
use super::engine::{DocumentRules, Refusal};
use super::ledger::{Ledger, News, Prepared};
use super::merging::{Lost, Merged, Merging};
use crate::store::{Store, StoreError};

/// Longest explanation of a rejection: a frame holds those of a whole push.
const MESSAGE_CHARS_MAX: usize = 240;

/// One write, about to be taken in. Everything is decided before anything is written.
pub(super) struct Step<'p, M> {
    pub(super) rules: &'p DocumentRules<M>,
    pub(super) user: &'p UserName,
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
            Merged::Changed { body, with_others, lost } => {
                let prepared = self.prepare(ledger, current.as_ref(), body, lost.clone())?;
                let settled = settlement
                    .map(|settlement| settlement.prepare(self, ledger, prepared.version()))
                    .transpose()?;
                let version = ledger.write(prepared)?.version;
                settled.map_or(Ok(()), |settled| settled.write(ledger))?;
                Ok(match lost {
                    Some(Lost::Mine(lost)) => {
                        Outcome::Merged { version, lost: lost.into_keys().collect() }
                    }
                    Some(Lost::Theirs(_)) => Outcome::Merged { version, lost: Vec::new() },
                    None if with_others => Outcome::Merged { version, lost: Vec::new() },
                    None => Outcome::Applied { version },
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
        Ok(())
    }

    /// What the merge says. A defect in it costs this one write, not the relay: it is a function of
    /// what is borrowed here, so nothing half done can be left behind by its panic.
    fn merge(&self, current: Option<&Document>) -> Result<Merged, WireError> {
        let believed = Mutation { stamp: self.stamp(), ..self.mutation.clone() };
        let collection = &self.mutation.draft.entity.collection;
        let merging = &self.rules.merging;
        let merged = catch_unwind(AssertUnwindSafe(|| {
            let merged = merging.merge(&believed, &self.author(), current);
            if let Merged::Changed { body: Some(body), .. } = &merged {
                let bytes = body.len_bytes();
                if bytes > DOCUMENT_BYTES_MAX {
                    let message = format!(
                        "it would be too long: {bytes} bytes of at most {DOCUMENT_BYTES_MAX}; \
                         nothing was changed: shorten it"
                    );
                    return Err(WireError::new(ErrorCode::LimitExceeded, message));
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
        body: Option<tidemark_shared::documents::Body>,
        lost: Option<Lost>,
    ) -> Result<Prepared, Refusal> {
        let mine = (self.author(), self.stamp());
        let theirs = current.map(|current| (current.author.clone(), current.stamp));
        let is_theirs = current.is_some_and(|current| Some(&current.body) == body.as_ref());
        // Where all of a write has lost, the document stays its author's: a later comparison is
        // with the one who won. Where both are in it, it is as new as the newer of them.
        let (author, stamp) = match &theirs {
            Some(theirs) if is_theirs => theirs.clone(),
            Some((_, newest)) => (mine.0.clone(), mine.1.max(*newest)),
            None => mine.clone(),
        };
        let lost_by = match (&lost, theirs) {
            (Some(Lost::Mine(_)), _) => Some(mine.0),
            (Some(Lost::Theirs(_)), Some((author, _))) => Some(author),
            _ => None,
        };
        let news = News { body, stamp, author, claimed: self.claimed(), lost, lost_by };
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
