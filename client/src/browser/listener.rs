//! A listener on something of the page, removed when dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// How a listener takes part in an event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Only watches: the browser need not wait for it before it scrolls.
    Watches,
    /// May prevent what the browser would do.
    Decides,
}

/// A listener. Dropping it removes it.
pub(crate) struct Listener {
    target: EventTarget,
    kind: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `action` at every event `kind` of `target`.
    pub(crate) fn new(
        target: &EventTarget,
        kind: &'static str,
        part: Part,
        action: impl FnMut(Event) + 'static,
    ) -> Self {
        let callback = Closure::<dyn FnMut(Event)>::new(action);
        let options = AddEventListenerOptions::new();
        options.set_passive(part == Part::Watches);
        target
            .add_event_listener_with_callback_and_add_event_listener_options(
                kind,
                callback.as_ref().unchecked_ref(),
                &options,
            )
            .expect("a function is a valid listener");
        Listener { target: target.clone(), kind, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Refused only for a callback that is no function.
        let _ = self
            .target
            .remove_event_listener_with_callback(self.kind, self.callback.as_ref().unchecked_ref());
    }
}
