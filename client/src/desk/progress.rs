//! How far a change has come, in one word.

use std::collections::HashSet;

use tidemark_shared::documents::{MutationId, Outcome};
use tidemark_shared::outbox::{Item, ItemState, Pending, View};

use super::Penned;

/// How far a change has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is being typed.
    Typing,
    /// It could not be saved.
    NotSaved {
        /// Why.
        reason: String,
    },
    /// It is safe on this device.
    Saved,
    /// It is on its way.
    Sending,
    /// The relay has it.
    Accepted,
    /// All devices can have it.
    Everywhere,
    /// The user has to decide.
    Conflict,
    /// Against a rule.
    Rejected,
    /// It came too late.
    Expired,
}

/// How far the changes of one document have come. What needs its user comes first.
pub(super) fn of(
    penned: Option<Penned>,
    view: Option<&View>,
    in_conflict: impl FnOnce() -> bool,
) -> Option<Progress> {
    if let Some(penned) = penned {
        return Some(match penned.trouble {
            Some(reason) => Progress::NotSaved { reason },
            None => Progress::Typing,
        });
    }
    if in_conflict() {
        return Some(Progress::Conflict);
    }
    let view = view?;
    Some(match view.pending {
        Pending::Saved => Progress::Saved,
        Pending::Sending => Progress::Sending,
        Pending::Accepted => Progress::Accepted,
        Pending::Nothing if view.failed.is_some() => Progress::Rejected,
        Pending::Nothing if view.deleted => return None,
        Pending::Nothing => Progress::Everywhere,
    })
}

/// How far one write has come.
pub(crate) fn of_item(item: &Item) -> Progress {
    match &item.state {
        ItemState::Saved => Progress::Saved,
        ItemState::Sending { .. } => Progress::Sending,
        ItemState::Decided { receipt, .. } => match receipt.outcome {
            Outcome::Conflict { .. } => Progress::Conflict,
            Outcome::Rejected { .. } => Progress::Rejected,
            Outcome::Expired => Progress::Expired,
            Outcome::Applied { .. } | Outcome::Merged { .. } | Outcome::Noop { .. } => {
                Progress::Accepted
            }
        },
    }
}

/// The writes that were in the queue `before` and have arrived everywhere `now`: neither taken
/// back nor discarded.
pub(super) fn arrived(before: &[Item], now: &[Item]) -> Vec<Item> {
    let there: HashSet<MutationId> = now.iter().map(Item::mid).collect();
    // A queue that took another name has numbered the same writes anew.
    let is_there = |old: &Item| {
        there.contains(&old.mid())
            || now.iter().any(|item| item.mutation.draft == old.mutation.draft)
    };
    let may_arrive = |item: &&Item| {
        let draft = &item.mutation.draft;
        let does_something = !draft.changes.is_empty() || draft.conflict.is_some();
        !item.needs_user() && does_something
    };
    before.iter().filter(may_arrive).filter(|item| !is_there(item)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use tidemark_shared::clock::{Stamp, UnixMillis};
    use tidemark_shared::documents::{Body, Draft, Mutation, Receipt};
    use tidemark_shared::protocol::{Epoch, Sequence};

    use super::*;
    use crate::desk::seen::{Seen, body};

    fn item(mid: u64, draft: Draft, state: ItemState) -> Item {
        let mid = MutationId(mid);
        let mutation = Mutation::seal(draft, mid, "ann".parse().unwrap(), Stamp::default());
        Item { mutation, saved_at: UnixMillis(0), state }
    }

    fn note() -> Draft {
        let text = body(serde_json::json!({"text": "x"}));
        Seen::default().draft("notes/A".parse().unwrap(), Some(&text))
    }

    fn expired(mid: u64) -> ItemState {
        let receipt = Receipt {
            mid: MutationId(mid),
            outcome: Outcome::Expired,
            sequence: Sequence(1),
            at: UnixMillis(0),
        };
        ItemState::Decided { epoch: Epoch(1), receipt }
    }

    #[test]
    fn what_the_user_took_back_or_discarded_did_not_arrive() {
        let nothing = Seen::default().draft("notes/B".parse().unwrap(), Some(&Body::default()));
        let text = body(serde_json::json!({"text": "y"}));
        let other = Seen::default().draft("notes/C".parse().unwrap(), Some(&text));
        let before = [
            item(1, note(), ItemState::Sending { attempts: 1 }),
            item(2, nothing, ItemState::Saved),
            item(3, note(), expired(3)),
            item(4, other, ItemState::Saved),
        ];
        let arrived = arrived(&before, &before[3..]);
        assert_eq!(arrived.iter().map(|item| item.mid().0).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_needs_the_user_is_told_before_all_else_but_the_typing() {
        let penned = Penned { body: Body::default(), trouble: None };
        assert_eq!(of(Some(penned), None, || true), Some(Progress::Typing));
        assert_eq!(of(None, None, || true), Some(Progress::Conflict));
        assert_eq!(of(None, None, || false), None, "nothing was ever written");
    }
}
