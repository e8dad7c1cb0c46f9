//! "Whatever the network did: nothing was lost, nothing came twice, and it came back by itself."
//!
//! `TIDEMARK_SEED=17` replays one life and prints it; `TIDEMARK_SEEDS=1000000` lives so many.

use tidemark_shared::session::Note;

use crate::simulation::chaos::live_through;

const SEEDS: u64 = 2_000;

#[test]
fn nothing_is_lost_repeated_or_reordered_and_it_always_comes_back() {
    if let Some(seed) = number_in("TIDEMARK_SEED") {
        println!("{}", live_through(seed).trace);
        return;
    }
    let mut reached = Reached::default();
    for seed in 0..number_in("TIDEMARK_SEEDS").unwrap_or(SEEDS) {
        let _told = TellSeed(seed);
        let world = live_through(seed);
        let counters = world.status().counters;
        reached.caught_up += counters.caught_up;
        reached.skipped += counters.skipped;
        reached.topics_lost += counters.topics_lost;
        reached.reconnected += counters.connections - 1;
        reached.sign_ins_ended += world.relay.ended;
        let renewed = |note: &&_| matches!(note, Note::SignInRenewed { .. });
        reached.sign_ins_renewed += world.notes.iter().filter(renewed).count();
    }
    // A simulation in which nothing happens would prove nothing.
    println!("{reached:?}");
    assert!(reached.caught_up > 0 && reached.skipped > 0);
    assert!(reached.sign_ins_ended > 0 && reached.sign_ins_renewed > 0);
    assert!(reached.topics_lost > 0 && reached.reconnected > 0);
}

#[test]
fn the_same_seed_is_the_same_life() {
    for seed in [3, 1_414] {
        assert!(live_through(seed).trace == live_through(seed).trace);
    }
}

#[derive(Debug, Default)]
struct Reached {
    caught_up: u64,
    skipped: u64,
    topics_lost: u64,
    reconnected: u64,
    sign_ins_ended: u64,
    sign_ins_renewed: usize,
}

/// Says which life it was when it ends in a panic.
struct TellSeed(u64);

#[expect(clippy::print_stdout, reason = "the test harness shows it with the failure")]
impl Drop for TellSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("replay with TIDEMARK_SEED={}", self.0);
        }
    }
}

fn number_in(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
