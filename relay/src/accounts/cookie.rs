//! A session's secret on its way to the browser and back.

use std::sync::Arc;

use http::header::{COOKIE, HeaderMap, HeaderValue};
use http::request::Parts;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::WireError;

use super::session::AGE_MAX;
use super::{Accounts, Refusal, Token};
use crate::auth::{Identity, Sessions};

/// Over plain HTTP, where browsers take no better name.
const PLAIN: &str = "tidemark_session";

/// Over TLS: browsers take a cookie of such a name only from this very host, over TLS, for all of
/// its paths. Nobody else can plant one.
const HOST_ONLY: &str = "__Host-tidemark_session";

/// How a browser reaches the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Plain HTTP.
    Plain,
    /// TLS, the relay's own or a proxy's.
    Tls,
}

/// Lets people in by their session's cookie.
#[derive(Debug)]
pub struct Cookies {
    accounts: Arc<Accounts>,
    channel: Channel,
}

impl Cookies {
    /// Cookies of these accounts' sessions, on a relay that is reached like this.
    #[must_use]
    pub const fn new(accounts: Arc<Accounts>, channel: Channel) -> Self {
        Cookies { accounts, channel }
    }
}

impl Sessions for Cookies {
    /// A cookie that does not count is none: the browser has only not thrown it away yet.
    fn presented(&self, head: &Parts, now: UnixMillis) -> Result<Option<Arc<Identity>>, WireError> {
        match token(&head.headers, self.channel) {
            Some(token) => Ok(self.accounts.identity(&token, now)?),
            None => Ok(None),
        }
    }

    fn renewed(&self, current: &Identity, now: UnixMillis) -> Result<Arc<Identity>, WireError> {
        let session = current.credential.as_ref().ok_or(Refusal::NotSignedIn)?;
        let renewed = self.accounts.identity_again(session, now)?;
        Ok(renewed.ok_or(Refusal::NotSignedIn)?)
    }
}

/// The secret that a browser shows, if it shows one. Where the relay itself speaks TLS
/// (`Channel::Tls`), only the name counts that nobody else can plant.
#[must_use]
pub fn token(headers: &HeaderMap, channel: Channel) -> Option<Token> {
    let named = |name: &str| {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(given, _)| *given == name)
            .and_then(|(_, value)| value.parse().ok())
    };
    named(HOST_ONLY).or_else(|| match channel {
        Channel::Plain => named(PLAIN),
        Channel::Tls => None,
    })
}

/// Gives a browser its secret. It sends it back to this host only, and to no script. How long it
/// counts, the relay decides.
#[must_use]
pub fn gives(token: &Token, channel: Channel) -> HeaderValue {
    cookie(&token.reveal(), AGE_MAX.as_secs(), channel)
}

/// Takes it away again.
#[must_use]
pub fn takes_away(channel: Channel) -> HeaderValue {
    cookie("", 0, channel)
}

fn cookie(value: &str, age_s: u64, channel: Channel) -> HeaderValue {
    let rest = format!("Max-Age={age_s}; Path=/; HttpOnly; SameSite=Strict");
    let text = match channel {
        Channel::Plain => format!("{PLAIN}={value}; {rest}"),
        Channel::Tls => format!("{HOST_ONLY}={value}; {rest}; Secure"),
    };
    let mut header = HeaderValue::try_from(text).expect("it consists of plain characters");
    header.set_sensitive(true);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cookies: &[&str], channel: Channel) -> Option<Token> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        token(&headers, channel)
    }

    #[test]
    fn a_browser_gives_back_what_it_was_given() {
        let token = Token::new();
        for channel in [Channel::Plain, Channel::Tls] {
            let given = gives(&token, channel);
            let (cookie, _) = given.to_str().unwrap().split_once(';').unwrap();
            assert_eq!(
                read(&["theme=dark", &format!("a=b; {cookie};c=d")], channel),
                Some(token.clone())
            );
        }
        let planted = format!("{PLAIN}={}", token.reveal());
        assert_eq!(read(&[&planted], Channel::Tls), None);
        let own = Token::new();
        let both = format!("{planted}; {HOST_ONLY}={}", own.reveal());
        assert_eq!(read(&[&both], Channel::Plain), Some(own));
    }

    #[test]
    fn what_is_no_secret_is_nothing() {
        for cookie in ["", ";;;", "tidemark_session", "tidemark_session=", "tidemark_session=x"] {
            assert_eq!(read(&[cookie], Channel::Plain), None, "{cookie}");
        }
        let renamed = format!("xtidemark_session={}", Token::new().reveal());
        assert_eq!(read(&[&renamed], Channel::Plain), None);
    }

    #[test]
    fn its_attributes_are_the_strictest_that_work() {
        let plain = gives(&Token::new(), Channel::Plain);
        let plain = plain.to_str().unwrap();
        assert!(plain.starts_with("tidemark_session="), "{plain}");
        assert!(plain.ends_with("; Max-Age=7776000; Path=/; HttpOnly; SameSite=Strict"), "{plain}");
        let tls = takes_away(Channel::Tls);
        assert_eq!(
            tls.to_str().unwrap(),
            "__Host-tidemark_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
