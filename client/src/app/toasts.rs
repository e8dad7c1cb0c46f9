//! Short messages that come and go by themselves.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use crate::browser::timer::Timeout;
use crate::i18n::Text;

/// Long enough to read two lines and to reach a button.
const SHOWN_FOR: Duration = Duration::from_secs(7);

/// Most at once: more would cover the screen.
const SHOWN_MAX: usize = 3;

/// A short message.
#[derive(Clone)]
pub(crate) struct Toast {
    /// Tells it from others.
    pub(crate) id: u64,
    /// What it says.
    pub(crate) text: String,
    /// What can be done about it.
    pub(crate) offer: Option<Offer>,
}

/// A button on a message.
#[derive(Clone)]
pub(crate) struct Offer {
    /// What it says.
    pub(crate) label: Text,
    /// What it does.
    pub(crate) act: Arc<dyn Fn() + Send + Sync>,
}

/// The messages on the screen.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last_id: StoredValue<u64>,
}

impl Toasts {
    pub(super) fn new() -> Self {
        Toasts { shown: RwSignal::default(), last_id: StoredValue::new(0) }
    }

    /// The messages, oldest first.
    pub(crate) fn shown(self) -> Vec<Toast> {
        self.shown.get()
    }

    /// Shows a message for a while.
    pub(crate) fn show(self, text: String) {
        self.put(text, None);
    }

    /// Shows a message with something to do about it.
    pub(crate) fn show_with(
        self,
        text: String,
        label: Text,
        act: impl Fn() + Send + Sync + 'static,
    ) {
        self.put(text, Some(Offer { label, act: Arc::new(act) }));
    }

    fn put(self, text: String, offer: Option<Offer>) {
        let id = self.last_id.get_value() + 1;
        self.last_id.set_value(id);
        self.shown.update(|shown| {
            shown.push(Toast { id, text, offer });
            let over = shown.len().saturating_sub(SHOWN_MAX);
            shown.drain(..over);
        });
        wasm_bindgen_futures::spawn_local(async move {
            let (sender, receiver) = futures_channel::oneshot::channel();
            let _timer = Timeout::after(SHOWN_FOR, move || {
                // Nobody else waits for it.
                let _ = sender.send(());
            });
            let _ = receiver.await;
            self.dismiss(id);
        });
    }

    /// Takes a message away.
    pub(crate) fn dismiss(self, id: u64) {
        self.shown.update(|shown| shown.retain(|toast| toast.id != id));
    }
}
