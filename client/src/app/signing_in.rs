//! The sign-in of the page's user, from its start to its end, and a newer one.

use std::time::Duration;

use leptos::prelude::*;
use tidemark_shared::clock::Moment;
use tidemark_shared::documents::UserName;
use tidemark_shared::session::{Input, State, Status};
use wasm_bindgen_futures::spawn_local;

use super::{App, Unsent, account};
use crate::browser::clock;
use crate::browser::timer::Timeout;
use crate::entrance::{Door, Mode, SessionInfo, TokenError, TokenUrl, renew_at};
use crate::tabs::Line;

/// A site is not asked for tokens more often, however often the relay refuses them.
const ASKED_EVERY_MIN: Duration = Duration::from_secs(15);

/// When a token that could not be had is asked for again.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// How the page's user is known to the relay. A handle: cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// Who is let in by this relay.
    pub(crate) mode: Mode,
    /// What the relay last said of the session; absent when it has not been reached.
    pub(crate) info: RwSignal<Option<SessionInfo>>,
    /// Why the site gives no token.
    pub(crate) trouble: RwSignal<Option<TokenError>>,
    tokens: StoredValue<Tokens, LocalStorage>,
}

struct Tokens {
    url: Option<TokenUrl>,
    asked: Option<Moment>,
    next: Option<Timeout>,
}

impl Entry {
    pub(super) fn new(mode: Mode, info: Option<SessionInfo>, url: Option<TokenUrl>) -> Self {
        Entry {
            mode,
            info: RwSignal::new(info),
            trouble: RwSignal::new(None),
            tokens: StoredValue::new_local(Tokens { url, asked: None, next: None }),
        }
    }

    /// Whether the page's user may look after the relay.
    pub(crate) fn is_admin(self) -> bool {
        self.info.with(|info| info.as_ref().is_some_and(SessionInfo::is_admin))
    }
}

impl App {
    /// The door of the page's relay, for the page's user.
    pub(crate) fn door(self) -> Option<Door> {
        let line = self.line()?;
        Some(Door::of(line.relay().clone(), line.token().as_deref()))
    }

    /// Whether nobody has signed in.
    pub(crate) fn is_guest(self) -> bool {
        self.documents.user() == account::nobody()
    }

    /// Whether the relay has let this user's page in as a guest's: the sign-in has ended.
    pub(crate) fn is_taken_for_guest(self) -> bool {
        let nobody = account::nobody();
        let is_nobody = |status: &Status| status.user.as_deref() == Some(nobody.as_str());
        !self.is_guest() && self.status.with(is_nobody)
    }

    /// Whether a newer sign-in is wanted.
    pub(crate) fn wants_sign_in(self) -> bool {
        let is_asked =
            |status: &Status| status.asks_for_sign_in || status.state == State::NeedsAuth;
        self.entry.mode != Mode::Demo && (self.status.with(is_asked) || self.is_taken_for_guest())
    }

    /// Somebody has signed in on this page: the same user goes on where they were, on the same
    /// connection; another one gets their own page.
    pub(crate) fn signed_in(self, info: SessionInfo) {
        let (Some(line), Some(user)) = (self.line(), info.user.clone()) else { return };
        account::has_left(line.relay());
        if user == self.documents.user() {
            account::remember(line.relay(), self.entry.mode, &user);
            self.entry.info.set(Some(info));
            self.sheet.set(None);
            self.go_on_with(&line, None);
        } else {
            self.become_page_of(user);
        }
    }

    /// Another tab has signed in anew.
    pub(super) fn signed_in_elsewhere(self) {
        if let Some(line) = self.line() {
            line.signed_in_elsewhere();
        }
        self.look_at_session();
    }

    /// Asks the site for a newer token, and the relay to go on with it.
    pub(crate) fn renew_token(self) {
        spawn_local(async move {
            let token = self.ask_for_token().await;
            if let (Some(token), Some(line)) = (token, self.line()) {
                self.go_on_with(&line, Some(token));
                self.look_at_session();
            }
        });
    }

    /// Begins to connect; where tokens are what counts, with a token.
    pub(super) fn connect(self) {
        let Some(line) = self.line() else { return };
        if self.entry.mode != Mode::Tokens || line.token().is_some() {
            return line.start();
        }
        spawn_local(async move {
            if let Some(token) = self.ask_for_token().await {
                line.sign_in(Some(token));
                self.look_at_session();
            }
            line.start();
        });
    }

