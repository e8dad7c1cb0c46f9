//! What befalls devices, tabs and the relay.

use std::collections::BTreeSet;

use tidemark_shared::documents::{Document, GroupId};
use tidemark_shared::outbox::Input;

use super::{Event, Job, World};
use crate::week::device::{Device, Network};
use crate::week::mark::{Mark, marks_in_body};
use crate::week::tab::{Tab, TabKey};

impl World {
    /// A page is opened on a device.
    pub fn open(&mut self, device: usize) {
        let key = TabKey(self.key());
        let seed = self.dice.below(u64::MAX);
        let tab = Tab::new(key, seed, self.time);
        self.note(format_args!("{key:?} is opened on device {device}"));
        self.devices[device].tabs.push(tab);
        let loaded = self.devices[device].database.loaded();
        self.tell(key, loaded);
        self.relink(device);
        if self.devices[device].holder.is_none() {
            self.lock_goes_on(device);
        }
    }

    /// A page is closed, or crashes: its memory is gone, what it has asked of the database may
    /// still be done.
    pub fn close(&mut self, device: usize, which: usize) {
        let has = &mut self.devices[device];
        let tab = has.tabs.remove(which);
        if has.holder == Some(tab.key) {
            has.holder = None;
            let after = self.dice.between_ms(0, 1_000);
            self.schedule(after, Event::Lock { device });
        }
        self.note(format_args!("{:?} is closed", tab.key));
        if let Some(link) = tab.link {
            self.links.remove(&link);
        }
        self.relink(device);
        // What it has written last, it may not have told.
        let others: Vec<TabKey> = self.devices[device].tabs.iter().map(|tab| tab.key).collect();
        for other in others {
            let after = self.dice.between_ms(50, 1_000);
            self.schedule(after, Event::Database { device, tab: other, job: Job::Reread });
        }
    }

    /// A page is closed and opened again.
    pub fn reload(&mut self, device: usize, which: usize) {
        self.close(device, which);
        self.open(device);
    }

    /// A page stops running, and with it its timers.
    pub fn freeze(&mut self, device: usize, which: usize) {
        let tab = &mut self.devices[device].tabs[which];
        let key = tab.key;
        if tab.held.is_none() {
            tab.held = Some(Vec::new());
            self.note(format_args!("{key:?} is frozen"));
            self.relink(device);
        }
    }

    /// A page runs again, and hears what it has missed.
    pub fn thaw(&mut self, device: usize, which: usize) {
        let tab = &mut self.devices[device].tabs[which];
        let key = tab.key;
        let Some(held) = tab.held.take() else { return };
        self.note(format_args!("{key:?} runs again"));
        held.into_iter().for_each(|input| self.tell(key, input));
        self.relink(device);
        self.knock(key);
    }

    /// The lock of a device is taken from a holder that gives no sign of life; it learns of that
    /// late.
    pub fn steal_lock(&mut self, device: usize) {
        let has = &self.devices[device];
        let (Some(robbed), Some(thief)) =
            (has.holder, has.tabs.iter().find(|tab| tab.is_awake() && Some(tab.key) != has.holder))
        else {
            return;
        };
        let thief = thief.key;
        let after = self.dice.between_ms(0, 300_000);
        self.schedule(after, Event::Tell { tab: robbed, input: Input::Released });
        self.hold(device, thief);
    }

    /// The lock of a device goes to a page that waits for it.
    pub(super) fn lock_goes_on(&mut self, device: usize) {
        let has = &self.devices[device];
        if has.holder.is_none()
            && let Some(tab) = has.tabs.iter().find(|tab| tab.is_awake())
        {
            self.hold(device, tab.key);
        }
    }

    fn hold(&mut self, device: usize, key: TabKey) {
        self.devices[device].holder = Some(key);
        self.note(format_args!("{key:?} holds the lock of device {device}"));
        if let Some(tab) = self.tab_mut(key) {
            tab.is_holding = true;
        }
        self.tell(key, Input::Holding);
        self.knock(key);
    }

    /// A page learns that it has lost the lock. Tells whether that is still so.
    pub(super) fn lets_go(&mut self, key: TabKey) -> bool {
        let Some((device, which)) = self.place_of(key) else { return false };
        let has = &mut self.devices[device];
        if has.holder == Some(key) {
            return false;
        }
        let tab = &mut has.tabs[which];
        tab.is_holding = false;
        if let Some(link) = tab.link.take() {
            self.links.remove(&link);
        }
        self.relink(device);
        true
    }

