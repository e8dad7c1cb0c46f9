//! For whom a proxy says that it asks.
//!
//! Anybody can write such a header, so it counts only where a proxy that the operator trusts has
//! added to it: hops are read from the right, where the nearest proxy wrote, up to the first that
//! is none of those. What stands to the left of it was written by strangers.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// Longest header that is looked at. Each proxy adds some tens of bytes.
const HEADER_BYTES_MAX: usize = 2 * 1024;

/// Most hops that are looked at. Two or three proxies in a row are many.
const HOPS_MAX: usize = 16;

/// Where a request comes from: the other end of the socket, or whom it names, if it is trusted.
/// Headers that make no sense, or that contradict each other, name nobody.
#[must_use]
pub fn origin_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let standard = lines_of(headers, "forwarded").map(|text| client_in(&hops(&text), trusted));
    let usual =
        lines_of(headers, "x-forwarded-for").map(|text| client_in(&usual_hops(&text), trusted));
    let named = match (standard, usual) {
        // A proxy that writes one of them hands the other on as the client wrote it.
        (Some(standard), Some(usual)) => standard.filter(|named| usual == Some(*named)),
        (Some(named), None) | (None, Some(named)) => named,
        (None, None) => None,
    };
    named.unwrap_or(peer)
}

/// Whether somebody is one of the operator's proxies.
#[must_use]
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|network| network.contains(&address))
}

/// All lines of a header as one.
fn lines_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut all: Option<String> = None;
    for line in headers.get_all(name) {
        // What is no text is read as a hop that makes no sense.
        let line = line.to_str().unwrap_or("?");
        match &mut all {
            Some(all) => {
                all.push(',');
                all.push_str(line);
            }
            None => all = Some(line.to_owned()),
        }
    }
    all
}

/// The first hop from the right that is no trusted proxy; the leftmost one if all are.
fn client_in(hops: &[Option<IpAddr>], trusted: &[IpNet]) -> Option<IpAddr> {
    let mut client = None;
    for hop in hops.iter().rev().take(HOPS_MAX) {
        let hop = (*hop)?;
        client = Some(hop);
        if !is_trusted(hop, trusted) {
            break;
        }
    }
    client
}

/// The hops of `X-Forwarded-For`: addresses with commas between them.
fn usual_hops(text: &str) -> Vec<Option<IpAddr>> {
    if text.len() > HEADER_BYTES_MAX {
        return Vec::new();
    }
    text.split(',').map(|hop| address(hop.trim())).collect()
}

/// The hops of `Forwarded` (RFC 7239): `for=` in each element. Commas and semicolons within quotes
/// part nothing: a proxy may quote there what the client has said.
fn hops(text: &str) -> Vec<Option<IpAddr>> {
    if text.len() > HEADER_BYTES_MAX {
        return Vec::new();
    }
    let Some(elements) = split(text, ',') else { return vec![None] };
    let hop = |element: &&str| {
        let mut named = None;
        for pair in split(element, ';')? {
            let (name, value) = pair.split_once('=')?;
            if name.trim().eq_ignore_ascii_case("for") {
                if named.is_some() {
                    return None;
                }
                named = Some(address(unquoted(value.trim()))?);
            }
        }
        named
    };
    elements.iter().map(hop).collect()
}