    /// Does what the end of a sign-in asks for.
    pub(super) fn follow_sign_in(self) {
        if self.entry.mode == Mode::Demo {
            return;
        }
        let user = Memo::new(move |_| self.status.with(|status| status.user.clone()));
        Effect::new(move || {
            // Another tab's user, or the site's: their writes and ours are never mixed.
            let user = user.get().and_then(|user| user.parse::<UserName>().ok());
            // A guest is nobody else: it is this user whose sign-in has ended.
            let user = user.filter(|user| *user != account::nobody());
            if let Some(user) = user.filter(|user| *user != self.documents.user()) {
                self.become_page_of(user);
            }
        });
        match self.entry.mode {
            Mode::Tokens => self.follow_tokens(),
            Mode::Accounts => self.follow_session(),
            Mode::Demo => {}
        }
    }

    /// A session that is used lasts longer: its user is only asked when that is over, too.
    fn follow_session(self) {
        let is_asked = Memo::new(move |_| self.status.with(|status| status.asks_for_sign_in));
        Effect::new(move || {
            let (true, Some(door)) = (is_asked.get(), self.door()) else { return };
            let before = self.status.with_untracked(|status| status.ends_at);
            spawn_local(async move {
                // Without an answer the user is asked.
                let Ok(info) = door.session().await else { return };
                let lasts_longer =
                    info.user.as_ref() == Some(&self.documents.user()) && info.ends_at > before;
                if let (true, Some(line)) = (lasts_longer, self.line()) {
                    self.entry.info.set(Some(info));
                    line.sign_in(None);
                }
            });
        });
    }

    fn follow_tokens(self) {
        let ends_at = Memo::new(move |_| self.status.with(|status| status.ends_at));
        Effect::new(move || {
            let Some(ends_at) = ends_at.get() else { return };
            self.renew_token_after(renew_at(self.now.get_untracked(), ends_at));
        });
        let is_asked = Memo::new(move |_| self.wants_sign_in());
        Effect::new(move || {
            if !is_asked.get() {
                return;
            }
            let asked = self.entry.tokens.with_value(|tokens| tokens.asked);
            let since = asked.map(|asked| clock::moment().since(asked));
            match since.and_then(|since| ASKED_EVERY_MIN.checked_sub(since)) {
                Some(wait) => self.renew_token_after(wait),
                None => self.renew_token(),
            }
        });
    }

    fn renew_token_after(self, wait: Duration) {
        let timer = Timeout::after(wait, move || self.renew_token());
        self.entry.tokens.update_value(|tokens| tokens.next = Some(timer));
    }

    async fn ask_for_token(self) -> Option<String> {
        let url = self.entry.tokens.with_value(|tokens| tokens.url.clone());
        self.entry.tokens.update_value(|tokens| tokens.asked = Some(clock::moment()));
        let answer = match url {
            Some(url) => url.ask().await,
            None => Err(TokenError::NoUrl),
        };
        match answer {
            Ok(token) => {
                self.entry.trouble.set(None);
                Some(token)
            }
            Err(error) => {
                // Only the operator can change the page's configuration: the page is loaded anew
                // after that.
                if error != TokenError::NoUrl {
                    self.renew_token_after(ASKED_AGAIN_AFTER);
                }
                self.entry.trouble.set(Some(error));
                None
            }
        }
    }

    fn look_at_session(self) {
        let Some(door) = self.door() else { return };
        spawn_local(async move {
            // Without an answer what is known stays.
            if let Ok(info) = door.session().await {
                self.entry.info.set(Some(info));
            }
        });
    }

    /// Goes on with a newer sign-in: on the connection that stands, unless that is a guest's.
    fn go_on_with(self, line: &Line, token: Option<String>) {
        line.sign_in(token);
        if untrack(|| self.is_taken_for_guest()) {
            line.input(Input::ReconnectNow);
        }
    }

    fn become_page_of(self, user: UserName) {
        if let Some(line) = self.line() {
            account::remember(line.relay(), self.entry.mode, &user);
        }
        // What the one before has not sent waits for them.
        spawn_local(self.switch_account(user, Unsent::Kept));
    }
}
