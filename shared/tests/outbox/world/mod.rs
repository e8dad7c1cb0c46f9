//! One user, devices with tabs, and a relay, in virtual time. Whatever is under way between them
//! is in one list, from which a test takes what happens next.

pub mod checks;
pub mod device;
pub mod relay;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::Value;
use tidemark_shared::clock::{Moment, Now, UnixMillis};
use tidemark_shared::documents::{
    Body, Delta, Draft, Entity, GroupId, MutationId, MutationKind, Push, Pushed, UserName,
    changes_between,
};
use tidemark_shared::outbox::{
    Done, Failure, Input, Outbox, Output, PullId, PushId, View, Write, WriteRefused,
};
use tidemark_shared::protocol::{Position, WireError};

use device::{Device, Disk, TabId};
use relay::{Decision, Relay};

/// Longer than any wait of a machine's.
const QUIET: Duration = Duration::from_secs(700);

/// So many looks without anything else between them: more than ten minutes of nothing.
const LOOKS_MAX: usize = 60;

/// Something that is under way.
#[derive(Clone, Debug)]
pub enum Event {
    /// A tab's change of the rows, before its transaction.
    Changes {
        tab: TabId,
        write: Write,
    },
    /// What was changed, on its way to a tab.
    Tells {
        tab: TabId,
        done: Done,
    },
    /// A tab wants to read the rows.
    Reads {
        tab: TabId,
    },
    /// On its way to the relay.
    Pushes {
        tab: TabId,
        id: PushId,
        push: Push,
    },
    Pulls {
        tab: TabId,
        id: PullId,
        after: Option<Position>,
    },
    /// On its way back.
    Pushed {
        tab: TabId,
        id: PushId,
        pushed: Pushed,
    },
    Pulled {
        tab: TabId,
        id: PullId,
        delta: Delta,
    },
    News {
        tab: TabId,
        delta: Delta,
    },
}

impl Event {
    pub const fn tab(&self) -> TabId {
        match self {
            Event::Changes { tab, .. }
            | Event::Tells { tab, .. }
            | Event::Reads { tab }
            | Event::Pushes { tab, .. }
            | Event::Pulls { tab, .. }
            | Event::Pushed { tab, .. }
            | Event::Pulled { tab, .. }
            | Event::News { tab, .. } => *tab,
        }
    }
}

/// Names one thing that the user wrote: the value of the field.
pub type Tag = String;

/// All of it.
pub struct World {
    pub relay: Relay,
    pub devices: Vec<Device>,
    pub events: VecDeque<Event>,
    pub now_ms: u64,
    /// What the machines told their users, by tab.
    pub told: Vec<(TabId, Output)>,
    /// Tags in the order in which they were saved, by the device that did.
    pub written: Vec<(Tag, usize, Entity)>,
    /// Tags that the user took back or gave up.
    pub withdrawn: BTreeSet<Tag>,
    /// Whose tab it is or was.
    owners: BTreeMap<TabId, usize>,
    /// All that any relay ever decided, also what a restored one has forgotten.
    pub ever: Vec<Decision>,
    ever_decided: BTreeSet<Tag>,
    tabs: u64,
    tags: u64,
    groups: u128,
    pub has_lost_cache: bool,
    /// The shell forgets to write down that rows are being sent.
    pub skips_marks: bool,
}

impl World {
    pub fn new() -> Self {
        World {
            relay: Relay::new(),
            devices: Vec::new(),
            events: VecDeque::new(),
            now_ms: 1_000_000,
            told: Vec::new(),
            written: Vec::new(),
            withdrawn: BTreeSet::new(),
            owners: BTreeMap::new(),
            ever: Vec::new(),
            ever_decided: BTreeSet::new(),
            tabs: 0,
            tags: 0,
            groups: 0,
            has_lost_cache: false,
            skips_marks: false,
        }
    }

    /// A world with one device that is connected, and its tab.
    pub fn with_one_tab() -> (Self, TabId) {
        let mut world = World::new();
        let device = world.add_device();
        let tab = world.open_tab(device);
        world.input(tab, Input::Holding);
        world.link(device);
        world.settle();
        (world, tab)
    }

