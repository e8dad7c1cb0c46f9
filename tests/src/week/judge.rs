//! The promises, held against what users were told and what came of it. The judge is told what was
//! saved where, what the relay has committed and answered, and in the end what everybody has. It
//! knows nothing of machines and engines.
//!
//! | file | |
//! | --- | --- |
//! | [`ledger`] | what users were told is saved, and what they did with it since |
//! | [`log`] | what the relay has committed in this life of its documents |
//! | [`verdict`] | the end: everybody has the same, and nothing anybody wrote is gone |

mod ledger;
mod log;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use tidemark_shared::documents::{
    Delta, Document, Entity, GroupId, Mutation, Pushed, Receipt, Revision,
};
use tidemark_shared::outbox::{Done, Write};
use tidemark_shared::protocol::{Epoch, Position};

use self::ledger::Ledger;
use self::log::Log;
use super::mark::{Mark, marks_in_body};
use super::tab::TabKey;

pub use self::verdict::{DeviceAtTheEnd, RelayAtTheEnd};

/// Follows one week.
#[derive(Debug)]
pub struct Judge {
    ledger: Ledger,
    log: Log,
    backups: Vec<Log>,
    /// Where each page stood in the document log.
    places: BTreeMap<TabKey, Position>,
    /// What nobody can be asked to have any more: it was in the relay only, and the relay was
    /// restored from before.
    excused: BTreeSet<Mark>,
    /// What a restored relay did not have any more.
    rewound: BTreeSet<Mark>,
    alarms: Vec<String>,
    /// What was seen, so that a test can tell that something was.
    pub seen: Seen,
}

/// How often each thing happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Writes that users were told are saved.
    pub saved: u64,
    /// Writes that were taken back.
    pub cancelled: u64,
    /// Writes that were given up, or written anew.
    pub discarded: u64,
    /// Writes done as they were meant.
    pub applied: u64,
    /// Writes done together with what others had changed.
    pub merged: u64,
    /// Merged writes of which something lost.
    pub lost: u64,
    /// Writes that changed nothing.
    pub noop: u64,
    /// Writes that need their user.
    pub conflicts: u64,
    /// Writes against a rule.
    pub rejected: u64,
    /// Writes that came too late.
    pub expired: u64,
    /// Writes that were pushed again after they had been decided.
    pub repeated: u64,
    /// Pushes that were not looked at.
    pub nacks: u64,
    /// Restores of the relay.
    pub restores: u64,
}

/// What the relay has decided, and has committed.
#[derive(Debug)]
pub struct Decided<'a> {
    /// Whose.
    pub group: &'a GroupId,
    /// What was asked for.
    pub mutation: &'a Mutation,
    /// What became of it.
    pub receipt: &'a Receipt,
}

