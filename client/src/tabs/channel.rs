//! The platform's broadcast channel.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use super::word::Word;
use crate::browser::listener::{Listener, Part};

/// A channel to all other tabs of one relay and user. Cheap to clone.
#[derive(Clone)]
pub(super) struct Channel {
    channel: BroadcastChannel,
    listener: Rc<RefCell<Option<Listener>>>,
}

impl Channel {
    /// Opens the channel; nothing where the platform has none.
    pub(super) fn open(name: &str) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        Some(Channel { channel, listener: Rc::default() })
    }

    /// Says something to all other tabs.
    pub(super) fn say(&self, word: &Word) {
        let Ok(text) = serde_json::to_string(word) else { return };
        // Refused only by a channel that is closed, and this one never is.
        let _ = self.channel.post_message(&JsValue::from_str(&text));
    }

    /// Calls `action` with what other tabs say.
    pub(super) fn listen(&self, action: impl Fn(Word) + 'static) {
        let listener = Listener::new(&self.channel, "message", Part::Watches, move |event| {
            let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
            // What cannot be read is another version's.
            let word = text.and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
            word.into_iter().for_each(&action);
        });
        *self.listener.borrow_mut() = Some(listener);
    }
}
