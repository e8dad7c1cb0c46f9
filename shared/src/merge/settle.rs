//! One overlap and its policy.

use serde_json::Value;

use super::{
    FieldOverlap, Overlap, Policy, Resolution, StillOverlap, Strategies, id_set, text, three_way,
};

/// What becomes of an overlap.
#[derive(Debug, PartialEq)]
pub(super) enum Settled {
    /// What comes in.
    Mine,
    /// What is there.
    Theirs,
    /// These values, which have all that both have put in.
    Joined(Vec<Option<Value>>),
    /// These values, of which nobody knows what is left out.
    Chosen(Vec<Option<Value>>),
    /// The user decides.
    Ask,
}

/// Settles an overlap by a policy. A group is never mixed: the policies that look into one value
/// leave it to the user.
pub(super) fn settle(policy: &Policy, strategies: &Strategies, overlap: &Overlap<'_>) -> Settled {
    match policy {
        Policy::ClientWins => Settled::Mine,
        Policy::ServerWins => Settled::Theirs,
        Policy::LastWriteWins if overlap.mine.is_later_than(&overlap.theirs) => Settled::Mine,
        Policy::LastWriteWins => Settled::Theirs,
        Policy::Manual => Settled::Ask,
        Policy::ThreeWay => joined(overlap, three_way),
        Policy::IdSet => joined(overlap, id_set),
        Policy::Text => joined(overlap, text),
        Policy::Strategy(name) => match strategies.get(name) {
            Some(strategy) => checked(strategy.merge(overlap), overlap),
            None => Settled::Ask,
        },
    }
}

/// Whether a policy can do without knowing what the author saw.
pub(super) const fn needs_no_base(policy: &Policy) -> bool {
    matches!(policy, Policy::ClientWins | Policy::ServerWins | Policy::LastWriteWins)
}

type Merge =
    fn(Option<&Value>, Option<&Value>, Option<&Value>) -> Result<Option<Value>, StillOverlap>;

fn joined(overlap: &Overlap<'_>, merge: Merge) -> Settled {
    let [FieldOverlap { base, mine, theirs, .. }] = overlap.fields else { return Settled::Ask };
    merge(*base, *mine, *theirs).map_or(Settled::Ask, |value| Settled::Joined(vec![value]))
}

fn checked(resolution: Resolution, overlap: &Overlap<'_>) -> Settled {
    match resolution {
        Resolution::Take(values) if values.len() == overlap.fields.len() => Settled::Chosen(values),
        Resolution::Mine => Settled::Mine,
        Resolution::Theirs => Settled::Theirs,
        // A strategy that answers another question has not answered this one.
        Resolution::Take(_) | Resolution::Ask => Settled::Ask,
    }
}
