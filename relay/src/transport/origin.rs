//! Which pages may talk to this relay from a browser.

use http::{HeaderMap, header};

/// The pages that may. Anything that is no browser sends no `Origin` and is not meant here: what
/// it may do is a matter of signing in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginPolicy {
    allowed: Vec<String>,
}

/// What the policy says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No browser, or the relay's own page.
    Own,
    /// A page elsewhere that is in the list: answers name it, so that the browser hands them out.
    Listed(String),
    /// A page that must not.
    Refused,
}

impl OriginPolicy {
    /// The relay's own pages, and these origins, each exactly as a browser spells it.
    #[must_use]
    pub fn new(allowed: Vec<String>) -> Self {
        OriginPolicy { allowed }
    }

    /// Looks at a request.
    #[must_use]
    pub fn judge(&self, headers: &HeaderMap) -> Verdict {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = match (origins.next(), origins.next()) {
            (None, _) => return Verdict::Own,
            (Some(origin), None) => origin.to_str().unwrap_or("null"),
            (Some(_), Some(_)) => return Verdict::Refused,
        };
        if self.allowed.iter().any(|allowed| allowed == origin) {
            return Verdict::Listed(origin.to_owned());
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        match host {
            Some(host) if is_own(origin, host) => Verdict::Own,
            _ => Verdict::Refused,
        }
    }
}

/// Whether an origin is the very address that the request went to. Only for addresses that cannot
/// be made to point here by somebody else's name server: numbers and `localhost`.
fn is_own(origin: &str, host: &str) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    if authority != Some(host) {
        return false;
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let number = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || number.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(origin: Option<&str>, host: &str) -> Verdict {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        OriginPolicy::new(vec!["https://app.example".into()]).judge(&headers)
    }

    #[test]
    fn own_pages_and_listed_ones_may() {
        assert_eq!(judge(Some("http://127.0.0.1:7878"), "127.0.0.1:7878"), Verdict::Own);
        assert_eq!(judge(Some("http://[::1]:7878"), "[::1]:7878"), Verdict::Own);
        assert_eq!(judge(Some("http://localhost:7878"), "localhost:7878"), Verdict::Own);
        assert_eq!(
            judge(Some("https://app.example"), "relay.example"),
            Verdict::Listed("https://app.example".into())
        );
        assert_eq!(judge(None, "relay.example"), Verdict::Own);
    }

    #[test]
    fn evil_suffix_null_and_rebound_names_may_not() {
        for origin in [
            "https://evil.example",
            "https://app.example.evil.example",
            "https://xapp.example",
            "http://app.example",
            "null",
            "",
        ] {
            assert_eq!(judge(Some(origin), "127.0.0.1:7878"), Verdict::Refused, "{origin}");
        }
        // A name that somebody else points at this machine.
        assert_eq!(
            judge(Some("http://rebound.example:7878"), "rebound.example:7878"),
            Verdict::Refused
        );
    }
}
