//! The few settings that must be known before the first paint, in `localStorage`: it is the only
//! store that can be read without waiting. A browser that refuses it just forgets them.

use super::window;

/// Reads a setting.
pub(crate) fn read(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a setting, where the browser allows it.
pub(crate) fn keep(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A refusal (private mode, full) costs the user one click at the next visit.
        let _ = storage.set_item(key, value);
    }
}

/// Forgets a setting.
pub(crate) fn forget(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(key);
    }
}
