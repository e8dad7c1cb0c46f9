//! Asks the browser not to throw away what this page stores.

use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::window;

/// Asks once; the browser may ask the user, or decide by itself. Either answer is good: what is
/// thrown away is noticed and told.
pub(crate) fn ask_for_it() {
    if let Ok(asked) = window().navigator().storage().persist() {
        spawn_local(async move {
            let _ = JsFuture::from(asked).await;
        });
    }
}
