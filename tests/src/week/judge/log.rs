//! What the relay has committed in this life of its documents, written down by the judge.

use std::collections::{BTreeMap, BTreeSet};

use tidemark_shared::documents::{
    Collection, Delta, Digest, Document, Entity, GroupId, MutationId, Outcome, Receipt, Revision,
    Version,
};
use tidemark_shared::protocol::{Epoch, Sequence};

use super::ledger::{Identity, Ledger, brings, takes_away};
use super::{Decided, Seen};
use crate::week::mark::{Mark, marks_in, marks_in_body};

/// One life of the relay's documents.
#[derive(Clone, Debug)]
pub(super) struct Log {
    epoch: Epoch,
    documents: BTreeMap<Entity, Document>,
    head: Sequence,
    receipts: BTreeMap<(GroupId, MutationId), (Digest, Receipt)>,
    /// Under which numbers each write was decided.
    decisions: BTreeMap<Identity, BTreeSet<(GroupId, MutationId)>>,
    /// The last write of each queue to each document, and the version it made.
    chains: BTreeMap<(GroupId, Entity), (MutationId, Version)>,
}

impl Log {
    pub(super) const fn new(epoch: Epoch) -> Self {
        Log {
            epoch,
            documents: BTreeMap::new(),
            head: Sequence::START,
            receipts: BTreeMap::new(),
            decisions: BTreeMap::new(),
            chains: BTreeMap::new(),
        }
    }

    pub(super) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(super) const fn documents(&self) -> &BTreeMap<Entity, Document> {
        &self.documents
    }

    pub(super) fn receipt(&self, group: &GroupId, mid: MutationId) -> Option<&Receipt> {
        self.receipts.get(&(group.clone(), mid)).map(|(_, receipt)| receipt)
    }

    /// Receipts that say that their user has to decide.
    pub(super) fn conflicts(&self) -> impl Iterator<Item = Entity> {
        self.receipts.values().filter_map(|(_, receipt)| match &receipt.outcome {
            Outcome::Conflict { conflict, .. } => {
                Some(Entity::new(Collection::conflicts(), conflict.clone()))
            }
            _ => None,
        })
    }

    /// The store goes on from a copy, under another epoch.
    pub(super) const fn begin_anew(&mut self, epoch: Epoch) {
        self.epoch = epoch;
    }

