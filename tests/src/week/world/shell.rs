//! What a page does around its machine: it feeds it, does what it says, and runs its transactions.

use tidemark_shared::outbox::{Done, Input, ItemState, Output, Write};

use super::{Event, Job, World};
use crate::week::database::Database;
use crate::week::sabotage::Sabotage;
use crate::week::tab::{Question, TabKey};

impl World {
    /// A page is told something. One that does not run hears it later.
    pub(super) fn tell(&mut self, key: TabKey, input: Input) {
        let time = self.time;
        let Some((device, tab)) = self.place_of(key) else { return };
        let unix = self.devices[device].unix(time);
        if input == Input::Released && !self.lets_go(key) {
            return;
        }
        if let Some(held) = &mut self.devices[device].tabs[tab].held {
            held.push(input);
            return;
        }
        self.note(format_args!("{key:?} {input:?}"));
        let tab = &mut self.devices[device].tabs[tab];
        let now = tab.now(time, unix);
        tab.outbox.handle(input, now);
        let outputs: Vec<Output> = std::iter::from_fn(|| tab.outbox.poll_output()).collect();
        let position = tab.outbox.position();
        self.judge.stands(key, position);
        for output in outputs {
            self.carry_out(device, key, output);
        }
    }

    /// The user or the machine wants something of the database.
    pub(super) fn ask_database(&mut self, device: usize, tab: TabKey, job: Job) {
        let most = self.dice.pick(&[0, 2, 15]);
        let takes = self.dice.between_ms(0, most);
        let device_busy = &mut self.devices[device].busy_until;
        *device_busy = (*device_busy).max(self.time) + takes;
        let after = device_busy.saturating_sub(self.time);
        self.schedule(after, Event::Database { device, tab, job });
    }

    pub(super) fn database_works(&mut self, device: usize, tab: TabKey, job: Job) {
        // A transaction of a page that is gone may still be done, or not.
        let is_open = self.place_of(tab).is_some();
        if !is_open && self.dice.once_in(2) {
            return;
        }
        match job {
            Job::Change(write) => self.change_rows(device, tab, &write, By::Machine),
            Job::Wish(write) => self.change_rows(device, tab, &write, By::User),
            Job::Keep(kept, documents, position) => {
                self.devices[device].database.keep(kept, documents, position);
            }
            Job::Reread => {
                let rows = self.devices[device].database.reread();
                self.tell(tab, rows);
            }
        }
    }

    fn carry_out(&mut self, device: usize, tab: TabKey, output: Output) {
        self.note(format_args!("{tab:?} wants {output:?}"));
        match output {
            Output::Push { id, push } => self.ask(device, tab, Question::Push(id, push)),
            Output::Pull { id, after } => self.ask(device, tab, Question::Pull(id, after)),
            Output::Write(write) => self.ask_database(device, tab, Job::Change(write)),
            Output::Reread => self.ask_database(device, tab, Job::Reread),
            Output::Keep { kept, documents, position } => {
                self.ask_database(device, tab, Job::Keep(kept, documents, position));
            }
            Output::Forked => self.told.forks += 1,
            Output::Reinstated { documents } => self.told.reinstated += documents as u64,
            Output::RolledBack { .. } => self.told.rolled_back += 1,
            Output::Damaged(entity) => self.judge.ring(format!("{entity} came damaged")),
            Output::Viewed(_) | Output::Queue => {}
        }
    }

    fn change_rows(&mut self, device: usize, tab: TabKey, write: &Write, by: By) {
        let fails = !self.is_fair && self.dice.once_in(40);
        let database = &mut self.devices[device].database;
        let before = (self.sabotage != Sabotage::None).then(|| database.clone());
        let done = if fails { None } else { database.change(write).ok() };
        let Some(done) = done else {
            self.note(format_args!("{tab:?}: not done: {write:?}"));
            if by == By::Machine {
                self.tell(tab, Input::WriteFailed(write.clone()));
            }
            return;
        };
        self.judge.rows_changed(device, write, &done);
        let told = self.sabotaged(device, before, write, &done);
        self.tell(tab, Input::Written(done));
        // A page that is gone tells nobody.
        if self.place_of(tab).is_some() {
            let others = self.devices[device].tabs.iter().map(|other| other.key);
            let others: Vec<TabKey> = others.filter(|other| *other != tab).collect();
            for other in others {
                let after = self.dice.between_ms(0, 40);
                self.schedule(
                    after,
                    Event::Tell { tab: other, input: Input::Written(told.clone()) },
                );
            }
        }
    }

    /// What the database keeps of a change, and what other pages are told, where it is broken on
    /// purpose.
    fn sabotaged(
        &mut self,
        device: usize,
        before: Option<Database>,
        write: &Write,
        done: &Done,
    ) -> Done {
        let mut kept = done.clone();
        let Some(before) = before else { return kept };
        match (self.sabotage, write) {
            (Sabotage::SkipMarkSending, Write::MarkSending { .. }) => {
                for item in &mut kept.put {
                    item.state = ItemState::Saved;
                }
            }
            (Sabotage::LoseSavedRows, Write::Enqueue { .. }) if self.dice.once_in(4) => {
                kept.put.clear();
            }
            _ => return kept,
        }
        let database = &mut self.devices[device].database;
        *database = before;
        database.put(&kept);
        kept
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Machine,
    User,
}
