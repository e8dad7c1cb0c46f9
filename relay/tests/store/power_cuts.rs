//! "I saw that it was saved, then the lights went out: it is there, once, and nothing is half."
//!
//! Lives of the engine on a disk whose power is cut again and again, beside the same engine over
//! a store in memory that is never cut. After each cut the store must hold what the other had after
//! the last group that was answered, or after the one that was on its way, and nothing in between.
//!
//! `TIDEMARK_SEED=17` replays one life and tells it; `TIDEMARK_SEEDS=10000` lives so many.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, mpsc};

use fastrand::Rng;
use tidemark_relay::documents::{DocumentRules, Engine, Limits, MergeByRules, Refusal};
use tidemark_relay::store::{
    Changes, EmbeddedStore, Keys, MemoryStore, OpenError, Order, Read as _, Store,
};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{Mutation, MutationId, Push, Receipt, UserName};
use tidemark_shared::protocol::Epoch;

use crate::device::{Device, edit};
use crate::disk::{Disk, Honesty};

/// In the normal run: debug builds need 17 s of one core for them.
const SEEDS: u64 = 1_000;

/// So often the power comes back in one life.
const BOOTS: u32 = 6;

/// So many steps of the disk are enough to open a store and to write to it a few times.
const STEPS_MAX: u64 = 90;

const GROUPS_PER_BOOT: u32 = 8;
const CACHE_BYTES: usize = 256 * 1024;
const EPOCH: Epoch = Epoch(7);
const NOW: UnixMillis = UnixMillis(1_000_000);

#[test]
fn what_was_answered_survives_every_power_cut_and_nothing_is_half() {
    if let Some(seed) = number_in("TIDEMARK_SEED") {
        let life = live(seed, Honesty::Honest);
        println!("{life:#?}");
        assert_eq!(life.alarm, None);
        return;
    }
    let seeds = number_in("TIDEMARK_SEEDS").unwrap_or(SEEDS);
    let mut sum = Life::default();
    for (seed, life) in live_all(seeds, Honesty::Honest) {
        assert_eq!(life.alarm, None, "{}", how_to_replay(seed));
        sum.add(&life);
    }
    // A simulation in which nothing happens would prove nothing.
    println!("{seeds} lives: {sum:?}");
    assert!(sum.answered > 0 && sum.cuts > 0 && sum.cuts_while_opening > 0);
    assert!(sum.survived_unanswered > 0 && sum.lost_unanswered > 0 && sum.repeated > 0);
}

#[test]
fn a_disk_that_lies_about_syncs_rings() {
    let alarms = (0..40).filter(|seed| live(*seed, Honesty::LiesAboutSyncs).alarm.is_some());
    assert!(alarms.count() > 0, "a disk that keeps nothing of what it has synced was not noticed");
}

/// What happened in a life.
#[derive(Debug, Default)]
struct Life {
    alarm: Option<String>,
    answered: u64,
    cuts: u64,
    cuts_while_opening: u64,
    survived_unanswered: u64,
    lost_unanswered: u64,
    repeated: u64,
}

impl Life {
    fn add(&mut self, other: &Life) {
        self.answered += other.answered;
        self.cuts += other.cuts;
        self.cuts_while_opening += other.cuts_while_opening;
        self.survived_unanswered += other.survived_unanswered;
        self.lost_unanswered += other.lost_unanswered;
        self.repeated += other.repeated;
    }
}

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// Everything in a store.
fn all_of(store: &impl Store) -> Result<Records, String> {
    let mut records = Records::new();
    let snapshot = store.snapshot().map_err(|error| error.to_string())?;
    let visit = &mut |key: &[u8], value: &[u8]| {
        records.insert(key.to_vec(), value.to_vec());
        ControlFlow::Continue(())
    };
    snapshot.scan(&Keys::all(), Order::Ascending, visit).map_err(|error| error.to_string())?;
    Ok(records)
}

fn engine<S: Store>(store: Arc<S>) -> Engine<S, MergeByRules> {
    let limits = Limits { history_max: 3, ..Limits::default() };
    Engine::new(store, DocumentRules { merging: MergeByRules::default(), limits })
}

/// Takes in a group of pushes; the receipts once it is committed.
fn commit<S: Store>(
    engine: &Engine<S, MergeByRules>,
    pushes: &[(UserName, Push)],
) -> Result<Vec<Vec<Receipt>>, Refusal> {
    let mut group = engine.begin()?;
    let mut receipts = Vec::new();
    for (user, push) in pushes {
        receipts.push(group.apply(user, push, NOW)?.pushed.receipts);
    }
    group.commit()?;
    Ok(receipts)
}

fn live(seed: u64, honesty: Honesty) -> Life {
    let mut life = Life::default();
    life.alarm = live_until_alarm(seed, honesty, &mut life).err();
    life
}

