//! From what somebody presents to an identity, or to a refusal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{ErrorCode, Hello, WireError};

use super::issuers::Issuers;
use super::masked::Masked;
use super::presented::{Proof, proof};
use super::tickets::Tickets;
use super::token::TokenError;
use super::{Bans, Identity, Sessions, SignedInBy};
use crate::config::Auth;

/// Who is let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Everybody, as whoever they say they are: for trying, and for people who trust each other.
    #[default]
    Demo,
    /// Who has an account of this relay.
    Accounts,
    /// Who brings a token of an issuer that the operator trusts.
    Tokens,
}

/// Decides who somebody is.
#[derive(Debug, Default)]
pub struct Gate {
    mode: Mode,
    guests: bool,
    token_in_address: bool,
    issuers: Issuers,
    tickets: Mutex<Tickets>,
    bans: Arc<Bans>,
    sessions: Option<Arc<dyn Sessions>>,
}

impl Gate {
    /// A gate that knows no issuers.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Gate { mode, ..Gate::default() }
    }

    /// The gate of a configuration. Its issuers' keys are kept by [`Self::keep_keys`].
    #[must_use]
    pub fn of(auth: &Auth, now: UnixMillis) -> Self {
        Gate {
            mode: auth.mode,
            guests: auth.guests,
            token_in_address: auth.token_in_address,
            issuers: Issuers::new(auth.issuers.clone(), auth.leeway, now),
            ..Gate::default()
        }
    }

    /// The same gate, which also lets in by sessions.
    #[must_use]
    pub fn with_sessions(self, sessions: Arc<dyn Sessions>) -> Self {
        Gate { sessions: Some(sessions), ..self }
    }

    /// The same gate, which asks this list.
    #[must_use]
    pub fn with_bans(self, bans: Arc<Bans>) -> Self {
        Gate { bans, ..self }
    }

    /// Which sign-ins do not count any more.
    #[must_use]
    pub fn bans(&self) -> &Bans {
        &self.bans
    }

    /// Renews the issuers' keys for as long as this runs. `clock` gives the time of day.
    pub async fn keep_keys(&self, clock: impl Fn() -> UnixMillis) {
        self.issuers.keep_keys(clock).await;
    }

    /// What a request of HTTP presents, before anything is said on the connection: a header, a
    /// ticket, a cookie. `None` when it presents nothing. A ticket is used up by it.
    ///
    /// # Errors
    /// A refusal, when what it presents does not count.
    pub async fn presented(
        &self,
        head: &Parts,
        now: UnixMillis,
    ) -> Result<Option<Arc<Identity>>, WireError> {
        self.presented_on(head, now).await.inspect_err(|error| {
            let (door, reason) = (Masked(&head.uri), &error.message);
            tracing::debug!(%door, reason, "somebody was not let in");
        })
    }

    /// A ticket for whoever a request is from, made of 128 random bits.
    ///
    /// # Errors
    /// A refusal, when nobody has signed in by its header or cookie, or there are too many.
    pub async fn ticket(
        &self,
        head: &Parts,
        bits: u128,
        now: UnixMillis,
    ) -> Result<String, WireError> {
        // A ticket must not get the next one: it would never end.
        let address = proof(head).map_err(|unclear| unauthorized(unclear.to_string()))?;
        if matches!(address, Some(Proof::Ticket(_) | Proof::TokenInAddress(_))) {
            return Err(unauthorized("a ticket is given for a header or a session only"));
        }
        let Some(identity) = self.presented(head, now).await? else {
            return Err(unauthorized("a ticket is for somebody who has signed in: bring a token"));
        };
        self.tickets().issue(&identity, bits, now).map_err(|too_many| {
            let error = WireError::new(ErrorCode::RateLimited, too_many.to_string());
            error.retry_after_ms(TICKET_RETRY_AFTER_MS)
        })
    }

    /// Who somebody is who says hello, and before that presented something or nothing.
    ///
    /// # Errors
    /// A refusal for the client, when it is not let in.
    pub fn sign_in(
        &self,
        hello: &Hello,
        presented: Option<&Arc<Identity>>,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        let told = hello.token.as_deref().map(|token| self.by_token(token, now)).transpose()?;
        match (told, presented) {
            (Some(told), Some(presented)) if told.user != presented.user => {
                Err(unauthorized("the token in hello and the request are of two users: use one"))
            }
            (Some(told), _) => Ok(told),
            // Some time may have passed since.
            (None, Some(presented)) => self.still_counts(Arc::clone(presented), now),
            (None, None) => self.without_proof(hello),
        }
    }

    /// The newer sign-in with which somebody goes on: of the same user, or none.
    ///
    /// # Errors
    /// A refusal for the client; what it had goes on to its end.
    pub fn refresh(
        &self,
        current: &Arc<Identity>,
        token: Option<&str>,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        let newer = match (current.by, token) {
            (SignedInBy::Nobody | SignedInBy::Demo, None) => return Ok(Arc::clone(current)),
            (SignedInBy::Nobody | SignedInBy::Demo, Some(_)) => {
                let message = "whoever came in without a token signs in by a new connection";
                return Err(unauthorized(message));
            }
            (SignedInBy::Token, None) => {
                return Err(unauthorized("a sign-in by token goes on with a newer token: send it"));
            }
            (SignedInBy::Session, None) => {
                let sessions = self.sessions.as_ref().ok_or_else(sign_in_first)?;
                self.still_counts(sessions.renewed(current, now)?, now)?
            }
            (SignedInBy::Token | SignedInBy::Session, Some(token)) => self.by_token(token, now)?,
        };
        if newer.user != current.user {
            return Err(unauthorized("this is another user: sign out, then sign in anew"));
        }
        if token.is_some() && newer.ends_at <= current.ends_at {
            let message = "this token ends no later than the one that you came in with: get a \
                           newer one";
            return Err(unauthorized(message));
        }
        Ok(newer)
    }

    async fn presented_on(
        &self,
        head: &Parts,
        now: UnixMillis,
    ) -> Result<Option<Arc<Identity>>, WireError> {
        let proof = proof(head).map_err(|unclear| unauthorized(unclear.to_string()))?;
        let identity = match proof {
            Some(Proof::TokenInAddress(_)) if !self.token_in_address => {
                let message = "this relay takes no token in an address, where every proxy logs it: \
                               use the header, or a ticket (POST /v1/ticket)";
                return Err(unauthorized(message));
            }
            Some(Proof::Token(token) | Proof::TokenInAddress(token)) => {
                self.expect_issuers()?;
                let verified = self.issuers.verify_patiently(token, now).await;
                Arc::new(verified.map_err(token_refused)?)
            }
            Some(Proof::Ticket(ticket)) => {
                let redeemed = self.tickets().redeem(ticket, now);
                redeemed.ok_or_else(|| {
                    unauthorized("this ticket was used, or has expired, or is none: get a new one")
                })?
            }
            None => {
                let presented = self.sessions.as_ref().map(|it| it.presented(head, now));
                let Some(identity) = presented.transpose()?.flatten() else { return Ok(None) };
                identity
            }
        };
        self.still_counts(identity, now).map(Some)
    }

    fn by_token(&self, token: &str, now: UnixMillis) -> Result<Arc<Identity>, WireError> {
        self.expect_issuers()?;
        let identity = self.issuers.verify(token, now).map_err(token_refused)?;
        self.still_counts(Arc::new(identity), now)
    }

    /// Whoever brings a proof that nobody here can look at is told so, and is no guest.
    fn expect_issuers(&self) -> Result<(), WireError> {
        match self.issuers.is_empty() {
            true => Err(unauthorized("this relay takes no tokens: come without one")),
            false => Ok(()),
        }
    }

    fn still_counts(
        &self,
        identity: Arc<Identity>,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        if identity.ends_at.is_some_and(|ends_at| ends_at <= now) {
            return Err(unauthorized("your sign-in has ended: sign in again"));
        }
        let banned = |credential| self.bans.is_banned(credential, now);
        if identity.credential.as_ref().is_some_and(banned) {
            let message = "the operator has banned this sign-in: ask them";
            return Err(WireError::new(ErrorCode::Forbidden, message));
        }
        Ok(identity)
    }

    fn without_proof(&self, hello: &Hello) -> Result<Arc<Identity>, WireError> {
        match (self.mode, &hello.user) {
            // Demo accounts: whoever names one, speaks for it.
            (Mode::Demo, Some(user)) => Ok(Arc::new(Identity::demo(user.clone()))),
            (Mode::Demo, None) => Ok(Arc::new(Identity::guest())),
            (Mode::Accounts | Mode::Tokens, _) if self.guests => Ok(Arc::new(Identity::guest())),
            (Mode::Accounts | Mode::Tokens, _) => Err(sign_in_first()),
        }
    }

    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        // A panic while they were locked leaves at worst a count too high, until they expire.
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Most tickets are used at once, so there is soon room again.
const TICKET_RETRY_AFTER_MS: u64 = 1_000;

fn sign_in_first() -> WireError {
    unauthorized("this relay wants to know who you are: sign in first")
}

fn unauthorized(message: impl Into<String>) -> WireError {
    WireError::new(ErrorCode::Unauthorized, message)
}

fn token_refused(error: TokenError) -> WireError {
    match error {
        TokenError::KeysAwaited { retry_after_ms } => {
            let message =
                "the keys of this token's issuer are being fetched; come back in a moment";
            WireError::new(ErrorCode::Unavailable, message).retry_after_ms(retry_after_ms)
        }
        error => unauthorized(format!("the token does not count: {error}; get another one")),
    }
}