    pub fn add_device(&mut self) -> usize {
        self.groups += 1;
        let group = GroupId::from_bits(self.groups);
        let disk = Disk::new(user(), group);
        self.devices.push(Device { disk, tabs: BTreeMap::new(), skew_ms: 0, is_linked: false });
        self.devices.len() - 1
    }

    /// A copy of a browser profile, as backups of a home directory make them.
    pub fn clone_device(&mut self, device: usize) -> usize {
        let Device { disk, skew_ms, .. } = &self.devices[device];
        let (disk, skew_ms) = (disk.clone(), *skew_ms);
        self.devices.push(Device { disk, tabs: BTreeMap::new(), skew_ms, is_linked: false });
        self.devices.len() - 1
    }

    pub fn open_tab(&mut self, device: usize) -> TabId {
        self.tabs += 1;
        let tab = TabId(self.tabs);
        self.owners.insert(tab, device);
        let loaded = self.devices[device].disk.loaded();
        self.devices[device].tabs.insert(tab, Outbox::new(self.tabs * 7_919));
        self.input(tab, loaded);
        if self.devices[device].is_linked {
            self.input(tab, Input::LinkUp);
        }
        tab
    }

    /// The tab is gone. What it had begun on the disk, and what it had said to the others, may
    /// still take place; nobody hears of it here.
    pub fn crash(&mut self, tab: TabId) {
        for device in &mut self.devices {
            device.tabs.remove(&tab);
        }
        let leaves_a_trace = |event: &Event| {
            event.tab() != tab || matches!(event, Event::Pushes { .. } | Event::Changes { .. })
        };
        self.events.retain(leaves_a_trace);
    }

    pub fn link(&mut self, device: usize) {
        self.devices[device].is_linked = true;
        self.each_tab(device, &Input::LinkUp);
    }

    /// The connection breaks. What was on its way to the relay may still arrive; no answer does.
    pub fn unlink(&mut self, device: usize) {
        self.devices[device].is_linked = false;
        let tabs: Vec<TabId> = self.devices[device].tabs.keys().copied().collect();
        self.events.retain(|event| {
            let comes = matches!(
                event,
                Event::Pushed { .. }
                    | Event::Pulled { .. }
                    | Event::Pulls { .. }
                    | Event::News { .. }
            );
            !(comes && tabs.contains(&event.tab()))
        });
        self.each_tab(device, &Input::LinkDown);
    }

    /// The relay stops, something is done to its disk, and it starts: all connections break.
    pub fn restart_relay(&mut self, change: impl FnOnce(&mut Relay)) {
        let linked = (0..self.devices.len()).filter(|device| self.devices[*device].is_linked);
        let linked: Vec<usize> = linked.collect();
        linked.iter().for_each(|device| self.unlink(*device));
        change(&mut self.relay);
        linked.iter().for_each(|device| self.link(*device));
    }

    /// The browser throws the cache away.
    pub fn lose_cache(&mut self, device: usize) {
        self.has_lost_cache = true;
        self.devices[device].disk.lose_cache();
        self.each_tab(device, &Input::CacheLost);
    }

    pub fn each_tab(&mut self, device: usize, input: &Input) {
        let tabs: Vec<TabId> = self.devices[device].tabs.keys().copied().collect();
        tabs.into_iter().for_each(|tab| self.input(tab, input.clone()));
    }

    pub fn input(&mut self, tab: TabId, input: Input) {
        let Some(device) = self.device_of(tab) else { return };
        let now = self.now(device);
        let Device { disk, tabs, .. } = &mut self.devices[device];
        let outbox = tabs.get_mut(&tab).unwrap();
        outbox.handle(input, now);
        while let Some(output) = outbox.poll_output() {
            match output {
                Output::Write(write) => self.events.push_back(Event::Changes { tab, write }),
                Output::Reread => self.events.push_back(Event::Reads { tab }),
                Output::Push { id, push } => self.events.push_back(Event::Pushes { tab, id, push }),
                Output::Pull { id, after } => {
                    self.events.push_back(Event::Pulls { tab, id, after });
                }
                Output::Keep { kept, documents, position } => {
                    disk.keep(kept, documents, position);
                }
                told => self.told.push((tab, told)),
            }
        }
    }

