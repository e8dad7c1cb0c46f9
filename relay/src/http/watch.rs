//! Who may look at what tells of everybody: status, metrics, and what feeds could not read. Where
//! everybody is whoever they say, everybody may.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::answer::Answered;
use super::entrance::{Entrance, address};
use super::publish::is_same;
use super::status::Audience;
use crate::auth::Mode;

/// What proxies add. A request with one of them is somebody else's, wherever it comes from.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// For admins only.
pub(super) async fn admins(
    State(entrance): State<Entrance>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    if entrance.auth.mode != Mode::Demo
        && let Err(refusal) = entrance.admin(&head).await
    {
        return refusal.into_response();
    }
    next.run(Request::from_parts(head, body)).await
}

/// For admins, for programs that know the token, and for those of this machine. Only admins are told
/// names.
pub(super) async fn programs(
    State(entrance): State<Entrance>,
    request: Request,
    next: Next,
) -> Response {
    let (mut head, body) = request.into_parts();
    let audience = match audience(&entrance, &head).await {
        Ok(audience) => audience,
        Err(refusal) => return refusal.into_response(),
    };
    head.extensions.insert(audience);
    next.run(Request::from_parts(head, body)).await
}

async fn audience(entrance: &Entrance, head: &Parts) -> Answered<Audience> {
    if entrance.auth.mode == Mode::Demo || knows_token(entrance, &head.headers) {
        return Ok(Audience::Anybody);
    }
    match entrance.admin(head).await {
        Ok(_) => Ok(Audience::Operator),
        Err(_) if is_of_this_machine(address(head), &head.headers) => Ok(Audience::Anybody),
        Err(refusal) => Err(refusal),
    }
}

fn knows_token(entrance: &Entrance, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|given| given.to_str().ok());
    let given = given.and_then(|given| given.strip_prefix("Bearer "));
    match (&entrance.metrics_token, given) {
        (Some(token), Some(given)) => is_same(token.reveal(), given),
        _ => false,
    }
}

/// Whether a program of this machine asks, for itself: not a proxy for somebody else, and not a
/// browser for a page whose name was pointed at this machine.
fn is_of_this_machine(address: IpAddr, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    address.to_canonical().is_loopback()
        && matches!(name, "localhost" | "127.0.0.1" | "[::1]")
        && !FORWARDED.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str, given: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.insert(*name, value.parse().unwrap());
        }
        is_of_this_machine(address.parse().unwrap(), &headers)
    }

    #[test]
    fn only_programs_of_this_machine_are_of_this_machine() {
        for host in ["localhost:7878", "127.0.0.1:7878", "[::1]:7878", "127.0.0.1"] {
            assert!(from("127.0.0.1", &[("host", host)]), "{host}");
            assert!(!from("192.0.2.1", &[("host", host)]), "{host}");
        }
        assert!(from("::1", &[("host", "[::1]:7878")]));
        assert!(!from("127.0.0.1", &[("host", "rebound.example:7878")]));
        for proxied in FORWARDED {
            let headers = [("host", "127.0.0.1:7878"), (proxied, "192.0.2.1")];
            assert!(!from("127.0.0.1", &headers), "{proxied}");
        }
    }
}
