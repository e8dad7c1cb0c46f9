//! The browser's offer to install the page. Shown by the page where it does not stand in the way,
//! instead of by the browser at a moment of its own.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::Set;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::Pwa;
use crate::browser::listener::{Listener, Part};
use crate::browser::window;

/// Where `start.js` puts an offer that comes before the page is there.
const EARLY_OFFER: &str = "tidemarkInstall";

/// Only Safari on iPhones and iPads has this: false in the browser, true on the home screen.
const IOS_STANDALONE: &str = "standalone";

/// Whether the page can be put among the apps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Install {
    /// The browser does not offer it, or it is done already.
    #[default]
    NotOffered,
    /// By a click.
    Offered,
    /// By hand, in a menu of the browser that no page can open.
    ByHand,
}

/// Follows the browser's offers.
pub(super) fn listen(pwa: Pwa) {
    let window = window();
    let early = Reflect::get(&window, &EARLY_OFFER.into());
    let is_ios = Reflect::get(&window.navigator(), &IOS_STANDALONE.into());
    match early.ok().and_then(|offer| offer.dyn_into::<Object>().ok()) {
        Some(offer) => keep(pwa, offer),
        None if is_ios == Ok(JsValue::FALSE) => pwa.install.set(Install::ByHand),
        None => {}
    }
    let offers = Listener::new(&window, "beforeinstallprompt", Part::Decides, move |event| {
        event.prevent_default();
        keep(pwa, event.unchecked_into());
    });
    let installed = Listener::new(&window, "appinstalled", Part::Watches, move |_| {
        drop(pwa.parts().prompt.take());
        pwa.install.set(Install::NotOffered);
    });
    // Live as long as the page.
    std::mem::forget((offers, installed));
}

/// Lets the browser ask the user. An offer can be used once; the browser makes another when it
/// likes.
pub(super) fn ask(pwa: Pwa) {
    pwa.install.set(Install::NotOffered);
    let Some(offer) = pwa.parts().prompt.take() else { return };
    let prompt = Reflect::get(&offer, &"prompt".into());
    let prompt = prompt.ok().and_then(|it| it.dyn_into::<Function>().ok());
    let asking = prompt.and_then(|prompt| prompt.call0(&offer).ok());
    if let Some(asking) = asking.and_then(|it| it.dyn_into::<Promise>().ok()) {
        // What the user answers is between them and the browser.
        spawn_local(async move { _ = JsFuture::from(asking).await });
    }
}

fn keep(pwa: Pwa, offer: Object) {
    *pwa.parts().prompt.borrow_mut() = Some(offer);
    pwa.install.set(Install::Offered);
}
