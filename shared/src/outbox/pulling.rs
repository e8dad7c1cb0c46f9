//! Documents from the relay: what comes by itself, and what is asked for.

use super::replica::Fit;
use super::waiting::{ANSWER_WITHIN, Retry};
use super::{Failure, Outbox, Output, PullId};
use crate::clock::Moment;
use crate::documents::{Delta, Document};
use crate::protocol::{Position, Sequence};

/// What is asked of the document log.
#[derive(Debug)]
pub(super) struct Pulling {
    is_wanted: bool,
    asked: Option<Asked>,
    pulls: u64,
    pub(super) retry: Retry,
    /// The last piece that came had a document that is not what its checksum says.
    has_doubt: bool,
    damaged: u64,
}

#[derive(Debug)]
struct Asked {
    id: PullId,
    after: Option<Position>,
    until: Moment,
}

impl Pulling {
    pub(super) const fn new(seed: u64) -> Self {
        let retry = Retry::new(seed);
        Pulling { is_wanted: false, asked: None, pulls: 0, retry, has_doubt: false, damaged: 0 }
    }

    /// What is known may be old.
    pub(super) const fn want(&mut self) {
        self.is_wanted = true;
    }

    /// An answer that is still on its way does not matter any more.
    pub(super) fn forget(&mut self) {
        self.asked = None;
    }

    pub(super) fn asked_until(&self) -> Option<Moment> {
        self.asked.as_ref().map(|asked| asked.until)
    }

    /// How many documents came that were not what their checksum says.
    pub(super) const fn damaged(&self) -> u64 {
        self.damaged
    }
}

impl Outbox {
    /// Asks for documents, when that is wanted and can be.
    pub(super) fn pull(&mut self) {
        let pulling = &mut self.pulling;
        let can_ask = self.is_linked && pulling.asked.is_none() && !pulling.retry.is_waiting();
        if !pulling.is_wanted || !can_ask {
            return;
        }
        pulling.is_wanted = false;
        pulling.pulls += 1;
        let id = PullId(pulling.pulls);
        let after = match &self.restoring {
            Some(restoring) => restoring.staged.position,
            None => self.confirmed.position,
        };
        pulling.asked = Some(Asked { id, after, until: self.now.moment + ANSWER_WITHIN });
        self.outputs.push_back(Output::Pull { id, after });
    }

    pub(super) fn pull_unanswered(&mut self, now: Moment) {
        if self.pulling.asked_until().is_some_and(|until| until <= now) {
            self.pulling.asked = None;
            self.pulling.want();
            self.pulling.retry.failed(now);
        }
    }

    pub(super) fn pulled(&mut self, id: PullId, answer: Result<Delta, Failure>) {
        let Some(asked) = self.pulling.asked.take_if(|asked| asked.id == id) else { return };
        let now = self.now.moment;
        let delta = match answer {
            Ok(delta) => delta,
            Err(failure) => {
                self.pulling.want();
                match failure {
                    Failure::Unanswered => self.pulling.retry.failed(now),
                    Failure::Refused(error) => self.pulling.retry.refused(&error, now),
                }
                return;
            }
        };
        let before = self.reader_position();
        self.take_pulled(asked.after, delta);
        // A relay that does not get us on is not asked again at once.
        if self.pulling.is_wanted && self.reader_position() == before {
            self.pulling.retry.failed(now);
        } else {
            self.pulling.retry.succeeded();
        }
    }

    /// News that came by themselves. They may be old, or from before a restart: whatever does not
    /// simply go on is asked for.
    pub(super) fn news(&mut self, delta: Delta) {
        if self.rows.meta().is_none() {
            return;
        }
        match self.reader_fit(&delta) {
            Fit::Follows if self.is_of_known_epoch(&delta) => {
                if damaged(&delta).next().is_some() {
                    self.pulling.has_doubt = true;
                    self.pulling.want();
                } else {
                    self.take(delta);
                }
            }
            Fit::Old => {}
            Fit::Follows | Fit::Gap | Fit::OtherEpoch => self.pulling.want(),
        }
    }

    /// An answer says how things are: other than news, it was made after it was asked for.
    fn take_pulled(&mut self, asked: Option<Position>, delta: Delta) {
        let is_behind_us =
            asked.is_some_and(|at| at.epoch == delta.epoch && delta.head < at.sequence);
        let fit = self.reader_fit(&delta);
        if is_behind_us {
            self.restore_lost();
        } else if fit == Fit::OtherEpoch || !self.is_of_known_epoch(&delta) {
            self.restore_into(delta);
        } else if fit == Fit::Follows {
            self.take_undamaged(delta);
        } else if fit == Fit::Gap
            || self.reader_position().is_none_or(|at| at.sequence < delta.head)
        {
            self.pulling.want();
        }
    }

    /// A piece that follows, without the documents that came damaged again when they were asked
    /// for anew.
    pub(super) fn take_undamaged(&mut self, mut delta: Delta) {
        let broken: Vec<_> = damaged(&delta).map(|document| document.entity.clone()).collect();
        if !broken.is_empty() && !self.pulling.has_doubt {
            self.pulling.has_doubt = true;
            self.pulling.want();
            return;
        }
        self.pulling.has_doubt = false;
        delta.documents.retain(|document| !broken.contains(&document.entity));
        for entity in broken {
            self.pulling.damaged += 1;
            self.outputs.push_back(Output::Damaged(entity));
        }
        self.take(delta);
    }

    fn take(&mut self, delta: Delta) {
        if delta.to < delta.head {
            self.pulling.want();
        }
        match &mut self.restoring {
            Some(restoring) => restoring.take(delta),
            None => self.take_confirmed(delta),
        }
    }

    fn reader_fit(&self, delta: &Delta) -> Fit {
        self.restoring.as_ref().map_or(&self.confirmed, |restoring| &restoring.staged).fit(delta)
    }

    fn reader_position(&self) -> Option<Position> {
        self.restoring.as_ref().map_or(&self.confirmed, |restoring| &restoring.staged).position
    }

    /// Who knows no documents, but has outcomes, knows which epoch these belong to.
    fn is_of_known_epoch(&self, delta: &Delta) -> bool {
        let known = self.rows.meta().and_then(|meta| meta.epoch);
        self.reader_position().is_some()
            || self.restoring.is_some()
            || known.is_none_or(|epoch| epoch == delta.epoch)
    }
}

fn damaged(delta: &Delta) -> impl Iterator<Item = &Document> {
    delta.documents.iter().filter(|document| !document.is_intact())
}

/// Whether it begins at the beginning.
pub(super) fn is_whole(delta: &Delta) -> bool {
    delta.after == Sequence::START
}