    /// All pages of a device crash, and its browser may have lost the cache.
    pub fn crash(&mut self, device: usize) {
        while !self.devices[device].tabs.is_empty() {
            self.close(device, 0);
        }
        if self.dice.once_in(3) {
            self.lose_cache(device);
        }
        self.open(device);
    }

    /// The browser empties a device's cache, while no page runs.
    fn lose_cache(&mut self, device: usize) {
        let lost = marks_of(self.devices[device].database.documents.values());
        self.devices[device].database.lose_cache();
        let mut elsewhere = self.relay_now().marks();
        elsewhere.extend(marks_of(self.confirmed_anywhere().iter()));
        self.judge.cache_lost(&lost, &elsewhere);
        self.note(format_args!("device {device} has lost its cache"));
    }

    /// A device's network is there, or not.
    pub fn set_network(&mut self, device: usize, network: Network) {
        let has_come = !self.devices[device].network.is_up && network.is_up;
        self.devices[device].network = network;
        self.note(format_args!("device {device} has {network:?}"));
        if !network.is_up {
            for link in self.links_of(Some(device)) {
                self.cut(link, 40_000);
            }
        } else if has_come {
            self.knock_all();
        }
    }

    /// The relay's process is killed. Whoever was connected finds out late.
    pub fn kill_relay(&mut self) {
        if self.relay.is_up {
            let now = self.relay_unix();
            self.relay.kill(now);
            self.note(format_args!("the relay is killed"));
            for link in self.links_of(None) {
                self.cut(link, 60_000);
            }
        }
    }

    /// The relay's process starts again.
    pub fn start_relay(&mut self) {
        if !self.relay.is_up {
            self.relay.start();
            self.note(format_args!("the relay is up"));
            self.knock_all();
        }
    }

    /// The relay's store is copied, while it runs.
    pub fn back_up(&mut self) {
        self.relay.back_up();
        self.judge.backed_up();
        self.note(format_args!("the store is copied"));
    }

    /// The relay goes on from an older copy.
    pub fn restore(&mut self) {
        self.kill_relay();
        let had = self.relay_now().marks();
        let which = self.dice.below(64);
        if !self.relay.restore(which) {
            return;
        }
        let has = self.relay_now().marks();
        let confirmed = self.confirmed_anywhere();
        let epoch = self.relay.epoch();
        self.judge.restored(which, epoch, &had, &has, confirmed.iter());
        self.note(format_args!("the store is replaced by copy {which}, as {epoch:?}"));
    }

    /// A browser profile is copied to another device, rows, cache and all.
    pub fn clone_device(&mut self, device: usize) {
        let database = self.devices[device].database.clone();
        let skew_ms = self.devices[device].skew_ms + 1_000;
        self.devices.push(Device::new(database, Network::FINE, skew_ms));
        let copy = self.devices.len() - 1;
        self.judge.cloned(device, copy);
        self.note(format_args!("device {copy} is a copy of device {device}"));
        self.open(copy);
    }

    /// From now on no accident happens, and everything works.
    pub fn heal(&mut self) {
        self.is_fair = true;
        self.start_relay();
        for device in 0..self.devices.len() {
            self.set_network(device, Network::FINE);
            for tab in 0..self.devices[device].tabs.len() {
                self.thaw(device, tab);
            }
            if self.devices[device].tabs.is_empty() {
                self.open(device);
            }
            self.lock_goes_on(device);
        }
        // Half-open connections do not last.
        for link in self.links_of(None) {
            if self.dice.once_in(2) {
                self.cut(link, 10_000);
            }
        }
        self.knock_all();
    }

    fn confirmed_anywhere(&self) -> Vec<Document> {
        let relay = self.relay_now();
        let tabs = self.devices.iter().flat_map(|device| &device.tabs);
        tabs.flat_map(|tab| self.confirmed(tab, &relay).into_values()).collect()
    }

    pub(super) fn fresh_group(&mut self) -> GroupId {
        let halves = [self.dice.below(u64::MAX), self.dice.below(u64::MAX)].map(u128::from);
        GroupId::from_bits(halves[0] << 64 | halves[1])
    }
}

fn marks_of<'a>(documents: impl Iterator<Item = &'a Document>) -> BTreeSet<Mark> {
    documents.flat_map(|document| marks_in_body(&document.body)).collect()
}