    /// The thing at this place in the list takes place.
    pub fn happen(&mut self, index: usize) {
        let Some(event) = self.events.remove(index) else { return };
        self.now_ms += 1;
        let relay_now = UnixMillis(i64::try_from(self.now_ms).unwrap());
        match event {
            Event::Changes { tab, write } => self.change(tab, &write),
            Event::Tells { tab, done } => self.input(tab, Input::Written(done)),
            Event::Reads { tab } => {
                let Some(device) = self.device_of(tab) else { return };
                let reread = self.devices[device].disk.reread();
                self.input(tab, reread);
            }
            Event::Pushes { tab, id, push } => {
                assert!(push.mutations.len() <= 50, "a batch is too long");
                let before = self.relay.position();
                let known = self.relay.decisions.len();
                let pushed = self.relay.push(&user(), &push, relay_now);
                for decision in &self.relay.decisions[known..] {
                    self.ever_decided.extend(tag_of(&decision.mutation.draft));
                    self.ever.push(decision.clone());
                }
                self.events.push_back(Event::Pushed { tab, id, pushed });
                if self.relay.position() != before {
                    self.publish(before);
                }
            }
            Event::Pulls { tab, id, after } => {
                let delta = self.relay.documents(after);
                self.events.push_back(Event::Pulled { tab, id, delta });
            }
            Event::Pushed { tab, id, pushed } => {
                self.input(tab, Input::Pushed { id, answer: Ok(pushed) });
            }
            Event::Pulled { tab, id, delta } => {
                self.input(tab, Input::Pulled { id, answer: Ok(delta) });
            }
            Event::News { tab, delta } => self.input(tab, Input::News(delta)),
        }
    }

    /// It is lost on its way. Only what goes over the network can be.
    pub fn lose(&mut self, index: usize) {
        let event = self.events.get(index).cloned();
        let (tab, lost) = match event {
            Some(Event::Pushes { tab, id, .. } | Event::Pushed { tab, id, .. }) => {
                (tab, Input::Pushed { id, answer: Err(Failure::Unanswered) })
            }
            Some(Event::Pulls { tab, id, .. } | Event::Pulled { tab, id, .. }) => {
                (tab, Input::Pulled { id, answer: Err(Failure::Unanswered) })
            }
            Some(Event::News { .. }) => {
                self.events.remove(index);
                return;
            }
            _ => return,
        };
        self.events.remove(index);
        self.input(tab, lost);
    }

    /// It takes place now, and again later. Only what goes over the network can.
    pub fn repeat(&mut self, index: usize) {
        let event = self.events.get(index).cloned();
        if let Some(
            event @ (Event::Pushes { .. }
            | Event::Pulls { .. }
            | Event::Pushed { .. }
            | Event::Pulled { .. }
            | Event::News { .. }),
        ) = event
        {
            self.events.push_back(event);
        }
        self.happen(index);
    }

    pub fn advance(&mut self, wait: Duration) {
        let end_ms = self.now_ms + u64::try_from(wait.as_millis()).unwrap();
        while let Some((tab, due_ms)) = self.next_timer().filter(|(_, due_ms)| *due_ms <= end_ms) {
            self.now_ms = self.now_ms.max(due_ms);
            self.input(tab, Input::Timer);
            if !self.events.is_empty() {
                return;
            }
        }
        self.now_ms = end_ms;
    }

    /// All that is under way takes place, in order, and then for so long that nothing comes of it
    /// any more. Looking for rows that nobody told of goes on for ever.
    pub fn settle(&mut self) {
        let mut looks = 0;
        for _ in 0..100_000 {
            if self.events.is_empty() {
                let quiet_ms = self.now_ms;
                self.advance(QUIET);
                if self.events.is_empty() && self.now_ms >= quiet_ms + 700_000 {
                    return;
                }
            }
            let is_look = self.events.iter().all(|event| matches!(event, Event::Reads { .. }));
            looks = if is_look { looks + 1 } else { 0 };
            if looks > LOOKS_MAX {
                self.run();
                return;
            }
            self.happen(0);
        }
        panic!("it never comes to rest: {:#?}", self.events);
    }

    /// All that is under way takes place, but no time passes.
    pub fn run(&mut self) {
        for _ in 0..100_000 {
            if self.events.is_empty() {
                return;
            }
            self.happen(0);
        }
        panic!("it never comes to rest: {:#?}", self.events);
    }

