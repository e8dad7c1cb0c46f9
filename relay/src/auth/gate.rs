//! From what somebody presents to an identity, or to a refusal.

use std::sync::Arc;

use http::request::Parts;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{ErrorCode, Hello, WireError};

use super::{Identity, SignedInBy};
use crate::accounts::{Accounts, Channel, Refusal, cookie};

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
    accounts: Option<(Arc<Accounts>, Channel)>,
}

impl Gate {
    /// A gate.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Gate { mode, accounts: None }
    }

    /// The same gate, which knows the relay's own accounts and what is banned, and how the relay is
    /// reached.
    #[must_use]
    pub fn with_accounts(self, accounts: Arc<Accounts>, channel: Channel) -> Self {
        Gate { accounts: Some((accounts, channel)), ..self }
    }

    /// What a request of HTTP presents, before anything is said on the connection: a header, a
    /// cookie, a ticket. `None` when it presents nothing.
    ///
    /// # Errors
    /// A refusal, when what it presents does not count.
    pub async fn presented(&self, request: &Parts) -> Result<Option<Arc<Identity>>, WireError> {
        self.session(request)
    }

    /// Whose session's cookie a request carries. One that does not count is none: the browser has
    /// only not thrown it away yet.
    fn session(&self, request: &Parts) -> Result<Option<Arc<Identity>>, WireError> {
        let (Mode::Accounts, Some((accounts, channel))) = (self.mode, &self.accounts) else {
            return Ok(None);
        };
        match cookie::token(&request.headers, *channel) {
            Some(token) => Ok(accounts.identity(&token)?),
            None => Ok(None),
        }
    }

    /// What somebody has shown, as it is worth now: a session may have ended since, and what is
    /// banned counts for nothing.
    fn still(&self, shown: &Arc<Identity>) -> Result<Arc<Identity>, WireError> {
        let (Some((accounts, _)), Some(credential)) = (&self.accounts, &shown.credential) else {
            return Ok(Arc::clone(shown));
        };
        match shown.by {
            SignedInBy::Session => {
                accounts.identity_again(credential)?.ok_or_else(sign_in_first)
            }
            _ if accounts.is_banned(credential) => Err(Refusal::Banned.into()),
            _ => Ok(Arc::clone(shown)),
        }
    }

    /// Who somebody is who says hello, and before that presented something or nothing.
    ///
    /// # Errors
    /// A refusal for the client, when it is not let in.
    pub fn sign_in(
        &self,
        hello: &Hello,
        presented: Option<&Arc<Identity>>,
        _now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        match (self.mode, presented, &hello.user) {
            (_, Some(presented), _) => self.still(presented),
            // Demo accounts: whoever names one, speaks for it.
            (Mode::Demo, None, Some(user)) => Ok(Arc::new(Identity::demo(user.clone()))),
            (Mode::Demo, None, None) => Ok(Arc::new(Identity::guest())),
            (Mode::Accounts | Mode::Tokens, None, _) => Err(sign_in_first()),
        }
    }

    /// The newer sign-in with which somebody goes on: of the same user, or none.
    ///
    /// # Errors
    /// A refusal for the client; what it had goes on to its end.
    pub fn refresh(
        &self,
        current: &Arc<Identity>,
        _token: Option<&str>,
        _now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        match current.by {
            SignedInBy::Nobody | SignedInBy::Demo => Ok(Arc::clone(current)),
            SignedInBy::Token => Err(sign_in_first()),
            SignedInBy::Session => self.still(current),
        }
    }
}

fn sign_in_first() -> WireError {
    WireError::new(ErrorCode::Unauthorized, "this relay wants to know who you are: sign in first")
}