/// Splits at a character that stands outside quotes; `None` when a quote is never closed.
fn split(text: &str, at: char) -> Option<Vec<&str>> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (index, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            character if character == at && !is_quoted => {
                pieces.push(text.get(start..index)?);
                start = index + character.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(text.get(start..)?);
    (!is_quoted).then_some(pieces)
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// An address, with or without a port. What hides or is unknown is none.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok();
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    parsed.or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn origin(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        origin_of(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    fn usual(value: &str) -> String {
        origin(PROXY, &[("x-forwarded-for", value)])
    }

    fn standard(value: &str) -> String {
        origin(PROXY, &[("forwarded", value)])
    }

    #[test]
    fn nobody_but_a_trusted_proxy_is_believed() {
        for header in [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4")] {
            assert_eq!(origin("9.9.9.9", &[header]), "9.9.9.9");
            assert_eq!(origin("2001:db8::1", &[header]), "2001:db8::1");
            assert_eq!(origin(PROXY, &[header]), "1.2.3.4");
            assert_eq!(origin("::ffff:10.0.0.1", &[header]), "1.2.3.4", "a proxy over both nets");
            assert_eq!(origin("fd00::7", &[header]), "1.2.3.4");
        }
        assert_eq!(origin(PROXY, &[]), PROXY);
    }

    #[test]
    fn the_rightmost_hop_that_is_no_proxy_counts() {
        assert_eq!(usual("6.6.6.6, 1.2.3.4"), "1.2.3.4", "the client wrote the first one");
        assert_eq!(usual("6.6.6.6, 1.2.3.4, 10.0.0.3,10.0.0.2"), "1.2.3.4");
        assert_eq!(usual("10.0.0.9, 10.0.0.3"), "10.0.0.9", "somebody within the operator's net");
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4, 10.0.0.2")];
        assert_eq!(origin(PROXY, &lines), "1.2.3.4");
        assert_eq!(standard("for=6.6.6.6, for=1.2.3.4;proto=https, for=10.0.0.2"), "1.2.3.4");
    }

    #[test]
    fn addresses_are_read_in_every_spelling() {
        for (text, address) in [
            ("1.2.3.4:4711", "1.2.3.4"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
        ] {
            assert_eq!(usual(text), address);
            assert_eq!(standard(&format!("For=\"{text}\";by=10.0.0.1")), address);
        }
        assert_eq!(standard("proto=http;FOR=1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn what_makes_no_sense_names_nobody() {
        for text in ["", " ", ",", "unknown", "1.2.3", "1.2.3.4 5.6.7.8", "1.2.3.4,", "<script>"] {
            assert_eq!(usual(text), PROXY, "{text:?}");
        }
        assert_eq!(usual("1.2.3.4, unknown, 10.0.0.2"), PROXY, "nothing left of it is looked at");
        for text in [
            "",
            "for",
            "for=",
            "for=_hidden",
            "for=unknown",
            "for=\"1.2.3.4",
            "by=1.2.3.4",
            ";",
            "for=1.2.3.4;for=6.6.6.6",
        ] {
            assert_eq!(standard(text), PROXY, "{text:?}");
        }
    }

    #[test]
    fn a_quoted_comma_brings_in_no_hop_of_a_clients_own() {
        assert_eq!(standard(r#"for=1.2.3.4;host="a,for=6.6.6.6""#), "1.2.3.4");
        assert_eq!(standard(r#"for=1.2.3.4;host="a\",for=6.6.6.6""#), "1.2.3.4");
    }

    #[test]
    fn headers_that_contradict_each_other_name_nobody() {
        let both = |x: &str| origin(PROXY, &[("forwarded", "for=6.6.6.6"), ("x-forwarded-for", x)]);
        assert_eq!(both("1.2.3.4"), PROXY);
        assert_eq!(both("unknown"), PROXY);
        assert_eq!(both("6.6.6.6"), "6.6.6.6");
    }

    #[test]
    fn longer_than_any_proxy_makes_it_names_nobody() {
        assert_eq!(usual(&"1.2.3.4,".repeat(300)), PROXY);
        assert_eq!(standard(&"for=1.2.3.4,".repeat(300)), PROXY);
        let many = "10.0.0.2,".repeat(100) + "10.0.0.2";
        assert_eq!(usual(&many), "10.0.0.2", "sixteen are looked at");
    }

    proptest! {
        #[test]
        fn anything_at_all_is_read_without_panic(text in "[ -~]{0,200}") {
            usual(&text);
            standard(&text);
        }

        #[test]
        fn what_a_client_writes_before_its_proxy_changes_nothing(text in "[ -!#-~]{0,200}") {
            prop_assert_eq!(usual(&format!("{text},1.2.3.4")), "1.2.3.4");
        }
    }
}
