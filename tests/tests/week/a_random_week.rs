//! "I wrote on my phone in the train and on my laptop at home, all week. Nothing I wrote is gone,
//! nothing is there twice, and both show the same."
//!
//! `TIDEMARK_SEED=17` replays one week and prints it; `TIDEMARK_SEEDS=100000` lives so many.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use tidemark_tests::simulation::transcript::Transcript;
use tidemark_tests::week::judge::Seen;
use tidemark_tests::week::life::{Life, live};
use tidemark_tests::week::sabotage::Sabotage;
use tidemark_tests::week::world::Told;

/// As many as a test run has time for; more by hand.
const SEEDS: u64 = 2_000;

const FAILED_MAX: usize = 5;

#[test]
fn nothing_written_is_lost_or_done_twice_and_all_devices_show_the_same() {
    if let Some(seed) = number_in("TIDEMARK_SEED") {
        let life = live(seed, Transcript::told(), Sabotage::None);
        println!("{}", life.text);
        assert!(life.alarms.is_empty(), "{:#?}", life.alarms);
        return;
    }
    let seeds = number_in("TIDEMARK_SEEDS").unwrap_or(SEEDS);
    let mut seen = Seen::default();
    let mut told = Told::default();
    let mut failed = Vec::new();
    for (seed, life) in live_all(seeds) {
        seen.add(&life.seen);
        told.add(&life.told);
        if !life.alarms.is_empty() {
            failed.push(format!("{}\n{:#?}", how_to_replay(seed), life.alarms));
            // A few show better than one what is wrong.
            if failed.len() == FAILED_MAX {
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // A simulation in which nothing happens would prove nothing.
    println!("{seeds} weeks: {seen:?}, {told:?}");
    assert!(seen.has_everything(), "{seen:?}");
    assert!(told.has_everything(), "{told:?}");
}

#[test]
fn the_same_seed_is_the_same_week() {
    for seed in [3, 141, 592] {
        let lives = [(); 2].map(|()| live_hashed(seed).number);
        assert_eq!(lives[0], lives[1], "seed {seed}");
    }
    assert_ne!(live_hashed(3).number, live_hashed(4).number);
}

/// Weeks are lived on all cores; none knows of another.
fn live_all(seeds: u64) -> impl Iterator<Item = (u64, Life)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (sender, lives) = mpsc::sync_channel(threads);
    for _ in 0..threads {
        let sender = sender.clone();
        std::thread::spawn(move || {
            loop {
                let seed = NEXT.fetch_add(1, Ordering::Relaxed);
                let told = TellSeed(seed);
                let is_over = seed >= seeds;
                if is_over || sender.send((seed, live_hashed(seed))).is_err() {
                    break;
                }
                drop(told);
            }
        });
    }
    let mut left = seeds;
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        Some(lives.recv().expect("a week ended in a panic: its seed is above"))
    })
}

fn live_hashed(seed: u64) -> Life {
    live(seed, Transcript::hashed(), Sabotage::None)
}

/// Says which week it was when it ends in a panic.
struct TellSeed(u64);

impl Drop for TellSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", how_to_replay(self.0));
        }
    }
}

fn how_to_replay(seed: u64) -> String {
    format!(
        "replay with: TIDEMARK_SEED={seed} cargo test -p tidemark-tests --test week \
         nothing_written -- --nocapture"
    )
}

fn number_in(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
