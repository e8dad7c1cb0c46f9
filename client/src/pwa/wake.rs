//! Background Sync: where the browser has it, it wakes the worker when there is a network again,
//! and the worker wakes its pages. Nothing depends on it: browsers without it, and browsers that
//! forget, cost the user a moment, never a write.

use leptos::prelude::Set;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageEvent, ServiceWorkerRegistration};

use super::worker::container;
use super::{Pwa, Update};
use crate::browser::listener::{Listener, Part};
use crate::browser::window;

/// The one thing to be woken up for; see `static/sw.js`.
const TAG: &str = "tidemark";

/// What the worker says.
const WAKE: &str = "wake";
const CONFIGURATION_CHANGED: &str = "configuration changed";

/// Calls `woken` when the worker says so, and asks for it whenever the network goes.
pub(super) fn listen(pwa: Pwa, woken: impl Fn() + 'static) {
    let Some(container) = container() else { return };
    let messages = Listener::new(&container, "message", Part::Watches, move |event| {
        let message = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
        match message.as_deref() {
            Some(WAKE) => woken(),
            Some(CONFIGURATION_CHANGED) => pwa.update.set(Update::TakenElsewhere),
            _ => {}
        }
    });
    let offline = Listener::new(&window(), "offline", Part::Watches, move |_| {
        pwa.ask_to_be_woken();
    });
    // Live as long as the page.
    std::mem::forget((messages, offline));
}

/// Asks for one wake-up. Not every browser has it, and some refuse it: then that is that.
pub(super) fn ask(registration: &ServiceWorkerRegistration) {
    let get =
        |object: &JsValue, name: &str| js_sys::Reflect::get(object, &JsValue::from_str(name)).ok();
    let Some(sync) = get(registration, "sync").filter(JsValue::is_object) else { return };
    let register = get(&sync, "register").and_then(|it| it.dyn_into::<js_sys::Function>().ok());
    let asked = register.and_then(|register| register.call1(&sync, &TAG.into()).ok());
    if let Some(asking) = asked.and_then(|it| it.dyn_into::<js_sys::Promise>().ok()) {
        spawn_local(async move { _ = JsFuture::from(asking).await });
    }
}
