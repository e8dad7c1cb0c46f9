//! "We share a relay with our competitor": two tenants with the same user names, documents, queues
//! and numbers. Each marks all that it writes with its own word, and the other's is searched for in
//! everything that the engine ever says to it.

use proptest::prelude::*;
use tidemark_shared::documents::{ConflictStep, DocumentId, Mutation, Outcome, Receipt};

use crate::device::{Device, body, delete, edit, entity, with_step};
use crate::world::World;

const TENANTS: [&str; 2] = ["acme", "zeta"];
const WORDS: [&str; 2] = ["turquoise", "vermilion"];
const USERS: [&str; 2] = ["an", "ann"];
const NAMES: [&str; 3] = ["notes/A", "latest/A", "kept/A"];

#[derive(Clone, Debug)]
struct Deed {
    tenant: usize,
    user: usize,
    group: usize,
    name: usize,
    base: u64,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Edit { from: Option<usize>, to: usize },
    Delete { seen: usize },
    Again,
    Settle,
    Resolve,
}

fn deed() -> impl Strategy<Value = Deed> {
    let text = || 0..3_usize;
    let kind = prop_oneof![
        6 => (proptest::option::of(text()), text()).prop_map(|(from, to)| Kind::Edit { from, to }),
        1 => text().prop_map(|seen| Kind::Delete { seen }),
        2 => Just(Kind::Again),
        1 => Just(Kind::Settle),
        2 => Just(Kind::Resolve),
    ];
    (0..2_usize, 0..2_usize, 0..2_usize, 0..NAMES.len(), 0..3_u64, kind).prop_map(
        |(tenant, user, group, name, base, kind)| Deed { tenant, user, group, name, base, kind },
    )
}

/// One user of one tenant: two queues, whose ids every user of every tenant has, too.
struct Person {
    devices: [Device; 2],
    last: [Option<Mutation>; 2],
    conflict: Option<(usize, DocumentId)>,
    /// Everything that the engine said, as it goes over the wire.
    heard: String,
}

impl Person {
    fn new(tenant: usize, user: usize) -> Self {
        let name = format!("{}@{}", USERS[user], TENANTS[tenant]);
        // Within a tenant groups are one user's; across tenants the same bits are two queues.
        let group = |number: u128| Device::new(&name, 10 * user as u128 + number);
        Person {
            devices: [group(1), group(2)],
            last: [None, None],
            conflict: None,
            heard: String::new(),
        }
    }

    fn hear(&mut self, said: &impl serde::Serialize) {
        self.heard.push_str(&serde_json::to_string(said).unwrap());
    }
}

fn text(tenant: usize, which: usize) -> String {
    format!("{} {which}", WORDS[tenant])
}

fn live(world: &World, people: &mut [[Person; 2]; 2], deed: &Deed) {
    let person = &mut people[deed.tenant][deed.user];
    let device = &mut person.devices[deed.group];
    let name = NAMES[deed.name];
    let mut push = match &deed.kind {
        Kind::Edit { from, to } => {
            let from = from.map(|from| text(deed.tenant, from));
            let to = text(deed.tenant, *to);
            let fields = [("text", from.as_deref(), Some(to.as_str()))];
            let mutation = device.write(edit(name, deed.base, &fields));
            person.last[deed.group] = Some(mutation.clone());
            device.push([mutation])
        }
        Kind::Delete { seen } => {
            let seen = text(deed.tenant, *seen);
            let mutation = device.write(delete(name, deed.base, &body(&[("text", &seen)])));
            person.last[deed.group] = Some(mutation.clone());
            device.push([mutation])
        }
        Kind::Again => device.push(person.last[deed.group].clone()),
        Kind::Settle => device.push([]),
        Kind::Resolve => {
            let Some((name, resolves)) = person.conflict.take() else { return };
            let to = text(deed.tenant, 0);
            let draft = edit(NAMES[name], deed.base, &[("text", None, Some(to.as_str()))]);
            let mutation = device.write(with_step(draft, ConflictStep::Resolves(resolves)));
            person.last[deed.group] = Some(mutation.clone());
            device.push([mutation])
        }
    };
    if matches!(deed.kind, Kind::Settle) {
        push.settled = device.last;
    }
    let user = device.user.clone();
    let applied = world.push(&user, &push);
    for receipt in &applied.pushed.receipts {
        if let Outcome::Conflict { conflict, .. } = &receipt.outcome {
            person.conflict = Some((deed.name, conflict.clone()));
        }
    }
    person.hear(&applied.pushed);
    person.hear(&applied.deltas);
    let documents = world.documents(&user);
    for document in &documents {
        person.hear(&world.engine.history(&user, &document.entity, None).unwrap());
    }
    person.hear(&documents);
}

