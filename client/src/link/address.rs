//! Where the relay is, and what the page's own address asks for.

use tidemark_shared::session::Transport;

use crate::browser::{fetch, window};
use crate::entrance::TokenUrl;

/// The relay's base address, without a slash at its end: `https://relay.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RelayAddress(String);

impl RelayAddress {
    /// Reads an address; anything but http and https is refused.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let base = text.trim().trim_end_matches('/');
        let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"))?;
        (!host.is_empty()).then(|| RelayAddress(base.to_owned()))
    }

    /// The address of something that is reached by HTTP.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address of the WebSocket.
    pub(crate) fn websocket(&self) -> String {
        // `http` becomes `ws` and `https` becomes `wss`.
        format!("ws{}/v1/ws", self.0.trim_start_matches("http"))
    }

    /// For people.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the page's own address asks for: `?relay=&transport=&seed=`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Another relay than the configured one.
    pub(crate) relay: Option<RelayAddress>,
    /// Only this transport.
    pub(crate) transport: Option<Transport>,
    /// The connection machine's seed.
    pub(crate) seed: Option<u64>,
}

impl Query {
    /// Reads the query through `get`, which gives a parameter's decoded value.
    pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        Query {
            relay: get("relay").and_then(|text| RelayAddress::parse(&text)),
            transport: get("transport").and_then(|text| match text.as_str() {
                "ws" => Some(Transport::WebSocket),
                "sse" => Some(Transport::Sse),
                "poll" => Some(Transport::Poll),
                _ => None,
            }),
            seed: get("seed").and_then(|text| text.parse().ok()),
        }
    }

    /// The query of this page.
    pub(crate) fn of_page() -> Self {
        let search = window().location().search().unwrap_or_default();
        match web_sys::UrlSearchParams::new_with_str(&search) {
            Ok(parameters) => Query::read(|name| parameters.get(name)),
            Err(_) => Query::default(),
        }
    }
}

/// Finds the relay: what the query says, else what `tidemark.json` beside the page says, else
/// where the page came from. And where tokens come from, if that file says so.
pub(crate) async fn find_relay(query: &Query) -> (RelayAddress, Option<TokenUrl>) {
    if let Some(asked) = &query.relay {
        // A token of the site is for the site's relay, and for no other that a link names.
        return (asked.clone(), None);
    }
    let Configuration { relay, token_url } = configured().await.unwrap_or_default();
    let origin = window().location().origin().unwrap_or_default();
    let token_url = token_url.and_then(|text| TokenUrl::parse(&text, &origin));
    let relay = relay.and_then(|text| RelayAddress::parse(&text));
    (relay.unwrap_or(RelayAddress(origin)), token_url)
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Configuration {
    relay: Option<String>,
    token_url: Option<String>,
}

async fn configured() -> Option<Configuration> {
    let response = fetch::get("tidemark.json").await.ok()?;
    if !response.ok() {
        return None;
    }
    let text = fetch::text(&response).await.ok()?;
    serde_json::from_slice(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relays_address_gives_every_way_to_reach_it() {
        let relay = RelayAddress::parse("https://relay.example:8443/").unwrap();
        assert_eq!(relay.websocket(), "wss://relay.example:8443/v1/ws");
        assert_eq!(relay.http("/v1/poll"), "https://relay.example:8443/v1/poll");
        let plain = RelayAddress::parse("http://127.0.0.1:7878").unwrap();
        assert_eq!(plain.websocket(), "ws://127.0.0.1:7878/v1/ws");
    }

    #[test]
    fn rubbish_is_no_address_and_no_wish() {
        for bad in ["", "relay.example", "javascript:alert(1)", "https://", "ftp://x"] {
            assert_eq!(RelayAddress::parse(bad), None, "{bad:?} was taken for an address");
        }
        let query = Query::read(|name| match name {
            "transport" => Some("pigeon".into()),
            "seed" => Some("-1".into()),
            _ => None,
        });
        assert_eq!(query, Query::default());
    }

    #[test]
    fn a_page_can_be_asked_to_use_one_transport_only() {
        let query = Query::read(|name| match name {
            "transport" => Some("sse".into()),
            "seed" => Some("7".into()),
            _ => None,
        });
        assert_eq!(query.transport, Some(Transport::Sse));
        assert_eq!(query.seed, Some(7));
    }
}