    /// All that is under way takes place, in order, until such a thing is.
    pub fn run_until(&mut self, is_so: impl Fn(&Event) -> bool) {
        for _ in 0..10_000 {
            if self.is_under_way(&is_so) {
                return;
            }
            if self.events.is_empty() {
                self.advance(QUIET);
            }
            self.happen(0);
        }
        panic!("it never comes to that: {:#?}", self.events);
    }

    pub fn is_under_way(&self, is_so: impl Fn(&Event) -> bool) -> bool {
        self.events.iter().any(is_so)
    }

    /// Where in the list such a thing is.
    pub fn place_of(&self, is_so: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().position(is_so).expect("it is under way")
    }

    /// The relay refuses a whole question.
    pub fn refuse(&mut self, index: usize, error: WireError) {
        let Some(Event::Pushes { tab, id, .. }) = self.events.remove(index) else {
            panic!("only a push can be refused");
        };
        self.input(tab, Input::Pushed { id, answer: Err(Failure::Refused(error)) });
    }

    /// How often the relay decided about a value, as its user wrote it.
    pub fn decided(&self, tag: &str) -> usize {
        let own = self.relay.decisions.iter().filter(|it| it.mutation.draft.policy.is_none());
        own.filter(|it| tag_of(&it.mutation.draft).as_deref() == Some(tag)).count()
    }

    /// The user writes a value that was never there into a document, as it looks in a tab.
    pub fn write(&mut self, tab: TabId, entity: &Entity) -> Tag {
        self.tags += 1;
        let tag = format!("w{}", self.tags);
        self.write_text(tab, entity, &tag).expect("there is room");
        tag
    }

    pub fn write_text(
        &mut self,
        tab: TabId,
        entity: &Entity,
        text: &str,
    ) -> Result<MutationId, WriteRefused> {
        let view = self.outbox(tab).view(entity);
        let mut body = view.as_ref().map(|view| view.body.clone()).unwrap_or_default();
        body.0.insert("value".parse().unwrap(), Value::from(text));
        let draft = draft_of(view.as_ref(), entity, MutationKind::Edit, &body);
        let mid = self.save(tab, draft)?;
        let device = self.device_of(tab).unwrap();
        self.written.push((text.to_owned(), device, entity.clone()));
        Ok(mid)
    }

    pub fn delete(&mut self, tab: TabId, entity: &Entity) {
        let view = self.outbox(tab).view(entity);
        if view.as_ref().is_none_or(|view| view.deleted) {
            return;
        }
        let draft = draft_of(view.as_ref(), entity, MutationKind::Delete, &Body::default());
        self.save(tab, draft).expect("there is room");
    }

    /// Saves a draft, in one transaction, of which the tabs hear when they hear.
    pub fn save(&mut self, tab: TabId, draft: Draft) -> Result<MutationId, WriteRefused> {
        let device = self.device_of(tab).unwrap();
        // Two copies of one device would give the same stamp at the same moment.
        self.now_ms += 1;
        let (now, seen) = (self.now(device).unix, self.outbox(tab).seen());
        let mid = self.devices[device].disk.meta.next;
        self.perform(device, &Write::Enqueue { drafts: vec![draft], now, seen })?;
        Ok(mid)
    }

    /// A change of the rows, by whomever.
    pub fn perform(&mut self, device: usize, write: &Write) -> Result<(), WriteRefused> {
        let done = self.devices[device].disk.perform(write)?;
        let tabs: Vec<TabId> = self.devices[device].tabs.keys().copied().collect();
        for tab in tabs {
            self.events.push_back(Event::Tells { tab, done: done.clone() });
        }
        Ok(())
    }

    /// The user takes a write back that is shown in a tab.
    pub fn cancel(&mut self, tab: TabId, mid: MutationId) -> Result<(), WriteRefused> {
        let item = self.outbox(tab).items().find(|item| item.mid() == mid).cloned();
        let Some(item) = item else { return Err(WriteRefused::Gone) };
        let device = self.device_of(tab).unwrap();
        self.perform(device, &Write::Cancel { mid, hash: item.mutation.hash })?;
        self.withdrawn.extend(tag_of(&item.mutation.draft));
        Ok(())
    }

    pub fn outbox(&self, tab: TabId) -> &Outbox {
        let device = self.device_of(tab).expect("the tab is open");
        &self.devices[device].tabs[&tab]
    }

