//! The page as something that is installed: kept by the browser, so that it opens without a
//! network; renewed when the user says so; put among the apps where the platform can.
//!
//! | file | |
//! | --- | --- |
//! | [`worker`] | the service worker's life, from the page's side |
//! | [`wake`] | Background Sync: being woken up when there is a network again |
//! | [`install`] | the browser's offer to install the page |
//! | [`offer`] | the words for it on the screen |
//!
//! What must never be here: anything that must not be lost. The worker keeps the page's files and
//! nothing of a user; the queue of writes lives in the page's own database.

mod install;
mod offer;
mod wake;
mod worker;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use install::Install;
use leptos::prelude::*;
pub(crate) use offer::{InstallButton, UpdateOffer, offline_words};
use worker::Worker;
pub(crate) use worker::{Offline, Update};

use crate::board::Reach;
use crate::browser::timer::{Interval, Timeout};

/// From the first live price to the worker's registration: the first picture is not slowed down by
/// what nobody sees.
const AFTER_FIRST_PRICE: Duration = Duration::from_secs(1);

/// Without a price: no network, no relay, or a slow one. The page's files are there all the same.
const WITHOUT_PRICE: Duration = Duration::from_secs(10);

/// Browsers look for a new version when the page is opened; this one stays open for days.
const LOOK_FOR_UPDATES: Duration = Duration::from_secs(60 * 60);

/// A relay that comes back often brings a new page. Its readers look for it spread over this time.
const AFTER_COMEBACK_MAX: Duration = Duration::from_secs(30);

/// What is known of the page as an installed app. A handle: cheap to copy into every closure.
#[derive(Clone, Copy)]
pub(crate) struct Pwa {
    /// Whether the page opens without a network.
    pub(crate) offline: RwSignal<Offline>,
    /// Whether there is a newer version of the page.
    pub(crate) update: RwSignal<Update>,
    /// Whether the browser offers to install the page.
    pub(crate) install: RwSignal<Install>,
    parts: StoredValue<Rc<Parts>, LocalStorage>,
}

#[derive(Default)]
struct Parts {
    worker: RefCell<Option<Rc<Worker>>>,
    prompt: RefCell<Option<js_sys::Object>>,
    /// Held until it has called.
    timer: RefCell<Option<Timeout>>,
}

impl Pwa {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        Pwa {
            offline: RwSignal::default(),
            update: RwSignal::default(),
            install: RwSignal::default(),
            parts: StoredValue::new_local(Rc::default()),
        }
    }

    /// Starts it: everything else happens when the page has done its first work. `woken` is called
    /// when the browser says that there is a network again. To be called once, within the page's
    /// reactive owner.
    pub(crate) fn start(self, reach: Memo<Reach>, woken: impl Fn() + 'static) {
        let pwa = self;
        install::listen(pwa);
        wake::listen(pwa, woken);
        pwa.after(WITHOUT_PRICE, Pwa::register);
        Effect::new(move |was_reached: Option<bool>| {
            let is_reached = reach.get() == Reach::Reached;
            if is_reached && was_reached != Some(true) {
                pwa.after_reached();
            }
            is_reached
        });
        let looking = Interval::every(LOOK_FOR_UPDATES, move || pwa.look_for_update());
        // Lives as long as the page.
        std::mem::forget(looking);
    }

    /// Asks the browser to wake this page's worker when there is a network again, where it can.
    pub(crate) fn ask_to_be_woken(self) {
        if let Some(worker) = self.worker() {
            wake::ask(worker.registration());
        }
    }

    /// Takes the newer version: the page is loaded again.
    pub(crate) fn take_update(self) {
        match self.worker() {
            Some(worker) => worker.take_over(),
            None => worker::reload(),
        }
    }

    fn register(self) {
        let is_under_way = self.offline.get_untracked() == Offline::Preparing;
        // One that failed for want of a network is tried again when the relay is reached.
        if is_under_way || self.worker().is_some() {
            return;
        }
        self.offline.set(Offline::Preparing);
        wasm_bindgen_futures::spawn_local(async move {
            match Worker::register(self).await {
                Some(worker) => *self.parts().worker.borrow_mut() = Some(worker),
                None => self.offline.set(Offline::Unavailable),
            }
        });
    }

    /// The first time is the first live price, every other time a comeback.
    fn after_reached(self) {
        if self.worker().is_none() {
            return self.after(AFTER_FIRST_PRICE, Pwa::register);
        }
        let wait = AFTER_COMEBACK_MAX.mul_f64(js_sys::Math::random());
        self.after(wait, Pwa::look_for_update);
    }

    fn look_for_update(self) {
        if let Some(worker) = self.worker() {
            worker.look_for_update();
        }
    }

    fn after(self, wait: Duration, act: fn(Pwa)) {
        *self.parts().timer.borrow_mut() = Some(Timeout::after(wait, move || act(self)));
    }

    fn worker(self) -> Option<Rc<Worker>> {
        self.parts().worker.borrow().clone()
    }

    fn parts(self) -> Rc<Parts> {
        self.parts.with_value(Rc::clone)
    }
}
