//! A disk whose power can be cut at any step, and that then has kept what it liked of everything
//! that was not synced.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use fastrand::Rng;
use redb::StorageBackend;

/// A torn write ends at one of these, or anywhere.
const SECTOR_BYTES: usize = 512;

/// A disk; clones are the same one.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<State>>);

/// What a disk says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Honesty {
    /// What it says it has synced is there after a power cut.
    Honest,
    /// It says so and does nothing.
    LiesAboutSyncs,
}

#[derive(Debug)]
struct State {
    /// As the process sees it.
    seen: Vec<u8>,
    /// What is there after a power cut in any case.
    safe: Vec<u8>,
    unsynced: Vec<Step>,
    honesty: Honesty,
    /// Steps until the power is cut; `None` for never.
    steps_left: Option<u64>,
}

#[derive(Clone, Debug)]
enum Step {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

impl Disk {
    pub fn new(content: Vec<u8>, honesty: Honesty, steps_left: Option<u64>) -> Self {
        let (seen, safe) = (content.clone(), content);
        Disk(Arc::new(Mutex::new(State { seen, safe, unsynced: Vec::new(), honesty, steps_left })))
    }

    /// Whether the power was cut.
    pub fn is_off(&self) -> bool {
        self.state().steps_left == Some(0)
    }

    /// What is on it when the power comes back.
    pub fn after_cut(&self, dice: &mut Rng) -> Vec<u8> {
        let state = self.state();
        let mut content = state.safe.clone();
        // Some cuts are kind, some are not, most are in between.
        let kept_in_ten = dice.choice([0, 1, 5, 9, 10]).unwrap();
        for step in &state.unsynced {
            let fate = dice.u32(0..10);
            if fate < kept_in_ten {
                step.apply(&mut content);
            } else if fate.is_multiple_of(3) {
                step.torn(dice).apply(&mut content);
            }
        }
        content
    }

    /// What is on it when nobody has cut anything.
    pub fn content(&self) -> Vec<u8> {
        self.state().seen.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    /// Does a step, unless it is the one at which the power goes: then nobody knows.
    fn step(&mut self, step: Step) -> io::Result<()> {
        let has_power = self.use_power();
        if self.steps_left == Some(0) && !has_power {
            return Err(io::Error::other("the power is off"));
        }
        step.apply(&mut self.seen);
        self.unsynced.push(step);
        match self.steps_left {
            Some(0) => Err(io::Error::other("the power was cut")),
            _ => Ok(()),
        }
    }

    /// Whether there was power when the step began.
    fn use_power(&mut self) -> bool {
        match &mut self.steps_left {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

impl Step {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Step::Write(offset, data) => {
                let end = offset + data.len();
                content.resize(content.len().max(end), 0);
                content[*offset..end].copy_from_slice(data);
            }
            Step::SetLen(len) => content.resize(*len, 0),
        }
    }

    /// The part of it that got through.
    fn torn(&self, dice: &mut Rng) -> Step {
        match self {
            Step::Write(offset, data) => {
                let cut = dice.usize(0..=data.len());
                let cut = if dice.bool() { cut } else { cut / SECTOR_BYTES * SECTOR_BYTES };
                match dice.bool() {
                    true => Step::Write(*offset, data[..cut].to_vec()),
                    false => Step::Write(offset + cut, data[cut..].to_vec()),
                }
            }
            Step::SetLen(len) => Step::SetLen(*len),
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        if state.steps_left == Some(0) {
            return Err(io::Error::other("the power is off"));
        }
        let offset = usize::try_from(offset).unwrap();
        let read = state.seen.get(offset..offset + out.len());
        out.copy_from_slice(read.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.state().step(Step::SetLen(usize::try_from(len).unwrap()))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        state.use_power();
        if state.steps_left == Some(0) {
            return Err(io::Error::other("the power was cut"));
        }
        if state.honesty == Honesty::Honest {
            let State { safe, unsynced, .. } = &mut *state;
            unsynced.drain(..).for_each(|step| step.apply(safe));
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.state().step(Step::Write(usize::try_from(offset).unwrap(), data.to_vec()))
    }
}