    /// A group of pushes was committed. Tells what is wrong with it.
    pub(super) fn committed(
        &mut self,
        decided: &[Decided<'_>],
        deltas: &[&Delta],
        history: &dyn Fn(&Entity) -> Vec<Revision>,
        ledger: &Ledger,
        seen: &mut Seen,
    ) -> Vec<String> {
        let mut alarms = Vec::new();
        let mut fresh = Vec::new();
        for decided in decided {
            match self.decide(decided, ledger, &mut alarms) {
                Novelty::Fresh => {
                    count(&decided.receipt.outcome, seen);
                    fresh.push(decided);
                }
                Novelty::Known => seen.repeated += 1,
            }
        }
        let mut changed: BTreeMap<&Entity, &Document> = BTreeMap::new();
        for delta in deltas {
            if delta.epoch != self.epoch || delta.after > self.head || delta.to < self.head {
                alarms.push(format!("the log stood at {:?}, then came {delta:?}", self.head));
            }
            self.head = delta.to;
            changed.extend(delta.documents.iter().map(|document| (&document.entity, document)));
        }
        for (entity, document) in changed {
            self.change(document, &fresh, &|| history(entity), &mut alarms);
        }
        alarms
    }

    fn decide(
        &mut self,
        decided: &Decided<'_>,
        ledger: &Ledger,
        alarms: &mut Vec<String>,
    ) -> Novelty {
        let Decided { group, mutation, receipt } = decided;
        let name = format!("{group}-{}", mutation.mid);
        if receipt.mid != mutation.mid {
            alarms.push(format!("{name} has the receipt of {}", receipt.mid));
        }
        let key = ((*group).clone(), mutation.mid);
        if let Some((hash, known)) = self.receipts.get(&key) {
            if *hash != mutation.hash {
                alarms.push(format!("{name} was taken for two different writes"));
            }
            if known != *receipt {
                alarms.push(format!("{name} has two receipts: {known:?} and {receipt:?}"));
            }
            return Novelty::Known;
        }
        self.receipts.insert(key.clone(), (mutation.hash, (*receipt).clone()));
        let identity = Identity::of(mutation);
        let Some(saved) = ledger.saved.get(&identity) else {
            alarms.push(format!("{name} was decided, but never saved: {mutation:?}"));
            return Novelty::Fresh;
        };
        if !saved.does_something() {
            return Novelty::Fresh;
        }
        let decisions = self.decisions.entry(identity).or_default();
        decisions.insert(key);
        if saved.copies() == 0 {
            alarms.push(format!("{name} was done, though it was taken back: {mutation:?}"));
        } else if decisions.len() > saved.copies() {
            alarms.push(format!("{name} was decided {} times: {decisions:?}", decisions.len()));
        }
        if let Outcome::Applied { version } | Outcome::Merged { version, .. } = receipt.outcome {
            let chain = ((*group).clone(), mutation.draft.entity.clone());
            let last = self.chains.insert(chain, (mutation.mid, version));
            if last.is_some_and(|last| last >= (mutation.mid, version) || last.1 >= version) {
                alarms.push(format!("{name} made {version}, after {last:?}"));
            }
        }
        Novelty::Fresh
    }

    fn change(
        &mut self,
        document: &Document,
        fresh: &[&Decided<'_>],
        history: &dyn Fn() -> Vec<Revision>,
        alarms: &mut Vec<String>,
    ) {
        let entity = &document.entity;
        let before = self.documents.insert(entity.clone(), document.clone());
        if !document.is_intact() {
            alarms.push(format!("{entity} is not what its checksum says"));
        }
        if let Some(before) = &before
            && (before.version >= document.version || before.sequence >= document.sequence)
        {
            alarms.push(format!("{entity} went from {before:?} to {document:?}"));
        }
        if entity.collection == Collection::conflicts() {
            return;
        }
        let was = before.map(|before| marks_in_body(&before.body)).unwrap_or_default();
        let is = marks_in_body(&document.body);
        if let Some(twice) = is.windows(2).find(|pair| pair[0] == pair[1]) {
            alarms.push(format!("{} is twice in {entity}: {:?}", twice[0], document.body));
        }
        let own = || fresh.iter().filter(|decided| decided.mutation.draft.entity == *entity);
        for mark in is.iter().filter(|mark| !was.contains(mark)) {
            if !own().any(|decided| brings(&decided.mutation.draft, *mark)) {
                alarms.push(format!("{mark} came into {entity}, and no write had brought it"));
            }
        }
        for mark in was.iter().filter(|mark| !is.contains(mark)) {
            let is_meant = own().any(|decided| takes_away(&decided.mutation.draft, *mark));
            if !is_meant && !is_among_the_lost(*mark, &history()) {
                alarms.push(format!("{mark} went from {entity}, though nobody took it away"));
            }
        }
    }
}

enum Novelty {
    Fresh,
    Known,
}

fn is_among_the_lost(mark: Mark, history: &[Revision]) -> bool {
    let lost = history.iter().flat_map(|revision| revision.lost.values());
    lost.flat_map(|value| marks_in(value.as_ref())).any(|lost| lost == mark)
}

const fn count(outcome: &Outcome, seen: &mut Seen) {
    match outcome {
        Outcome::Applied { .. } => seen.applied += 1,
        Outcome::Merged { lost, .. } => {
            seen.merged += 1;
            seen.lost += !lost.is_empty() as u64;
        }
        Outcome::Noop { .. } => seen.noop += 1,
        Outcome::Conflict { .. } => seen.conflicts += 1,
        Outcome::Rejected { .. } => seen.rejected += 1,
        Outcome::Expired => seen.expired += 1,
    }
}