impl Judge {
    /// A judge of a week that has not begun.
    #[must_use]
    pub fn new(epoch: Epoch) -> Self {
        Judge {
            ledger: Ledger::default(),
            log: Log::new(epoch),
            backups: Vec::new(),
            places: BTreeMap::new(),
            excused: BTreeSet::new(),
            rewound: BTreeSet::new(),
            alarms: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// What was wrong so far.
    #[must_use]
    pub fn alarms(&self) -> &[String] {
        &self.alarms
    }

    /// Something is wrong that the judge cannot see by itself.
    pub fn ring(&mut self, alarm: String) {
        self.alarms.push(alarm);
    }

    /// A device's rows were changed, for good.
    pub fn rows_changed(&mut self, device: usize, write: &Write, done: &Done) {
        let alarms = self.ledger.rows_changed(device, write, done, &mut self.seen);
        self.alarms.extend(alarms);
    }

    /// A device is a copy of another one from now on.
    pub fn cloned(&mut self, from: usize, to: usize) {
        self.ledger.cloned(from, to);
    }

    /// The relay has committed a group of pushes.
    pub fn committed(
        &mut self,
        decided: &[Decided<'_>],
        deltas: &[&Delta],
        history: &dyn Fn(&Entity) -> Vec<Revision>,
    ) {
        let alarms = self.log.committed(decided, deltas, history, &self.ledger, &mut self.seen);
        self.alarms.extend(alarms);
        for decided in decided {
            self.ledger.decided(decided.mutation);
        }
    }

    /// The relay says what became of a push.
    pub fn answered(&mut self, group: &GroupId, pushed: &Pushed) {
        self.seen.nacks += u64::from(pushed.nack.is_some());
        if pushed.epoch != self.log.epoch() {
            return;
        }
        for receipt in &pushed.receipts {
            if self.log.receipt(group, receipt.mid) != Some(receipt) {
                let mid = receipt.mid;
                self.ring(format!("{group}-{mid} was answered with what is not committed"));
            }
        }
    }

    /// The relay's store was copied.
    pub fn backed_up(&mut self) {
        self.backups.push(self.log.clone());
    }

    /// The relay goes on from a copy. What only it had is gone with it; what devices had seen of
    /// it, and all that waited on devices, is not. `had` are the relay's marks before, `has` those
    /// in the copy; `confirmed` is what each device had seen confirmed.
    pub fn restored<'a>(
        &mut self,
        which: u64,
        epoch: Epoch,
        had: &BTreeSet<Mark>,
        has: &BTreeSet<Mark>,
        confirmed: impl Iterator<Item = &'a Document>,
    ) {
        self.seen.restores += 1;
        let which = usize::try_from(which).unwrap_or(0) % self.backups.len().max(1);
        self.log = self.backups[which].clone();
        self.log.begin_anew(epoch);
        let mut newest: BTreeMap<&Entity, Vec<&Document>> = BTreeMap::new();
        for document in confirmed {
            let known = newest.entry(&document.entity).or_default();
            if known.first().is_none_or(|known| known.stamp < document.stamp) {
                *known = vec![document];
            }
        }
        let seen: BTreeSet<Mark> =
            newest.values().flatten().flat_map(|document| marks_in_body(&document.body)).collect();
        let waiting = self.ledger.marks_in_queues();
        let is_gone =
            |mark: &&Mark| !has.contains(mark) && !seen.contains(mark) && !waiting.contains(mark);
        self.excused.extend(had.iter().filter(is_gone));
        self.rewound.extend(had.difference(has));
    }

    /// Documents that a device had kept are gone. When the relay had lost them too, nobody has
    /// them.
    pub fn cache_lost(&mut self, lost: &BTreeSet<Mark>, elsewhere: &BTreeSet<Mark>) {
        let waiting = self.ledger.marks_in_queues();
        let gone = lost.iter().filter(|mark| !elsewhere.contains(mark) && !waiting.contains(mark));
        self.excused.extend(gone);
    }

    /// Where a page stands in the document log.
    pub fn stands(&mut self, tab: TabKey, position: Option<Position>) {
        let Some(now) = position else { return };
        if let Some(before) = self.places.insert(tab, now) {
            let goes_back = before.epoch > now.epoch
                || (before.epoch == now.epoch && before.sequence > now.sequence);
            if goes_back {
                self.ring(format!("{tab:?} went back from {before} to {now}"));
            }
        }
    }
}

impl Seen {
    /// Adds what another week has seen.
    pub const fn add(&mut self, other: &Seen) {
        self.saved += other.saved;
        self.cancelled += other.cancelled;
        self.discarded += other.discarded;
        self.applied += other.applied;
        self.merged += other.merged;
        self.lost += other.lost;
        self.noop += other.noop;
        self.conflicts += other.conflicts;
        self.rejected += other.rejected;
        self.expired += other.expired;
        self.repeated += other.repeated;
        self.nacks += other.nacks;
        self.restores += other.restores;
    }

    /// Whether everything that there is to see was seen.
    #[must_use]
    pub const fn has_everything(&self) -> bool {
        let writes = [self.saved, self.cancelled, self.discarded, self.repeated, self.nacks];
        let outcomes = [self.applied, self.merged, self.lost, self.noop, self.conflicts];
        let rare = [self.rejected, self.expired, self.restores];
        has_no_zero(&writes) && has_no_zero(&outcomes) && has_no_zero(&rare)
    }
}

/// Whether all of these happened.
pub(super) const fn has_no_zero(counts: &[u64]) -> bool {
    let mut left = counts;
    while let [first, rest @ ..] = left {
        if *first == 0 {
            return false;
        }
        left = rest;
    }
    true
}