/// Looks everywhere for what the others have, under the names that they have it by.
fn pry(world: &World, people: &mut [[Person; 2]; 2]) {
    let mut known = vec![];
    for person in people.iter().flatten() {
        let documents = world.documents(&person.devices[0].user);
        known.extend(documents.into_iter().map(|document| document.entity));
    }
    known.extend(NAMES.map(entity));
    for person in people.iter_mut().flatten() {
        let user = person.devices[0].user.clone();
        for entity in &known {
            person.hear(&world.engine.history(&user, entity, None).unwrap());
        }
        person.hear(&world.deltas(&user, None));
    }
    // Another tenant's write, word for word, from a device with the same queue.
    for place in 0..8_usize {
        let (tenant, user, group) = (place & 1, (place >> 1) & 1, place >> 2);
        let theirs = people[1 - tenant][user].last[group].clone();
        let person = &mut people[tenant][user];
        let device = person.devices[group].clone();
        let applied = world.push(&device.user, &device.push(theirs));
        person.hear(&applied.pushed);
        person.hear(&applied.deltas);
        let is_taken = |receipt: &&Receipt| !matches!(receipt.outcome, Outcome::Rejected { .. });
        let taken = applied.pushed.receipts.iter().find(is_taken);
        assert_eq!(taken, None, "the other tenant's write was taken in");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn neither_ever_sees_a_byte_of_the_other(deeds in proptest::collection::vec(deed(), 1..40)) {
        let world = World::new();
        let mut people = [0, 1].map(|tenant| [0, 1].map(|user| Person::new(tenant, user)));
        for deed in &deeds {
            live(&world, &mut people, deed);
        }
        pry(&world, &mut people);
        for (tenant, of_tenant) in people.iter().enumerate() {
            for person in of_tenant {
                let (others, own) = (1 - tenant, &person.devices[0].user);
                prop_assert!(!person.heard.contains(WORDS[others]), "{own} saw the other's word");
                let name = format!("@{}", TENANTS[others]);
                prop_assert!(!person.heard.contains(&name), "{own} saw the other's name");
            }
        }
    }

    #[test]
    fn nothing_that_one_tenant_is_told_depends_on_the_other(
        deeds in proptest::collection::vec(deed(), 1..30),
    ) {
        let alone = |tenant: usize| {
            let world = World::new();
            let mut people = [0, 1].map(|tenant| [0, 1].map(|user| Person::new(tenant, user)));
            deeds.iter().filter(|deed| deed.tenant == tenant).for_each(|deed| {
                live(&world, &mut people, deed);
            });
            let [one, two] = people;
            (if tenant == 0 { one } else { two }).map(|person| person.heard)
        };
        let world = World::new();
        let mut people = [0, 1].map(|tenant| [0, 1].map(|user| Person::new(tenant, user)));
        deeds.iter().for_each(|deed| live(&world, &mut people, deed));
        let together = people.map(|of_tenant| of_tenant.map(|person| person.heard));
        prop_assert_eq!(together, [alone(0), alone(1)]);
    }
}
