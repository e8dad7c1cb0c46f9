//! What the platform says about the page: network, visibility, freeze and wake-up.

use std::rc::Rc;

use tidemark_shared::session::Input;
use web_sys::EventTarget;

use crate::browser::listener::{Listener, Part};
use crate::browser::{document, is_hidden, window};

/// How a page that may never run again is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// Hidden or frozen.
    ForNow,
    /// Closed, or another page in its place.
    ForGood,
}

/// The listeners. Dropping them ends the news.
pub(crate) struct PageEvents {
    _listeners: Vec<Listener>,
}

impl PageEvents {
    /// Passes the page's events on through `tell`. `before_leaving` is called whenever the page may
    /// never run again: hidden, frozen or left.
    pub(crate) fn pass_on(
        tell: impl Fn(Input) + 'static,
        before_leaving: impl Fn(Leaving) + 'static,
    ) -> Self {
        let window: EventTarget = window().into();
        let document: EventTarget = document().into();
        let before_leaving = Rc::new(before_leaving);
        let hear = Rc::new(tell);
        let tell = |target: &EventTarget, kind: &'static str, input: Input| {
            let hear = hear.clone();
            Listener::new(target, kind, Part::Watches, move |_| hear(input.clone()))
        };
        let mut listeners = vec![
            tell(&window, "online", Input::Online),
            tell(&window, "offline", Input::Offline),
            tell(&document, "resume", Input::Resumed),
        ];
        let leaving = before_leaving.clone();
        let frozen = hear.clone();
        listeners.push(Listener::new(&document, "freeze", Part::Watches, move |_| {
            leaving(Leaving::ForNow);
            frozen(Input::Frozen);
        }));
        let leaving = before_leaving.clone();
        let seen = hear.clone();
        listeners.push(Listener::new(&document, "visibilitychange", Part::Watches, move |_| {
            if is_hidden() {
                leaving(Leaving::ForNow);
                seen(Input::Hidden);
            } else {
                seen(Input::Shown);
            }
        }));
        listeners.push(Listener::new(&window, "pagehide", Part::Watches, move |_| {
            before_leaving(Leaving::ForGood);
        }));
        let back = hear;
        listeners.push(Listener::new(&window, "pageshow", Part::Watches, move |event| {
            // Back from the browser's cache of whole pages: time has passed, sockets are gone.
            let persisted = js_sys::Reflect::get(&event, &"persisted".into());
            if persisted.is_ok_and(|value| value.is_truthy()) {
                back(Input::Resumed);
            }
        }));
        PageEvents { _listeners: listeners }
    }
}
