//! Tells when an element's size changes.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};

/// Watches one element's size. Dropping it ends that.
pub(crate) struct SizeWatch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut(js_sys::Array)>,
}

impl SizeWatch {
    /// Calls `action` with width and height, in CSS pixels, at once and after every change.
    pub(crate) fn new(element: &Element, mut action: impl FnMut(f64, f64) + 'static) -> Self {
        let callback = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            // The newest entry is the one that holds.
            if let Ok(entry) = entries.pop().dyn_into::<ResizeObserverEntry>() {
                let area = entry.content_rect();
                action(area.width(), area.height());
            }
        });
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref())
            .expect("a function is a valid observer callback");
        observer.observe(element);
        SizeWatch { observer, _callback: callback }
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
