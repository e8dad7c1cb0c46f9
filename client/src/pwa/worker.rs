//! The service worker's life, from the page's side.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    RegistrationOptions, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration,
    ServiceWorkerState, ServiceWorkerUpdateViaCache,
};

use super::Pwa;
use crate::browser::listener::{Listener, Part};
use crate::browser::window;

/// Beside the page, so that it serves this page and no other. `boot.js` lets no other one through.
const SCRIPT: &str = "sw.js";

/// What the worker understands; see `static/sw.js`.
const TAKE_OVER: &str = "take over";
const REFRESH_CONFIGURATION: &str = "refresh configuration";

/// Whether the page opens without a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Offline {
    /// It was not looked at yet: the first price goes first.
    #[default]
    Unknown,
    /// The browser fetches the page's files.
    Preparing,
    /// It does.
    Ready,
    /// It does not: the browser refuses, the operator has turned it off, or files did not come.
    Unavailable,
}

/// Whether there is a newer version of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Update {
    /// None is known.
    #[default]
    None,
    /// It lies ready, and waits for the user's word.
    Ready,
    /// Another tab has taken it, or the page's configuration has changed: this page is the old one.
    TakenElsewhere,
    /// The user wants to see nothing of it now. It is taken when all tabs are closed.
    Later,
}

/// The registration of the page's service worker.
pub(crate) struct Worker {
    registration: ServiceWorkerRegistration,
    pwa: Pwa,
    is_asked_to_take_over: Cell<bool>,
}

impl Worker {
    /// Registers it; nothing where the browser refuses (insecure address, private mode, settings).
    pub(super) async fn register(pwa: Pwa) -> Option<Rc<Self>> {
        let container = container()?;
        let options = RegistrationOptions::new();
        options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
        let registering = container.register_with_options(SCRIPT, &options);
        let registration = JsFuture::from(registering).await.ok()?;
        let registration: ServiceWorkerRegistration = registration.unchecked_into();
        let worker = Worker { registration, pwa, is_asked_to_take_over: Cell::new(false) };
        let worker = Rc::new(worker);
        if worker.registration.active().is_some() {
            pwa.offline.set(Offline::Ready);
        }
        for newer in [worker.registration.waiting(), worker.registration.installing()] {
            newer.into_iter().for_each(|newer| worker.follow(newer));
        }
        let found = Rc::clone(&worker);
        let listener =
            Listener::new(&worker.registration, "updatefound", Part::Watches, move |_| {
                found.registration.installing().into_iter().for_each(|newer| found.follow(newer));
            });
        // Lives as long as the page.
        std::mem::forget(listener);
        if let Some(controller) = container.controller() {
            tell(&controller, REFRESH_CONFIGURATION);
        }
        Some(worker)
    }

    /// Where it is registered.
    pub(super) fn registration(&self) -> &ServiceWorkerRegistration {
        &self.registration
    }

    /// Lets the version that waits take over; the page is loaded again when it has.
    pub(super) fn take_over(&self) {
        match self.registration.waiting() {
            Some(waiting) => {
                self.is_asked_to_take_over.set(true);
                tell(&waiting, TAKE_OVER);
            }
            // Another tab was faster, or there is only a changed configuration to read.
            None => reload(),
        }
    }

    /// Asks the server for a newer version.
    pub(super) fn look_for_update(&self) {
        let Ok(looking) = self.registration.update() else { return };
        spawn_local(async move {
            // No network: the next look will do.
            let _ = JsFuture::from(looking).await;
        });
    }

    /// Follows a version from its download to its end.
    fn follow(self: &Rc<Self>, newer: ServiceWorker) {
        let follower = Rc::clone(self);
        let has_predecessor = self.registration.active().is_some();
        let followed = newer.clone();
        let look = move || follower.judge(followed.state(), has_predecessor);
        look();
        let listener = Listener::new(&newer, "statechange", Part::Watches, move |_| look());
        // There are as many as new versions within one visit.
        std::mem::forget(listener);
    }

    fn judge(&self, state: ServiceWorkerState, has_predecessor: bool) {
        let Pwa { offline, update, .. } = self.pwa;
        match state {
            // The first of all takes over by itself.
            ServiceWorkerState::Installed if has_predecessor => update.set(Update::Ready),
            ServiceWorkerState::Activated if self.is_asked_to_take_over.replace(false) => reload(),
            ServiceWorkerState::Activated if has_predecessor => update.set(Update::TakenElsewhere),
            ServiceWorkerState::Activated => offline.set(Offline::Ready),
            // A version that did not get all its files leaves the one before it in place.
            // Without one before it, nothing is in place: not any more, where the operator says so.
            ServiceWorkerState::Redundant if self.registration.active().is_none() => {
                offline.set(Offline::Unavailable);
                update.set(Update::None);
            }
            _ => {}
        }
    }
}

/// Loads the page again. What the user wrote is in the page's database, not in the page.
pub(super) fn reload() {
    // Refused only where reloading is forbidden: then the user has no other page to get.
    let _ = window().location().reload();
}

/// The browser's service workers, where it has them and allows them here.
pub(super) fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window().navigator();
    let is_there = js_sys::Reflect::has(&navigator, &JsValue::from_str("serviceWorker"));
    is_there.is_ok_and(|is_there| is_there).then(|| navigator.service_worker())
}

fn tell(worker: &ServiceWorker, word: &str) {
    // Refused only for what cannot be copied, and a text can.
    let _ = worker.post_message(&JsValue::from_str(word));
}
