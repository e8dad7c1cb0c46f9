//! Whose page this is: what this device remembers of it, and how it becomes another user's page.

use std::time::Duration;

use futures_channel::oneshot;
use tidemark_shared::documents::UserName;
use wasm_bindgen_futures::spawn_local;

use super::App;
use crate::browser::timer::sleep;
use crate::browser::{preferences, window};
use crate::entrance::{Mode, Remembered};
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
        if parts.is_leaving.replace(true) {
            return;
        }
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

    /// Leaves the page to nobody in particular. The relay is told when the page has been loaded
    /// anew, or, without a network, as soon as it can be.
    pub(crate) async fn sign_out(self, unsent: Unsent) {
        if let (Mode::Accounts, Some(line)) = (self.entry.mode, self.line()) {
            preferences::keep(&key(LEAVING, line.relay()), "");
        }
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

/// What this device remembers of a relay.
pub(super) fn remembered(relay: &RelayAddress) -> Remembered {
    let mode = match preferences::read(&key(MODE, relay)).as_deref() {
        Some("accounts") => Mode::Accounts,
        Some("tokens") => Mode::Tokens,
        _ => Mode::Demo,
    };
    let user = preferences::read(&key(ACCOUNT, relay)).and_then(|name| name.parse().ok());
    Remembered { mode, user: user.filter(|user| *user != nobody()) }
}

/// Remembers whose page it is.
pub(crate) fn remember(relay: &RelayAddress, mode: Mode, user: &UserName) {
    match mode {
        Mode::Demo => preferences::forget(&key(MODE, relay)),
        Mode::Accounts => preferences::keep(&key(MODE, relay), "accounts"),
        Mode::Tokens => preferences::keep(&key(MODE, relay), "tokens"),
    }
    choose(relay, user);
}

/// Whether somebody has signed out here of whom the relay does not know it yet.
pub(crate) fn is_leaving(relay: &RelayAddress) -> bool {
    preferences::read(&key(LEAVING, relay)).is_some()
}

/// The relay knows it, or somebody has signed in after that.
pub(crate) fn has_left(relay: &RelayAddress) {
    preferences::forget(&key(LEAVING, relay));
}

/// Who it is whom nobody knows.
pub(crate) fn nobody() -> UserName {
    NOBODY_CHOSEN.parse().expect("it is a name")
}

/// Loads the page anew.
pub(crate) fn reload() {
    // Refused only while the page is being left already.
    let _ = window().location().reload();
}

const ACCOUNT: &str = "account";
const MODE: &str = "mode";
const LEAVING: &str = "leaving";

fn choose(relay: &RelayAddress, user: &UserName) {
    preferences::keep(&key(ACCOUNT, relay), user.as_str());
}

fn key(what: &str, relay: &RelayAddress) -> String {
    format!("tidemark:{what}:{}", relay.as_str())
}
