//! Where the relay is.

use std::str::FromStr;

use ::http::Uri;
use thiserror::Error;

/// A relay's address, checked: `http://host:port`, or with `ws://` in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayAddress {
    host: String,
    port: u16,
}

/// A text that is no relay's address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidAddress {
    /// It is no address at all.
    #[error("not an address like http://localhost:7070: {text:?}")]
    NotAnAddress {
        /// What was read.
        text: String,
    },
    /// It asks for something other than plain HTTP.
    #[error("only http:// and ws:// are spoken so far, not {scheme}://")]
    UnknownScheme {
        /// What it asks for.
        scheme: String,
    },
}

impl RelayAddress {
    /// As a socket address for connecting: host and port.
    #[must_use]
    pub fn host_and_port(&self) -> (&str, u16) {
        // The resolver wants a bare IPv6 address, a URL and the header `Host` one in brackets.
        (self.host.trim_start_matches('[').trim_end_matches(']'), self.port)
    }

    /// As the header `Host` has it.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl FromStr for RelayAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let refused = || InvalidAddress::NotAnAddress { text: text.chars().take(200).collect() };
        let uri: Uri = text.parse().map_err(|_| refused())?;
        match uri.scheme_str() {
            Some("http" | "ws") => {}
            Some(other) => return Err(InvalidAddress::UnknownScheme { scheme: other.to_owned() }),
            None => return Err(refused()),
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(refused)?;
        Ok(RelayAddress { host: host.to_owned(), port: uri.port_u16().unwrap_or(80) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_rubbish_is_refused() {
        for (text, authority) in [
            ("http://localhost:7070", "localhost:7070"),
            ("ws://127.0.0.1:1", "127.0.0.1:1"),
            ("http://relay.example/", "relay.example:80"),
            ("http://[::1]:7070", "[::1]:7070"),
        ] {
            assert_eq!(text.parse::<RelayAddress>().unwrap().authority(), authority);
        }
        let address: RelayAddress = "http://[::1]:7070".parse().unwrap();
        assert_eq!(address.host_and_port(), ("::1", 7070));
        for rubbish in ["", "localhost", "/v1", "http://", "a b"] {
            let read = rubbish.parse::<RelayAddress>();
            assert!(matches!(read, Err(InvalidAddress::NotAnAddress { .. })), "{rubbish:?}");
        }
        let tls = "https://relay.example".parse::<RelayAddress>();
        assert!(matches!(tls, Err(InvalidAddress::UnknownScheme { .. })));
    }
}