fn live_until_alarm(seed: u64, honesty: Honesty, life: &mut Life) -> Result<(), String> {
    let mut dice = Rng::with_seed(seed);
    let mut devices = Devices::new();
    let mut content = EMPTY.clone();
    // What was answered, and what was on its way when the power went.
    let mut answered = Arc::new(MemoryStore::new(EPOCH));
    let mut unanswered: Option<Unanswered> = None;
    for boot in 0..BOOTS {
        // The last time the power stays on.
        let steps_left = (boot + 1 < BOOTS).then(|| dice.u64(1..STEPS_MAX));
        let disk = Disk::new(content, honesty, steps_left);
        let store = match open(disk.clone()) {
            Ok(store) => store,
            Err(_) if disk.is_off() => {
                life.cuts_while_opening += 1;
                content = disk.after_cut(&mut dice);
                continue;
            }
            Err(error) => return Err(error.to_string()),
        };
        let found = all_of(&store)?;
        if let Some(Unanswered { model, .. }) = &unanswered
            && found == all_of(&**model)?
        {
            life.survived_unanswered += 1;
            answered = Arc::clone(model);
        } else if found == all_of(&*answered)? {
            life.lost_unanswered += u64::from(unanswered.is_some());
        } else {
            return Err(difference(&all_of(&*answered)?, &found));
        }
        let real = engine(Arc::new(store));
        for _ in 0..dice.u32(0..GROUPS_PER_BOOT) {
            // Who was not answered pushes the same again.
            let again = unanswered.take();
            let pushes = again.as_ref().map(|again| again.pushes.clone());
            let pushes = pushes.unwrap_or_else(|| devices.pushes(&mut dice));
            let model = copy_of(&answered)?;
            let expected = commit(&engine(Arc::clone(&model)), &pushes).map_err(told)?;
            if let Some(again) = again {
                life.repeated += 1;
                if again.expected != expected {
                    return Err(format!("{:?} became {expected:?}", again.expected));
                }
            }
            match commit(&real, &pushes) {
                Ok(receipts) if receipts == expected => {
                    life.answered += 1;
                    answered = model;
                }
                Ok(receipts) => return Err(format!("answered {receipts:?}, not {expected:?}")),
                Err(_) if disk.is_off() => {
                    unanswered = Some(Unanswered { pushes, model, expected });
                    break;
                }
                Err(error) => return Err(format!("failed with the power on: {error}")),
            }
        }
        // Closing writes, too.
        drop(real);
        content = if disk.is_off() {
            life.cuts += 1;
            disk.after_cut(&mut dice)
        } else {
            disk.content()
        };
    }
    Ok(())
}

/// Pushes that were on their way when the power went.
struct Unanswered {
    pushes: Vec<(UserName, Push)>,
    /// The store if they got through, and what they would have been answered.
    model: Arc<MemoryStore>,
    expected: Vec<Vec<Receipt>>,
}

/// A new store's content.
static EMPTY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let disk = Disk::new(Vec::new(), Honesty::Honest, None);
    EmbeddedStore::create_storage(disk.clone(), Path::new("disk"), EPOCH).unwrap();
    disk.content()
});

fn open(disk: Disk) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open_storage(disk, Path::new("disk"), CACHE_BYTES)
}

fn copy_of(store: &MemoryStore) -> Result<Arc<MemoryStore>, String> {
    let copy = MemoryStore::new(EPOCH);
    let records = all_of(store)?.into_iter();
    let changes: Changes = records.map(|(key, value)| (key, Some(value))).collect();
    copy.write(&changes).map_err(told)?;
    Ok(Arc::new(copy))
}

fn told(error: impl ToString) -> String {
    error.to_string()
}

fn difference(answered: &Records, found: &Records) -> String {
    let lost: Vec<_> = answered
        .iter()
        .filter(|(key, value)| found.get(*key) != Some(*value))
        .map(|(key, _)| key.escape_ascii().to_string())
        .collect();
    let strange: Vec<_> = found
        .keys()
        .filter(|key| !answered.contains_key(*key))
        .map(|key| key.escape_ascii().to_string())
        .collect();
    format!("lost or changed: {lost:?}; nobody was told of: {strange:?}")
}

/// Two users with two devices each, who write whatever comes to their minds.
struct Devices(Vec<(Device, Vec<Mutation>)>);

impl Devices {
    fn new() -> Self {
        let device = |(user, number)| (Device::new(user, number), Vec::new());
        Devices([("ann", 1), ("ann", 2), ("bob", 3), ("bob", 4)].map(device).into())
    }

    /// One group: some devices push what is new, and sometimes what is old again.
    fn pushes(&mut self, dice: &mut Rng) -> Vec<(UserName, Push)> {
        let mut pushes = Vec::new();
        for (device, written) in &mut self.0 {
            if dice.bool() {
                continue;
            }
            let old = written.len() - dice.usize(0..=written.len().min(2));
            for _ in 0..dice.usize(0..3) {
                let entity = dice.choice(["notes/A", "notes/B", "things/C"]).unwrap();
                let text = |dice: &mut Rng| dice.choice([None, Some("a"), Some("b"), Some("c")]);
                let (from, to) = (text(dice).flatten(), text(dice).flatten());
                let draft = edit(entity, dice.u64(0..3), &[("text", from, to)]);
                written.push(device.write(draft));
            }
            let mut push = device.push(written[old..].iter().cloned());
            push.settled = MutationId(dice.u64(0..=old as u64));
            pushes.push((device.user.clone(), push));
        }
        pushes
    }
}

/// Lives are lived on all cores; none knows of another.
fn live_all(seeds: u64, honesty: Honesty) -> impl Iterator<Item = (u64, Life)> {
    let next = Arc::new(AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (sender, lives) = mpsc::sync_channel(threads);
    for _ in 0..threads {
        let (sender, next) = (sender.clone(), Arc::clone(&next));
        std::thread::spawn(move || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                let told = TellSeed(seed);
                if seed >= seeds || sender.send((seed, live(seed, honesty))).is_err() {
                    std::mem::forget(told);
                    break;
                }
            }
        });
    }
    let mut left = seeds;
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        Some(lives.recv().expect("a life ended in a panic: its seed is above"))
    })
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
        "replay with: TIDEMARK_SEED={seed} cargo test -p tidemark-relay --test store \
         what_was_answered -- --nocapture"
    )
}

fn number_in(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
