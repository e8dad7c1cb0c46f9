//! What the platform gives, wrapped so that dropping a value lets go of what it holds.
//!
//! What must never be here: anything that knows what a price or a connection is.

pub(crate) mod clock;
pub(crate) mod download;
pub(crate) mod fetch;
pub(crate) mod frame;
pub(crate) mod listener;
pub(crate) mod persistence;
pub(crate) mod preferences;
pub(crate) mod random;
pub(crate) mod size;
pub(crate) mod timer;

use wasm_bindgen::JsValue;
use web_sys::{Document, Window};

/// The page's window.
pub(crate) fn window() -> Window {
    web_sys::window().expect("the page runs in a window, never in a worker")
}

/// The page's document.
pub(crate) fn document() -> Document {
    window().document().expect("a window that shows a page has a document")
}

/// Whether nobody can see the page now.
pub(crate) fn is_hidden() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Hidden
}

/// What a refusal of the platform says, for people.
pub(crate) fn words_of(error: &JsValue) -> String {
    if let Some(text) = error.as_string() {
        return text;
    }
    let message = js_sys::Reflect::get(error, &JsValue::from_str("message"));
    message.ok().and_then(|text| text.as_string()).unwrap_or_else(|| format!("{error:?}"))
}
