//! What strangers say of themselves: tokens, and for whom they say that they ask.

use std::net::IpAddr;
use std::path::Path;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use sha2::{Digest as _, Sha256};
use tidemark_relay::auth::Gate;
use tidemark_relay::config::check_text;
use tidemark_relay::serve::forwarded::{is_trusted, origin_of};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{ClientMessage, Encoding, Hello};

const NOW: UnixMillis = UnixMillis(1_763_640_000_000);

const SECRET: &str = "a secret that is long enough for a signature";

/// Two lines, one for each header, and more of the second below them.
pub(super) fn forwarded(data: &[u8]) {
    let trusted: [IpNet; 2] = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
    let mut headers = HeaderMap::new();
    for (index, line) in data.split(|byte| *byte == b'\n').enumerate() {
        let name = if index == 0 { "forwarded" } else { "x-forwarded-for" };
        if let (Ok(value), false) = (HeaderValue::from_bytes(line), line.is_empty()) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let stranger: IpAddr = "192.0.2.1".parse().unwrap();
    assert_eq!(origin_of(stranger, &headers, &trusted), stranger, "a stranger's word counts");
    let proxy: IpAddr = "10.0.0.1".parse().unwrap();
    let named = origin_of(proxy, &headers, &trusted);
    // A proxy puts down with whom it speaks: whoever it names is there, or nobody.
    let mut more = headers.clone();
    more.append("x-forwarded-for", HeaderValue::from_static("198.51.100.7"));
    let client: IpAddr = "198.51.100.7".parse().unwrap();
    let other = origin_of(proxy, &more, &trusted);
    assert!(other == client || other == proxy || headers.contains_key("forwarded"));
    assert!(named == named.to_canonical(), "one address, two spellings");
    let _ = is_trusted(named, &trusted);
}

/// A token as it comes; or, when it begins like JSON, a head and claims on two lines, which are
/// signed as its issuer would.
pub(super) fn tokens(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let is_signed = text.starts_with('{');
    let token = if is_signed { signed(text) } else { text.to_owned() };
    let signed_in = gate().sign_in(&hello(&token), None, NOW);
    match signed_in {
        Ok(identity) => {
            assert!(is_signed, "somebody has guessed a signature");
            assert!(identity.ends_at.is_some_and(|end| end > UnixMillis(NOW.0 - 600_000)));
            assert!(!identity.user.to_string().is_empty());
        }
        Err(error) => assert!(token.len() < 20 || !error.message.contains(&token), "it is told"),
    }
}

fn gate() -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    GATE.get_or_init(|| {
        let text = format!(
            "[auth]\nmode = \"tokens\"\n[[feeds]]\nname = \"s\"\nsource = {{ kind = \"simulator\" }}\n\
             [[auth.issuers]]\nissuer = \"https://login.example/\"\naudience = \"tidemark\"\n\
             algorithms = [\"HS256\"]\nsecret = \"{SECRET}\"\nroles_claim = \"roles\"\n"
        );
        let config = check_text(Path::new("tidemark.toml"), &text);
        Gate::of(&config.unwrap_or_else(|errors| panic!("{errors}")).auth, NOW)
    })
}

fn hello(token: &str) -> Hello {
    let hello = serde_json::json!({ "type": "hello", "protocol": 1, "token": token });
    match Encoding::Json.decode_client(hello.to_string().as_bytes()).unwrap().pop() {
        Some(ClientMessage::Hello(hello)) => hello,
        other => panic!("{other:?}"),
    }
}

/// HS256 (RFC 7515, RFC 2104).
fn signed(text: &str) -> String {
    let (head, claims) = text.split_once('\n').unwrap_or((r#"{"alg":"HS256"}"#, text));
    let head = URL_SAFE_NO_PAD.encode(head);
    let message = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mut key = [0_u8; 64];
    key.iter_mut().zip(SECRET.bytes()).for_each(|(place, byte)| *place = byte);
    let inner = Sha256::digest([&key.map(|byte| byte ^ 0x36)[..], message.as_bytes()].concat());
    let outer = Sha256::digest([&key.map(|byte| byte ^ 0x5c)[..], &inner[..]].concat());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(outer))
}
