//! What the routes below `/api` have in common: which pages may use them, who asks, and how a
//! request is read.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::answer::{Answered, Denied};
use super::publish::is_same;
use crate::accounts::{Accounts, Channel, Token, cookie};
use crate::auth::{Gate, Identity, Mode, Role, SignedInBy};
use crate::clock::unix_now;
use crate::config::{Auth, Secret};
use crate::serve::Caller;
use crate::transport::origin::{OriginPolicy, Verdict};

/// Largest body of a request: names, passwords, a reason.
const BODY_BYTES_MAX: usize = 4 * 1024;

/// Carries what proves that a page can read the relay's answers to its user.
const CSRF: &str = "x-tidemark-csrf";

/// What the routes need to know whom they serve.
#[derive(Clone, Debug)]
pub struct Entrance {
    /// Who may.
    pub gate: Arc<Gate>,
    /// The relay's own accounts.
    pub accounts: Arc<Accounts>,
    /// Which pages may.
    pub origins: Arc<OriginPolicy>,
    /// Who is let in, and how.
    pub auth: Auth,
    /// How the relay itself is reached.
    pub channel: Channel,
    /// Whoever knows it may read metrics and status.
    pub metrics_token: Option<Secret>,
}

impl Entrance {
    /// Somebody who may look after the relay. With a session's cookie, what is to change anything
    /// must come from the relay's own page.
    pub(super) async fn admin(&self, head: &Parts) -> Answered<Arc<Identity>> {
        if self.auth.mode == Mode::Demo {
            let message = "this relay has demo accounts: everybody is whoever they say, and nobody \
                           can look after it here; set `auth.mode`";
            return Err(WireError::new(ErrorCode::NotFound, message).into());
        }
        let identity = self.gate.presented(head, unix_now()).await?;
        let Some(identity) = identity else {
            let message = "sign in first: this is for those who look after the relay";
            return Err(WireError::new(ErrorCode::Unauthorized, message).into());
        };
        if identity.by == SignedInBy::Session && head.method != Method::GET {
            self.csrf(&head.headers)?;
        }
        let is_proven = matches!(identity.by, SignedInBy::Session | SignedInBy::Token);
        match is_proven && identity.is(Role::ADMIN) {
            true => Ok(identity),
            false => {
                let message = "this is for those who look after the relay (role `admin`); nothing \
                               was changed";
                Err(WireError::new(ErrorCode::Forbidden, message).into())
            }
        }
    }

    /// The session's secret that a request carries, proven to be sent by the relay's own page.
    pub(super) fn csrf(&self, headers: &HeaderMap) -> Answered<Token> {
        let Some(token) = cookie::token(headers, self.channel) else {
            let message = "you are not signed in (any more); nothing was changed: sign in first";
            return Err(WireError::new(ErrorCode::Unauthorized, message).into());
        };
        let shown = headers.get(CSRF).and_then(|shown| shown.to_str().ok());
        match shown.is_some_and(|shown| is_same(&token.csrf(), shown)) {
            true => Ok(token),
            false => {
                let message = "this must come from the relay's own page (header \
                               `x-tidemark-csrf`); nothing was changed: load the page again";
                Err(WireError::new(ErrorCode::Forbidden, message).into())
            }
        }
    }

    /// The relay has accounts of its own.
    pub(super) fn has_accounts(&self) -> Answered<()> {
        let message = match self.auth.mode {
            Mode::Accounts => return Ok(()),
            Mode::Demo => {
                "this relay has demo accounts: whoever names one has it, without a password"
            }
            Mode::Tokens => {
                "this relay has no accounts of its own: it takes tokens of those whom its operator \
                 trusts"
            }
        };
        Err(WireError::new(ErrorCode::NotFound, message).into())
    }

    /// A page elsewhere would be given a cookie that its browser never sends.
    pub(super) fn is_own_page(&self, headers: &HeaderMap) -> Answered<()> {
        let Verdict::Listed(origin) = self.origins.judge(headers) else { return Ok(()) };
        let is = |name, wanted: &str| {
            let given = headers.get(name).and_then(|given: &HeaderValue| given.to_str().ok());
            given == Some(wanted)
        };
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        // A proxy may have changed the host; no page can lie about the other.
        if is(header::HOST, host) || is(SEC_FETCH_SITE, "same-origin") {
            return Ok(());
        }
        let message = "passwords are taken by the relay's own page only; open that one, or use a \
                       token on this page";
        Err(WireError::new(ErrorCode::Forbidden, message).into())
    }

    /// How the browser reaches the relay: a proxy may speak TLS for it.
    pub(super) fn channel_of(&self, headers: &HeaderMap) -> Channel {
        let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        match origin.is_some_and(|origin| origin.starts_with("https://")) {
            true => Channel::Tls,
            false => self.channel,
        }
    }
}

const SEC_FETCH_SITE: header::HeaderName = header::HeaderName::from_static("sec-fetch-site");

/// Lets pages in that may, tells their browsers so, and keeps answers out of every cache.
pub(super) async fn check_page(
    State(entrance): State<Entrance>,
    request: Request,
    next: Next,
) -> Response {
    let verdict = entrance.origins.judge(request.headers());
    let mut response = match (&verdict, request.method()) {
        (Verdict::Refused, &Method::POST | &Method::OPTIONS) => {
            let message = "this page may not use this relay: its origin is not in allowed_origins";
            Denied::from(WireError::new(ErrorCode::Forbidden, message)).into_response()
        }
        (Verdict::Listed(_), &Method::OPTIONS) => preflight(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Verdict::Listed(origin) = verdict
        && let Ok(origin) = HeaderValue::from_str(&origin)
    {
        // Without cookies: those are for the relay's own page.
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, authorization, x-tidemark-csrf"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Reads a small JSON body. Other types are refused, because a browser sends some of them across
/// sites without asking.
pub(super) async fn read<T: DeserializeOwned>(request: Request) -> Answered<(Parts, T)> {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        let message = "the body must be JSON (`content-type: application/json`); nothing was done";
        let error = WireError::new(ErrorCode::BadMessage, message);
        return Err(Denied::with(StatusCode::UNSUPPORTED_MEDIA_TYPE, error));
    }
    let Ok(bytes) = to_bytes(body, BODY_BYTES_MAX).await else {
        let message = "the body is too long, or did not come in time; nothing was done";
        let error = WireError::new(ErrorCode::LimitExceeded, message)
            .of_limit("api.body_bytes_max", BODY_BYTES_MAX as u64);
        return Err(Denied::with(StatusCode::PAYLOAD_TOO_LARGE, error));
    };
    match serde_json::from_slice(&bytes) {
        Ok(value) => Ok((head, value)),
        // serde's own words may repeat what was sent: a password.
        Err(_) => {
            let message = "the body is not what this address takes; nothing was done";
            Err(WireError::new(ErrorCode::BadMessage, message).into())
        }
    }
}

/// Where a request comes from.
pub(super) fn address(head: &Parts) -> IpAddr {
    head.extensions.get().map_or(Ipv4Addr::UNSPECIFIED.into(), Caller::address)
}
