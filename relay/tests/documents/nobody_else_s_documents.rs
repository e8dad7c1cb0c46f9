//! "Whatever others do on this relay: I see nothing of theirs, and they nothing of mine."
//!
//! Two users live twice: once together, once each alone. Everything that one is told must be the
//! same in both lives, so nothing can have come from the other.

use proptest::prelude::*;
use tidemark_relay::documents::Applied;
use tidemark_shared::documents::{Delta, HistoryPage, Mutation, Nack, Receipt};

use crate::device::{Device, edit, entity};
use crate::world::World;

const NAMES: [&str; 4] = ["notes/A", "latest/A", "kept/A", "conflicts/A"];
const TEXTS: [Option<&str>; 3] = [None, Some("a"), Some("b")];

/// One thing that one of the users does.
#[derive(Clone, Debug)]
struct Deed {
    user: usize,
    name: usize,
    base: u64,
    from: usize,
    to: usize,
    again: bool,
}

fn deed() -> impl Strategy<Value = Deed> {
    (0..2_usize, 0..NAMES.len(), 0..4_u64, 0..3_usize, 0..3_usize, any::<bool>())
        .prop_map(|(user, name, base, from, to, again)| Deed { user, name, base, from, to, again })
}

/// All that a user can see.
type Seen = (Vec<(Vec<Receipt>, Option<Nack>)>, Vec<Delta>, Vec<HistoryPage>);

fn live(deeds: &[Deed], who: &[usize]) -> [Seen; 2] {
    let world = World::new();
    // Neither name begins with the other by chance: keys are told apart by more than a prefix.
    let mut devices = [Device::new("an", 1), Device::new("ann", 2)];
    let mut last: [Option<Mutation>; 2] = [None, None];
    let mut seen: [Seen; 2] = Default::default();
    for deed in deeds.iter().filter(|deed| who.contains(&deed.user)) {
        let device = &mut devices[deed.user];
        let fields = [("text", TEXTS[deed.from], TEXTS[deed.to])];
        let mutation = match last[deed.user].take().filter(|_| deed.again) {
            Some(again) => again,
            None => device.write(edit(NAMES[deed.name], deed.base, &fields)),
        };
        last[deed.user] = Some(mutation.clone());
        let Applied { pushed, deltas } = world.push(&device.user, &device.push([mutation]));
        seen[deed.user].0.push((pushed.receipts, pushed.nack));
        seen[deed.user].1.extend(deltas);
    }
    for (device, seen) in devices.iter().zip(&mut seen) {
        seen.1.extend(world.deltas(&device.user, None));
        for name in NAMES {
            seen.2.push(world.engine.history(&device.user, &entity(name), None).unwrap());
        }
    }
    seen
}

proptest! {
    #[test]
    fn nothing_that_one_is_told_depends_on_the_other(
        deeds in proptest::collection::vec(deed(), 1..24),
    ) {
        let together = live(&deeds, &[0, 1]);
        let [first, _] = live(&deeds, &[0]);
        let [_, second] = live(&deeds, &[1]);
        prop_assert_eq!(together, [first, second]);
    }

    #[test]
    fn another_user_s_queue_gives_no_receipts_and_takes_no_writes(
        deeds in proptest::collection::vec(deed(), 1..8),
    ) {
        let world = World::new();
        let mut ann = Device::new("ann", 1);
        let writes: Vec<Mutation> = deeds
            .iter()
            .map(|deed| {
                let fields = [("text", TEXTS[deed.from], TEXTS[deed.to])];
                ann.write(edit(NAMES[deed.name], deed.base, &fields))
            })
            .collect();
        world.push(&ann.user, &ann.push(writes.clone()));
        let before = world.deltas(&ann.user, None);
        let thief = Device { user: "bob".parse().unwrap(), ..ann.clone() };
        let mut forged = thief.clone();
        let next = forged.write(edit("notes/A", 0, &[("text", None, Some("forged"))]));
        for writes in [writes, vec![next]] {
            let stolen = world.push(&thief.user, &thief.push(writes));
            prop_assert_eq!(stolen.pushed.nack, Some(Nack::WrongUser));
            prop_assert_eq!(stolen.pushed.receipts, vec![]);
            prop_assert_eq!(stolen.deltas, vec![]);
        }
        prop_assert_eq!(world.documents(&thief.user), vec![]);
        prop_assert_eq!(world.deltas(&ann.user, None), before);
    }
}
