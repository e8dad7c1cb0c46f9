//! What a request presents: a token in its header, or a ticket or token in its address.

use http::request::Parts;
use http::{HeaderValue, header};
use thiserror::Error;

/// What somebody shows to be let in. Never printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof<'a> {
    /// `Authorization: Bearer …`
    Token(&'a str),
    /// `?token=…`
    TokenInAddress(&'a str),
    /// `?ticket=…`
    Ticket(&'a str),
}

/// A request that presents something that cannot be told apart or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Unclear {
    #[error("say who you are in one way: a header, a ticket, or a token in the address")]
    MoreThanOne,
    #[error("the header must be `Authorization: Bearer <token>`")]
    Header,
}

/// What a request presents; `None` when it is nothing of these.
pub(super) fn proof(head: &Parts) -> Result<Option<Proof<'_>>, Unclear> {
    let mut bearers = Vec::new();
    for value in head.headers.get_all(header::AUTHORIZATION) {
        bearers.extend(bearer(value)?.map(Proof::Token));
    }
    let query = head.uri.query().unwrap_or("");
    let pairs = query.split('&').filter_map(|pair| match pair.split_once('=') {
        Some(("ticket", ticket)) => Some(Proof::Ticket(ticket)),
        Some(("token", token)) => Some(Proof::TokenInAddress(token)),
        _ => None,
    });
    let mut proofs = bearers.into_iter().chain(pairs);
    match (proofs.next(), proofs.next()) {
        (proof, None) => Ok(proof),
        (_, Some(_)) => Err(Unclear::MoreThanOne),
    }
}

/// Other schemes are not ours: a proxy may have asked for them.
fn bearer(value: &HeaderValue) -> Result<Option<&str>, Unclear> {
    const SCHEME: &[u8] = b"bearer";
    let bytes = value.as_bytes();
    let (scheme, rest) = bytes.split_at(bytes.len().min(SCHEME.len()));
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return Ok(None);
    }
    let token = std::str::from_utf8(rest).ok().and_then(|rest| rest.strip_prefix(' '));
    token.map(str::trim).filter(|token| !token.is_empty()).map(Some).ok_or(Unclear::Header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(uri: &str, headers: &[&str]) -> Result<Option<String>, Unclear> {
        let mut request = http::Request::get(uri);
        for header in headers {
            request = request.header(header::AUTHORIZATION, *header);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let told = |proof| match proof {
            Proof::Token(token) => format!("header {token}"),
            Proof::TokenInAddress(token) => format!("address {token}"),
            Proof::Ticket(ticket) => format!("ticket {ticket}"),
        };
        Ok(proof(&head)?.map(told))
    }

    #[test]
    fn one_way_is_read_and_two_are_refused() {
        let some = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(told("/v1/ws", &[]), Ok(None));
        assert_eq!(told("/v1/ws", &["Basic YTpi"]), Ok(None));
        assert_eq!(told("/v1/ws", &["Bearer a.b.c"]), some("header a.b.c"));
        assert_eq!(told("/v1/ws", &["bearer  a.b.c "]), some("header a.b.c"));
        assert_eq!(told("/v1/ws?x=1&ticket=ab", &["Basic YTpi"]), some("ticket ab"));
        assert_eq!(told("/v1/ws?token=", &[]), some("address "));
        for header in ["Bearer", "Bearer ", "Bearera.b.c", "Bearer\ta"] {
            assert_eq!(told("/v1/ws", &[header]), Err(Unclear::Header), "{header}");
        }
        for (uri, headers) in [
            ("/v1/ws?ticket=a&ticket=b", &[][..]),
            ("/v1/ws?ticket=a&token=b", &[]),
            ("/v1/ws?ticket=a", &["Bearer b"]),
            ("/v1/ws", &["Bearer a", "Bearer b"]),
        ] {
            assert_eq!(told(uri, headers), Err(Unclear::MoreThanOne), "{uri}");
        }
    }
}
