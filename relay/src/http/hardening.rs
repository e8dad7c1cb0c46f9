//! Headers that tell browsers what not to do with an answer. They go with every answer, whatever it
//! is: refusals and data are as good to an attacker as the page.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::Response;

/// For what is no page: nothing may be loaded or run by it, and nobody may frame it.
const NO_PAGE: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Pages elsewhere that are in `allowed_origins` are not kept away by any of these: what they ask
/// for goes by CORS, which is answered at the doors. Kept away are those who load an answer as a
/// picture, a script or a frame, to look at it from the side.
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
];

/// The same routes, whose answers all carry the headers. `hsts` is for how long browsers are to come
/// by TLS only; none or zero: they are not told.
pub fn harden(router: Router, hsts: Option<Duration>) -> Router {
    let hsts = hsts.filter(|hsts| !hsts.is_zero());
    // Not for subdomains: those are not the relay's.
    let hsts = hsts.map(|hsts| format!("max-age={}", hsts.as_secs()));
    let hsts = hsts.and_then(|text| HeaderValue::from_str(&text).ok());
    router.layer(middleware::map_response(move |mut response: Response| {
        // A connection that speaks WebSocket from here on is nothing that a browser would show.
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            add(response.headers_mut(), hsts.as_ref());
        }
        std::future::ready(response)
    }))
}

fn add(headers: &mut HeaderMap, hsts: Option<&HeaderValue>) {
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(hsts) = hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    let no_page = HeaderValue::from_static(NO_PAGE);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(no_page);
    // The page's files say for themselves how long they hold; data is old when it is read again.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
