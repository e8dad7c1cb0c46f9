//! Whose page this is. Until there is a real sign-in, users are demo accounts, chosen on the page.

use std::time::Duration;

use futures_channel::oneshot;
use tidemark_shared::documents::UserName;
use wasm_bindgen_futures::spawn_local;

use super::App;
use crate::browser::timer::sleep;
use crate::browser::{preferences, window};
use crate::link::address::RelayAddress;
use crate::tabs::Word;

/// Who nobody has chosen to be.
const NOBODY_CHOSEN: &str = "guest";

/// How long the leaving user's databases may take to be gone: a tab that is frozen may still have
/// them open, and they go when it thaws.
const REMOVED_WITHIN: Duration = Duration::from_secs(2);

/// What becomes of the leaving user's writes that are not everywhere yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// They wait on this device until that user comes back.
    Kept,
    /// They are gone: the user was told, and said so.
    Discarded,
}

impl App {
    /// Makes this another user's page, in all tabs. The page is loaded anew; nothing of the
    /// leaving user stays on this device but writes that are to be kept.
    pub(crate) async fn switch_account(self, to: UserName, unsent: Unsent) {
        let Some(line) = self.line() else { return };
        let parts = self.parts();
        parts.is_leaving.set(true);
        parts.queue.leave();
        choose(line.relay(), &to);
        line.say(&Word::Leaving {});
        let (done, is_done) = oneshot::channel();
        let waiting = parts.clone();
        spawn_local(async move {
            // What cannot be removed is not opened again under the new name.
            let _ = waiting.place.remove().await;
            if unsent == Unsent::Discarded || waiting.queue.is_empty() {
                let _ = waiting.queue.remove().await;
            }
            let _ = done.send(());
        });
        spawn_local(async move {
            sleep(REMOVED_WITHIN).await;
            reload();
        });
        let _ = is_done.await;
        reload();
    }

    /// Leaves the page to nobody in particular.
    pub(crate) async fn sign_out(self, unsent: Unsent) {
        self.switch_account(nobody(), unsent).await;
    }

    /// Another tab has done that.
    pub(super) fn leave(self) {
        let parts = self.parts();
        parts.is_leaving.set(true);
        parts.queue.leave();
        reload();
    }
}

/// The account that was chosen for a relay.
pub(super) fn chosen(relay: &RelayAddress) -> UserName {
    let kept = preferences::read(&key(relay)).and_then(|name| name.parse().ok());
    kept.unwrap_or_else(nobody)
}

fn choose(relay: &RelayAddress, user: &UserName) {
    preferences::keep(&key(relay), user.as_str());
}

fn nobody() -> UserName {
    NOBODY_CHOSEN.parse().expect("it is a name")
}

fn key(relay: &RelayAddress) -> String {
    format!("tidemark:account:{}", relay.as_str())
}

fn reload() {
    // Refused only while the page is being left already.
    let _ = window().location().reload();
}
