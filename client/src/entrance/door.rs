//! The relay's door: its requests of HTTP. The cookie of a session goes with them by itself, and is
//! never seen here.

use std::time::Duration;

use serde_json::{Value, json};

use super::{DoorError, SessionInfo};
use crate::browser::fetch::{self, NoAnswer};
use crate::link::address::RelayAddress;

/// How long the relay may take. Passwords are checked slowly on purpose, some at a time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// How long the first question may take: the page waits for it.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// The door of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Door {
    relay: RelayAddress,
    /// `Bearer …`, where a token is what the user shows.
    bearer: Option<String>,
}

impl Door {
    /// The door of the relay at that address, for somebody who shows a token, or a cookie, or
    /// nothing.
    pub(crate) fn of(relay: RelayAddress, token: Option<&str>) -> Self {
        Door { relay, bearer: token.map(|token| format!("Bearer {token}")) }
    }

    /// Who is signed in.
    pub(crate) async fn session(&self) -> Result<SessionInfo, DoorError> {
        let text = self.ask("/api/session", None, None, FIRST_ANSWER_WITHIN).await?;
        read(&text)
    }

    /// Signs in, signs up, or makes the first account, depending on the path.
    pub(crate) async fn enter(&self, path: &str, body: Value) -> Result<SessionInfo, DoorError> {
        let text = self.ask(path, Some(body), None, ANSWERED_WITHIN).await?;
        read(&text)
    }

    /// Ends the session. One that has ended already is no error.
    pub(crate) async fn sign_out(&self) -> Result<(), DoorError> {
        let Some(csrf) = self.session().await?.csrf else { return Ok(()) };
        let body = Some(json!({}));
        self.ask("/api/sign-out", body, Some(&csrf), FIRST_ANSWER_WITHIN).await.map(drop)
    }

    /// Reads something that only a session may read.
    pub(crate) async fn read(&self, path: &str) -> Result<Value, DoorError> {
        let text = self.ask(path, None, None, ANSWERED_WITHIN).await?;
        read(&text)
    }

    /// Does something that only a session may do. What proves that it is the page's own wish is
    /// asked for each time: another tab may have signed in anew meanwhile.
    pub(crate) async fn act(&self, path: &str, body: Value) -> Result<(), DoorError> {
        let csrf = self.session().await?.csrf;
        self.ask(path, Some(body), csrf.as_deref(), ANSWERED_WITHIN).await.map(drop)
    }

    async fn ask(
        &self,
        path: &str,
        body: Option<Value>,
        csrf: Option<&str>,
        within: Duration,
    ) -> Result<String, DoorError> {
        let url = self.relay.http(path);
        let bearer = self.bearer.as_deref().map(|value| ("Authorization", value));
        let csrf = csrf.map(|value| (CSRF_HEADER, value));
        let headers: Vec<(&str, &str)> = bearer.into_iter().chain(csrf).collect();
        let body = body.map(|body| body.to_string());
        let answer = fetch::ask(&url, body.as_deref(), &headers, within).await;
        let unreachable = |NoAnswer { reason }| DoorError::Unreachable { reason };
        let response = answer.map_err(unreachable)?;
        let text = fetch::text(&response).await.map_err(unreachable)?;
        match response.ok() {
            true => Ok(text),
            false => Err(DoorError::of(response.status(), &text)),
        }
    }
}

/// Hosts of files answer every address with their page.
fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DoorError> {
    serde_json::from_slice(text.as_bytes()).map_err(|_| DoorError::NotARelay { status: 200 })
}

/// Proves that a request is the page's own wish: no other site can send it.
const CSRF_HEADER: &str = "x-tidemark-csrf";
