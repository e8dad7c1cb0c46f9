//! How the relay is broken on purpose, without its engine knowing.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{
    GroupId, Mutation, MutationId, Nack, Outcome, Push, Receipt, Version,
};
use tidemark_shared::protocol::Sequence;

use super::{Committed, Relay, Waiting};
use crate::week::sabotage::Sabotage;

impl Relay {
    /// What the engine is told of a push.
    pub(super) fn tamper(&mut self, waiting: &Waiting) -> Push {
        let push = waiting.push.clone();
        match self.sabotage {
            Sabotage::ForgetReceipts => self.forget(push),
            Sabotage::TakeMineSilently => self.pretend_to_have_seen(push),
            _ => push,
        }
    }

    /// Writes that were decided before come under another name, as if never seen.
    fn forget(&mut self, push: Push) -> Push {
        let mut is_again = false;
        for mutation in &push.mutations {
            let key = (push.group.clone(), mutation.mid);
            is_again |= self.tampered.insert(key, mutation.clone()).is_some();
        }
        if !is_again {
            return push;
        }
        self.forgotten += 1;
        let renumber = |(number, mutation): (u64, Mutation)| {
            Mutation::seal(mutation.draft, MutationId(number), mutation.owner, mutation.stamp)
        };
        let mutations = (1..).zip(push.mutations).map(renumber).collect();
        let group = GroupId::from_bits(u128::MAX - self.forgotten);
        Push { group, settled: MutationId::NONE, mutations, ..push }
    }

    /// Every write claims to have seen what is there now, so nothing ever overlaps.
    fn pretend_to_have_seen(&mut self, push: Push) -> Push {
        let there = self.all_documents();
        let pretend = |mutation: Mutation| {
            let key = (push.group.clone(), mutation.mid);
            let pretended = || {
                let mut draft = mutation.draft.clone();
                let now = there.get(&draft.entity).filter(|document| !document.deleted);
                draft.base_version = now.map_or(Version::NONE, |document| document.version);
                for (field, change) in &mut draft.changes {
                    change.from = now.and_then(|now| now.body.0.get(field).cloned());
                }
                Mutation::seal(draft, mutation.mid, mutation.owner.clone(), mutation.stamp)
            };
            self.tampered.entry(key).or_insert_with(pretended).clone()
        };
        let mutations = push.mutations.into_iter().map(pretend).collect();
        Push { group: push.group.clone(), mutations, ..push }
    }

    pub(super) fn embellish(&self, committed: &mut Committed) {
        let Ok(answer) = &mut committed.answer else { return };
        let asked = &committed.waiting.push.mutations;
        if self.sabotage == Sabotage::ForgetReceipts {
            // The answer is about the numbers that were asked about.
            for (receipt, mutation) in answer.receipts.iter_mut().zip(asked) {
                receipt.mid = mutation.mid;
            }
        }
        if self.sabotage == Sabotage::IgnoreForks && matches!(answer.nack, Some(Nack::Fork { .. }))
        {
            answer.nack = None;
            let at = UnixMillis(0);
            let fine = asked.iter().skip(answer.receipts.len()).map(|mutation| Receipt {
                mid: mutation.mid,
                outcome: Outcome::Noop { version: Version::NONE },
                sequence: Sequence::START,
                at,
            });
            let fine: Vec<Receipt> = fine.collect();
            answer.receipts.extend(fine);
        }
    }
}
