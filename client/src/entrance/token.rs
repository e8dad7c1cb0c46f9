//! Tokens of the site that the page belongs to: where they come from, and when a newer one is
//! wanted. A token lives in memory only.

use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;
use tidemark_shared::clock::UnixMillis;

use crate::browser::fetch;

/// Longest answer that is taken for a token: what fits a frame of a relay.
const ANSWER_BYTES_MAX: usize = 32 * 1024;

/// How long the site may take to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// A token that lives shorter is renewed as rarely as if it lived so long: a site whose clock is
/// wrong must not be asked all the time.
const RENEWED_EVERY_MIN: Duration = Duration::from_secs(15);

/// Where tokens come from: the page's own host, or another one over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenUrl(String);

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum TokenError {
    /// The page's configuration does not say where tokens come from.
    #[error("tidemark.json names no token_url")]
    NoUrl,
    /// The site does not answer.
    #[error("the site does not answer: {reason}")]
    Unreachable {
        /// What the platform said.
        reason: String,
    },
    /// The site's answer was a refusal: mostly, its own sign-in has ended.
    #[error("the site answered with status {status}")]
    Refused {
        /// Of HTTP.
        status: u16,
    },
    /// What it answered is no token.
    #[error("the site's answer is no token")]
    NoToken,
}

impl TokenUrl {
    /// Reads an address from the page's configuration; anything that is neither the page's own
    /// host nor reached over TLS is refused: a token must not be read on its way.
    pub(crate) fn parse(text: &str, origin: &str) -> Option<Self> {
        let text = text.trim();
        let is_own = text.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'));
        let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
        let is_sealed = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        ((is_own && !origin.is_empty()) || is_path || is_sealed).then(|| TokenUrl(text.to_owned()))
    }

    /// Asks the site for a token.
    pub(crate) async fn ask(&self) -> Result<String, TokenError> {
        let response = fetch::get_with_credentials(&self.0, ANSWERED_WITHIN).await;
        let response =
            response.map_err(|error| TokenError::Unreachable { reason: error.reason })?;
        if !response.ok() {
            return Err(TokenError::Refused { status: response.status() });
        }
        let text = fetch::text(&response).await;
        let text = text.map_err(|error| TokenError::Unreachable { reason: error.reason })?;
        token_in(&text).ok_or(TokenError::NoToken)
    }
}

/// When a sign-in that was had at `now` and ends at `ends_at` is to be renewed: at four fifths of
/// its life.
pub(crate) fn renew_at(now: UnixMillis, ends_at: UnixMillis) -> Duration {
    (ends_at.since(now) * 4 / 5).max(RENEWED_EVERY_MIN)
}

#[derive(Deserialize)]
struct Answer {
    token: String,
}

/// The token in an answer: `{"token": "…"}`, or the token alone.
fn token_in(answer: &str) -> Option<String> {
    let answer = answer.trim();
    if answer.len() > ANSWER_BYTES_MAX {
        return None;
    }
    let token = match serde_json::from_slice::<Answer>(answer.as_bytes()) {
        Ok(answer) => answer.token,
        Err(_) => answer.to_owned(),
    };
    // A page of HTML that asks for a password is none.
    let is_token = !token.is_empty()
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte));
    is_token.then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_from_the_own_host_or_over_tls() {
        let origin = "http://127.0.0.1:7878";
        for good in ["/token", "https://id.example/t?x=1", "http://127.0.0.1:7878/token"] {
            assert!(TokenUrl::parse(good, origin).is_some(), "{good}");
        }
        for bad in [
            "",
            "//evil.example/t",
            "/\\evil.example",
            "http://evil.example/t",
            "http://127.0.0.1:78789/token",
            "javascript:alert(1)",
            "https://",
            "token",
        ] {
            assert!(TokenUrl::parse(bad, origin).is_none(), "{bad}");
        }
        assert!(TokenUrl::parse("http://evil.example/", "").is_none());
    }

    #[test]
    fn a_token_comes_as_json_or_alone_and_a_page_is_none() {
        assert_eq!(token_in(r#"{"token":"a.b-c_d"}"#).as_deref(), Some("a.b-c_d"));
        assert_eq!(token_in(" a.b.c\n").as_deref(), Some("a.b.c"));
        for bad in ["", "<!doctype html>", "{}", r#"{"token":""}"#, r#"{"token":7}"#, "two words"] {
            assert_eq!(token_in(bad), None, "{bad}");
        }
        assert_eq!(token_in(&"x".repeat(ANSWER_BYTES_MAX + 1)), None);
    }

    #[test]
    fn a_newer_one_is_wanted_before_the_end_and_never_all_the_time() {
        let now = UnixMillis(1_000_000);
        assert_eq!(renew_at(now, UnixMillis(1_000_000 + 100_000)), Duration::from_secs(80));
        assert_eq!(renew_at(now, UnixMillis(0)), RENEWED_EVERY_MIN);
    }
}
