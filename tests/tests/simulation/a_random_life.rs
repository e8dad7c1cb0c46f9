//! "Whatever the network and the relay did: nothing was lost without a word, nothing came twice,
//! and in the end everybody saw the same."
//!
//! `TIDEMARK_SEED=17` replays one life and prints it; `TIDEMARK_SEEDS=1000000` lives so many.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use tidemark_tests::simulation::judge::Seen;
use tidemark_tests::simulation::life::{Life, live};
use tidemark_tests::simulation::sabotage::Sabotage;
use tidemark_tests::simulation::transcript::Transcript;

const SEEDS: u64 = 2_000;

#[test]
fn nothing_is_lost_repeated_or_reordered_and_everybody_sees_the_same_in_the_end() {
    if let Some(seed) = number_in("TIDEMARK_SEED") {
        let life = live(seed, Transcript::told(), Sabotage::None);
        println!("{}", life.text);
        assert!(life.alarms.is_empty(), "{:#?}", life.alarms);
        return;
    }
    let seeds = number_in("TIDEMARK_SEEDS").unwrap_or(SEEDS);
    let mut seen = Seen::default();
    let mut owed_bytes_max = 0;
    for (seed, life) in live_all(seeds) {
        assert!(life.alarms.is_empty(), "{}\n{:#?}", how_to_replay(seed), life.alarms);
        life.seen.iter().for_each(|of_one| seen.add(of_one));
        owed_bytes_max = owed_bytes_max.max(life.owed_bytes_max);
    }
    // A simulation in which nothing happens would prove nothing.
    println!("{seeds} lives: {seen:?}, owed at most {owed_bytes_max} bytes");
    assert!(seen.events > 0 && seen.starts > 0 && seen.skipped > 0);
    assert!(seen.expired > 0 && seen.renumbered > 0);
}

#[test]
fn the_same_seed_is_the_same_life() {
    for seed in [3, 141, 592] {
        let lives = [(); 2].map(|()| live(seed, Transcript::hashed(), Sabotage::None).number);
        assert_eq!(lives[0], lives[1], "seed {seed}");
    }
    let other = live(4, Transcript::hashed(), Sabotage::None).number;
    assert_ne!(live(3, Transcript::hashed(), Sabotage::None).number, other);
}

/// Lives are lived on all cores; none knows of another.
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
        Some(lives.recv().expect("a life ended in a panic: its seed is above"))
    })
}

fn live_hashed(seed: u64) -> Life {
    live(seed, Transcript::hashed(), Sabotage::None)
}

/// Says which life it was when it ends in a panic.
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
        "replay with: TIDEMARK_SEED={seed} cargo test -p tidemark-tests --test simulation \
         nothing_is_lost -- --nocapture"
    )
}

fn number_in(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
