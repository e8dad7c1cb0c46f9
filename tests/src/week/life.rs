//! A random week: everything that can go wrong does, then all is well again, and the promises are
//! held against what came of it.

use std::time::Duration;

use super::device::Network;
use super::judge::Seen;
use super::sabotage::Sabotage;
use super::world::{Told, World};
use crate::simulation::dice::Dice;
use crate::simulation::transcript::Transcript;

const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

/// So long after everything works again, nothing may wait any more: a few of the longest backoffs.
const SETTLED_WITHIN: Duration = Duration::from_secs(1_800);

/// What passes between two things that happen, in milliseconds: hurry, work, coffee, sleep.
const PAUSES_MS: [u64; 8] = [5, 300, 2_000, 90_000, 3_600_000, 28_800_000, 43_200_000, 57_600_000];

/// How a week went.
#[derive(Debug)]
pub struct Life {
    /// What was wrong. Nothing, it is hoped.
    pub alarms: Vec<String>,
    /// The same for the same seed.
    pub number: u64,
    /// All that happened, if it was to be told.
    pub text: String,
    /// What became of writes.
    pub seen: Seen,
    /// What users were told.
    pub told: Told,
}

/// Lives through one seed.
#[must_use]
pub fn live(seed: u64, transcript: Transcript, sabotage: Sabotage) -> Life {
    let mut dice = Dice::new(seed ^ 0x3eec);
    let mut world = World::new(seed, transcript, sabotage);
    for _ in 0..2 {
        let skew_ms = dice.pick(&[0, -240_000, 90_000, 600_000]);
        world.add_device(network(&mut dice), skew_ms);
    }
    // One alarm is enough; what follows from it only hides it. A saboteur goes on.
    let goes_on = |world: &World| sabotage != Sabotage::None || world.judge.alarms().is_empty();
    while world.time() < WEEK && goes_on(&world) {
        if dice.once_in(3) {
            befall(&mut world, &mut dice);
        } else {
            use_page(&mut world, &mut dice);
        }
        let most = dice.pick(&PAUSES_MS);
        world.run(dice.between_ms(0, most));
    }
    if goes_on(&world) {
        settle(&mut world);
    }
    Life {
        alarms: world.judge.alarms().to_vec(),
        number: world.transcript.number(),
        text: world.transcript.text().to_owned(),
        seen: world.judge.seen,
        told: world.told,
    }
}

fn use_page(world: &mut World, dice: &mut Dice) {
    let device = dice.between(0, world.devices.len() - 1);
    for _ in 0..dice.pick(&[1, 1, 1, 2, 4]) {
        let tabs = world.devices[device].tabs.len();
        if tabs > 0 {
            let tab = dice.between(0, tabs - 1);
            world.act(device, tab);
        }
    }
}

fn befall(world: &mut World, dice: &mut Dice) {
    let device = dice.between(0, world.devices.len() - 1);
    let tabs = world.devices[device].tabs.len();
    let tab = dice.between(0, tabs.max(1) - 1);
    match dice.below(40) {
        0..=5 => {
            for link in world.links_of(Some(device)) {
                world.cut(link, dice.pick(&[0, 500, 40_000]));
            }
        }
        6..=9 => world.set_network(device, Network { is_up: false, ..network(dice) }),
        10..=15 => world.set_network(device, network(dice)),
        16..=18 => world.kill_relay(),
        19..=22 => world.start_relay(),
        23 | 24 if tabs > 0 => world.reload(device, tab),
        25 | 26 => world.crash(device),
        27 | 28 if tabs < 2 => world.open(device),
        27 | 28 if dice.once_in(2) => world.close(device, tab),
        29 | 30 if tabs > 0 => world.freeze(device, tab),
        31..=33 if tabs > 0 => world.thaw(device, tab),
        34 => world.steal_lock(device),
        35 | 36 => world.devices[device].skew_ms += dice.pick(&[-300_000, -2_000, 45_000, 400_000]),
        37 => world.back_up(),
        38 if dice.once_in(2) => world.restore(),
        39 if world.devices.len() < 3 && dice.once_in(4) => world.clone_device(device),
        _ => {}
    }
    // It is down for the time of a few accidents at most.
    if dice.once_in(3) {
        world.start_relay();
    }
}

fn network(dice: &mut Dice) -> Network {
    Network {
        is_up: true,
        delay_ms: dice.pick(&[(1, 5), (20, 200), (300, 4_000)]),
        loses_one_in: dice.pick(&[0, 30, 8]),
        repeats_one_in: dice.pick(&[0, 20, 5]),
    }
}

fn settle(world: &mut World) {
    world.heal();
    if !world.run_until_so(SETTLED_WITHIN, World::is_settled) && world.judge.alarms().is_empty() {
        world.judge.ring("all is well again, and yet something waits".to_owned());
    }
    let (relay, devices) = world.end();
    world.judge.conclude(&relay, &devices);
}
