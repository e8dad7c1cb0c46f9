//! Whatever is brought instead of a token: nobody comes in by it, and nothing breaks.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::json;
use tidemark_relay::auth::Gate;
use tidemark_relay::clock::unix_now;
use tidemark_shared::protocol::ErrorCode;

use super::house::{gate, hello};
use super::signer::{SECRET, Signer, shared_secret};

static GATE: LazyLock<Arc<Gate>> = LazyLock::new(|| gate(&shared_secret(), unix_now()));

/// Lives for long enough to be changed in many ways.
static GOOD: LazyLock<String> = LazyLock::new(|| Signer::hs256(SECRET).token(&json!({})));

fn refused(token: &str) -> bool {
    let refused = GATE.sign_in(&hello(token), None, unix_now());
    refused.is_err_and(|error| error.code == ErrorCode::Unauthorized)
}

/// A head or a body that is nearly one.
fn nearly_json() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "alg", "kid", "typ", "crit", "iss", "aud", "exp", "nbf", "iat", "sub", "jti", "roles",
    ]);
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("\"HS256\"".to_owned()),
        Just("\"https://login.example/\"".to_owned()),
        Just("\"tidemark\"".to_owned()),
        Just("1e308".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        "\\PC{0,8}".prop_map(|text| json!(text).to_string()),
        Just("[".repeat(200)),
        Just("{\"a\":[1,\"x\"]}".to_owned()),
    ];
    prop::collection::vec((name, value), 0..6).prop_map(|members| {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        prop_assert!(refused(&text));
    }

    #[test]
    fn any_parts(parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..6)) {
        prop_assert!(refused(&parts.join(".")));
    }

    #[test]
    fn a_good_token_with_one_byte_changed(place in any::<prop::sample::Index>(), byte in 33_u8..127) {
        let mut bytes = GOOD.clone().into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        prop_assert!(refused(&String::from_utf8(bytes).unwrap()));
    }

    #[test]
    fn a_good_token_cut_or_longer(length in 0..400_usize, more in "[A-Za-z0-9_.-]{1,9}") {
        prop_assert!(refused(&GOOD[..length.min(GOOD.len() - 1)]));
        let longer = GOOD.clone() + &more;
        prop_assert!(refused(&longer));
    }

    /// Even with the right signature.
    #[test]
    fn anything_signed_that_is_not_for_us(head in nearly_json(), claims in nearly_json()) {
        let token = Signer::hs256(SECRET).sign(&head, &claims);
        // No user, audience and end all at once come about by chance with all of the rest.
        if let Ok(identity) = GATE.sign_in(&hello(&token), None, unix_now()) {
            let all = ["\"iss\":\"https://login.example/\"", "\"aud\":\"tidemark\"", "\"exp\":", "\"sub\":"];
            prop_assert!(all.iter().all(|part| claims.contains(part)), "{identity:?} by {claims}");
        }
    }
}