    pub fn value(&self, tab: TabId, entity: &Entity) -> Option<String> {
        Some(self.outbox(tab).view(entity)?.body.text("value")?.to_owned())
    }

    pub fn device_of(&self, tab: TabId) -> Option<usize> {
        self.devices.iter().position(|device| device.tabs.contains_key(&tab))
    }

    pub fn tabs(&self) -> Vec<TabId> {
        self.devices.iter().flat_map(|device| device.tabs.keys().copied()).collect()
    }

    /// What a tab told its user, and forgets that it did.
    pub fn take_told(&mut self, of: TabId) -> Vec<Output> {
        let told = std::mem::take(&mut self.told);
        let (mine, others) = told.into_iter().partition(|(tab, _)| *tab == of);
        self.told = others;
        let mine: Vec<(TabId, Output)> = mine;
        mine.into_iter().map(|(_, output)| output).collect()
    }

    fn change(&mut self, tab: TabId, write: &Write) {
        let Some(device) = self.device_of(tab) else {
            // A transaction that a tab had begun when it was closed is completed all the same, and
            // nobody is told.
            if let Some(device) = self.owners.get(&tab) {
                let _unheard = self.devices[*device].disk.perform(write);
            }
            return;
        };
        if self.skips_marks && matches!(write, Write::MarkSending { .. }) {
            let mut pretended = self.devices[device].disk.clone();
            let mut done = pretended.perform(write).unwrap();
            let revision = self.devices[device].disk.meta.revision + 1;
            self.devices[device].disk.meta.revision = revision;
            done.meta.iter_mut().for_each(|meta| meta.revision = revision);
            return self.input(tab, Input::Written(done));
        }
        let before = self.devices[device].disk.meta.revision;
        self.perform(device, write).expect("a machine's own change is never refused");
        if self.devices[device].disk.meta.revision == before {
            // Nothing was done: only who wanted it hears so.
            self.events.retain(|event| match event {
                Event::Tells { tab: to, done } => done.meta.is_some() || *to == tab,
                _ => true,
            });
        }
    }

    fn publish(&mut self, before: Position) {
        let delta =
            Delta { head: self.relay.position().sequence, ..self.relay.documents(Some(before)) };
        let linked = self.devices.iter().filter(|device| device.is_linked);
        let tabs: Vec<TabId> = linked.flat_map(|device| device.tabs.keys().copied()).collect();
        for tab in tabs {
            self.events.push_back(Event::News { tab, delta: delta.clone() });
        }
    }

    fn now(&self, device: usize) -> Now {
        let unix_ms = i64::try_from(self.now_ms).unwrap() + self.devices[device].skew_ms;
        let moment = Moment::START + Duration::from_millis(self.now_ms);
        Now { moment, unix: UnixMillis(unix_ms) }
    }

    fn next_timer(&self) -> Option<(TabId, u64)> {
        let tabs = self.devices.iter().flat_map(|device| &device.tabs);
        let deadlines = tabs.filter_map(|(tab, outbox)| {
            let due = outbox.next_deadline()?.since(Moment::START);
            // A timer never fires early.
            Some((*tab, u64::try_from(due.as_micros().div_ceil(1_000)).unwrap()))
        });
        deadlines.min_by_key(|(tab, due_ms)| (*due_ms, *tab))
    }
}

pub fn user() -> UserName {
    "ada".parse().unwrap()
}

pub fn note(id: &str) -> Entity {
    format!("notes/{id}").parse().unwrap()
}

/// Of a collection in which the later write wins.
pub fn setting(id: &str) -> Entity {
    format!("settings/{id}").parse().unwrap()
}

/// The value that a draft writes.
pub fn tag_of(draft: &Draft) -> Option<Tag> {
    Some(draft.changes.get("value")?.to.as_ref()?.as_str()?.to_owned())
}

fn draft_of(view: Option<&View>, entity: &Entity, kind: MutationKind, to: &Body) -> Draft {
    let from = view.map(|view| view.body.clone()).unwrap_or_default();
    let is_there = view.is_some_and(|view| !view.deleted);
    Draft {
        kind,
        entity: entity.clone(),
        base_version: view.filter(|_| is_there).map(View::base_version).unwrap_or_default(),
        changes: changes_between(&from, to),
        policy: None,
        valid_until: None,
        conflict: None,
    }
}
