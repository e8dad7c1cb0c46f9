//! Row I: writes of users' documents that are on the disk when they are answered, beside the bare
//! cost of getting the same bytes there.
//!
//! The limit is a thread that appends the same writes, encoded already, to a file and syncs it once
//! per group; it checks nothing, merges nothing, keeps no receipts and can find nothing again.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;
use tidemark_relay::clock::unix_now;
use tidemark_relay::documents::{
    DocumentRules, Engine, Limits, MergeByRules, Permits, Sink, Who, Writer,
};
use tidemark_relay::store::EmbeddedStore;
use tidemark_shared::clock::Stamp;
use tidemark_shared::documents::{
    Change, Delta, Draft, Entity, GroupId, Mutation, MutationId, MutationKind, Push, UserName,
    Version,
};
use tidemark_shared::protocol::{Reply, WireError};

use crate::machine;

/// Devices that push one write, wait for its answer and push the next: so many are in a group.
const DEVICES: u32 = 256;

/// Memory of the store.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// What a note says: two lines, as notes are.
const TEXT: &str = "bought on the dip, sell above 180 or when the quarter disappoints; ask Jo";

/// Durable writes a second through the documents' writer.
pub(crate) fn relay(dir: &Path, round: Duration) -> Result<f64> {
    let store = Arc::new(EmbeddedStore::open_in(dir, CACHE_BYTES, unix_now())?);
    let rules = DocumentRules { merging: MergeByRules::default(), limits: Limits::default() };
    let (answered, answers) = channel();
    // The threads stay on the core where they are started.
    machine::pin(None, machine::SERVER_CORE)?;
    let engine = Engine::new(store, rules);
    let (writer, threads) = Writer::start(engine, unix_now, Answered(answered))?;
    machine::pin(None, machine::GENERATOR_CORE)?;
    let mut devices = (0..DEVICES).map(Device::new).collect::<Result<Vec<_>>>()?;
    let push = |index: usize, devices: &mut Vec<Device>| -> Result<()> {
        let device = &mut devices[index];
        let who = Who { user: device.user.clone(), permits: Permits::default() };
        match writer.push(index, who, device.next()?) {
            Ok(()) => Ok(()),
            Err((_, error)) => bail!("refused: {error}"),
        }
    };
    for index in 0..devices.len() {
        push(index, &mut devices)?;
    }
    let begin = Instant::now();
    let mut done = 0_u32;
    while begin.elapsed() < round {
        let index = next_answer(&answers)?;
        done += 1;
        push(index, &mut devices)?;
    }
    let took = begin.elapsed();
    threads.stop();
    Ok(f64::from(done) / took.as_secs_f64())
}

/// The same writes a second, appended and synced in the same groups.
pub(crate) fn raw(dir: &Path, round: Duration) -> Result<f64> {
    let mut devices = (0..DEVICES).map(Device::new).collect::<Result<Vec<_>>>()?;
    let mut group = Vec::new();
    for device in &mut devices {
        serde_json::to_writer(&mut group, &device.next()?)?;
    }
    let mut file = File::create(dir.join("raw"))?;
    let begin = Instant::now();
    let mut done = 0_u32;
    while begin.elapsed() < round {
        file.write_all(&group)?;
        file.sync_data()?;
        done += DEVICES;
    }
    Ok(f64::from(done) / begin.elapsed().as_secs_f64())
}

struct Answered(Sender<(usize, Result<Reply, WireError>)>);

impl Sink<usize> for Answered {
    fn answer(&self, asker: usize, answer: Result<Reply, WireError>) {
        // The generator stops listening when the round is over.
        let _ = self.0.send((asker, answer));
    }

    fn publish(&self, _: &UserName, _: Delta) {}
}

fn next_answer(answers: &Receiver<(usize, Result<Reply, WireError>)>) -> Result<usize> {
    match answers.recv()? {
        (index, Ok(Reply::Push(pushed))) if pushed.nack.is_none() => Ok(index),
        (_, other) => bail!("a write was answered {other:?}"),
    }
}

/// A device of a user of its own, who edits notes one after the other.
struct Device {
    user: UserName,
    group: GroupId,
    last: MutationId,
}

impl Device {
    fn new(number: u32) -> Result<Self> {
        let (user, group) = (format!("user-{number}").parse()?, GroupId::from_bits(number.into()));
        Ok(Device { user, group, last: MutationId::NONE })
    }

    fn next(&mut self) -> Result<Push> {
        /// Notes of one user.
        const NOTES: u64 = 50;
        let (MutationId(before), mid) = (self.last, self.last.next());
        let settled = self.last;
        self.last = mid;
        let (note, turn) = (before % NOTES, before / NOTES);
        let text = |turn| Value::from(format!("{TEXT} ({turn})"));
        let from = turn.checked_sub(1).map(text);
        let changes = [("text".parse()?, Change { from, to: Some(text(turn)) })];
        let entity: Entity = format!("notes/S{note}").parse()?;
        let draft = Draft {
            kind: MutationKind::Edit,
            entity,
            base_version: Version(turn),
            changes: changes.into(),
            policy: None,
            valid_until: None,
            conflict: None,
        };
        let stamp = Stamp { at: unix_now(), count: 0 };
        let mutation = Mutation::seal(draft, mid, self.user.clone(), stamp);
        let group = self.group.clone();
        Ok(Push { epoch: None, group, settled, mutations: vec![mutation] })
    }
}
