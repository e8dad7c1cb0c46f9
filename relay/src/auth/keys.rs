//! Keys that tell whether a token is an issuer's: read, checked, and bound to one algorithm each.

use std::sync::Arc;

use jsonwebtoken::crypto::{self, CryptoProvider};
use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::Algorithm;

/// Shortest secret: as long as the hash that it goes into. Shorter ones can be found by trying.
const SECRET_BYTES_MIN: usize = 32;

/// RSA keys of fewer bits can be broken.
const RSA_BITS_MIN: usize = 2_048;

/// RSA keys of more bits make every sign-in slow, and nobody uses them.
const RSA_BITS_MAX: usize = 4_096;

/// Most keys of one set. Issuers have two to five.
const KEYS_MAX: usize = 64;

/// Longest name of a key. Those in use are hashes, UUIDs and addresses.
pub(super) const KEY_ID_BYTES_MAX: usize = 256;

/// One key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// What tokens call it; `None` when it is the issuer's only one, whatever they call it.
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// An issuer's keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(Vec<Arc<Key>>);

/// What is no key, or not one that may be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidKeys {
    /// A secret that is too short.
    #[error("a secret must have at least {SECRET_BYTES_MIN} bytes")]
    ShortSecret,
    /// A key that should never have come here.
    #[error("this is a private key: the relay must have the public one only")]
    Private,
    /// No public key.
    #[error(
        "this is no public key in PEM (-----BEGIN PUBLIC KEY-----) of RSA ({RSA_BITS_MIN} to \
         {RSA_BITS_MAX} bits), P-256 or Ed25519"
    )]
    NoPem,
    /// A key of another kind than the algorithms.
    #[error("this key is for {0}, which is not one of the issuer's algorithms")]
    WrongKind(Algorithm),
    /// No set of keys.
    #[error("this is no set of keys (JSON with a list `keys`)")]
    NoSet,
    /// More than are taken.
    #[error("there are more than {KEYS_MAX} keys in this set")]
    TooMany,
    /// A set without a key of use.
    #[error("this set has no key for the issuer's algorithms")]
    NoneOfUse,
}

impl Key {
    /// Whether a signature is this key's.
    pub(super) fn has_signed(&self, signed: &[u8], signature: &str) -> bool {
        let checked = crypto::verify(signature, signed, &self.key, self.algorithm.of_library());
        checked.unwrap_or(false)
    }
}

impl Keys {
    /// A shared secret: for HS256 and nothing else.
    pub(super) fn of_secret(secret: &[u8]) -> Result<Self, InvalidKeys> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(InvalidKeys::ShortSecret);
        }
        let key = DecodingKey::from_secret(secret).map_err(|_| InvalidKeys::ShortSecret)?;
        Ok(Keys::only(Algorithm::Hs256, key))
    }

    /// A public key in PEM.
    pub(super) fn of_pem(pem: &[u8], allowed: &[Algorithm]) -> Result<Self, InvalidKeys> {
        let text = std::str::from_utf8(pem).map_err(|_| InvalidKeys::NoPem)?;
        if text.contains("PRIVATE KEY-----") {
            return Err(InvalidKeys::Private);
        }
        if !text.contains("PUBLIC KEY-----") {
            return Err(InvalidKeys::NoPem);
        }
        let read = rsa_of_pem(pem).map(|key| (Algorithm::Rs256, key));
        let read = read.or_else(|| Some((Algorithm::Es256, DecodingKey::from_ec_pem(pem).ok()?)));
        let read = read.or_else(|| Some((Algorithm::EdDsa, DecodingKey::from_ed_pem(pem).ok()?)));
        let (algorithm, key) = read.ok_or(InvalidKeys::NoPem)?;
        if !is_sound(algorithm, &key) {
            return Err(InvalidKeys::NoPem);
        }
        if !allowed.contains(&algorithm) {
            return Err(InvalidKeys::WrongKind(algorithm));
        }
        Ok(Keys::only(algorithm, key))
    }

    /// A JSON Web Key Set. What is in it for other purposes, or cannot be read, is left out.
    /// Secrets too: a set is public.
    pub(super) fn of_jwks(json: &[u8], allowed: &[Algorithm]) -> Result<Self, InvalidKeys> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(json).map_err(|_| InvalidKeys::NoSet)?;
        if set.keys.len() > KEYS_MAX {
            return Err(InvalidKeys::TooMany);
        }
        let mut keys: Vec<Arc<Key>> = Vec::new();
        for value in set.keys {
            let Ok(jwk) = serde_json::from_value::<Jwk>(value) else { continue };
            let Some(key) = jwk.key(allowed) else { continue };
            let is_there =
                |other: &Arc<Key>| (&other.id, other.algorithm) == (&key.id, key.algorithm);
            if !keys.iter().any(is_there) {
                keys.push(Arc::new(key));
            }
        }
        if keys.is_empty() {
            return Err(InvalidKeys::NoneOfUse);
        }
        Ok(Keys(keys))
    }

    /// The key that a token names. One that names none means the only one there is.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&Arc<Key>> {
        let mut fitting = self.0.iter().filter(|key| {
            let is_named = id.is_none() || key.id.is_none() || key.id.as_deref() == id;
            key.algorithm == algorithm && is_named
        });
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(only),
            // The one that has this very name goes before one without.
            (Some(_), Some(_)) if id.is_some() => {
                self.0.iter().find(|key| key.algorithm == algorithm && key.id.as_deref() == id)
            }
            _ => None,
        }
    }

    fn only(algorithm: Algorithm, key: DecodingKey) -> Self {
        Keys(vec![Arc::new(Key { id: None, algorithm, key })])
    }
}

/// A key of a set, as far as it matters here.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Jwk {
    fn key(self, allowed: &[Algorithm]) -> Option<Key> {
        let is_for_signing = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let (algorithm, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let key = DecodingKey::from_rsa_components(&self.n?, &self.e?).ok()?;
                (Algorithm::Rs256, key)
            }
            ("EC", Some("P-256")) => {
                let key = DecodingKey::from_ec_components(&self.x?, &self.y?).ok()?;
                (Algorithm::Es256, key)
            }
            ("OKP", Some("Ed25519")) => {
                (Algorithm::EdDsa, DecodingKey::from_ed_components(&self.x?).ok()?)
            }
            _ => return None,
        };
        let says_so = self.alg.as_deref().is_none_or(|name| {
            name == algorithm.as_str() || (algorithm == Algorithm::EdDsa && name == "Ed25519")
        });
        let id = self.kid.filter(|id| !id.is_empty());
        let is_named_well = id.as_ref().is_none_or(|id| id.len() <= KEY_ID_BYTES_MAX);
        let counts = is_for_signing
            && says_so
            && is_named_well
            && allowed.contains(&algorithm)
            && is_sound(algorithm, &key);
        counts.then_some(Key { id, algorithm, key })
    }
}

fn rsa_of_pem(pem: &[u8]) -> Option<DecodingKey> {
    let key = DecodingKey::from_rsa_pem(pem).ok()?;
    let der = key.try_get_as_bytes().ok()?;
    let parts = CryptoProvider::try_get_default()?.key_utils.rsa_pub_components_from_public_key;
    let (modulus, exponent) = parts(der).ok()?;
    Some(DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}

/// Whether a key is of a size that is neither weak nor slow. A short Ed25519 key would also make
/// the library panic.
fn is_sound(algorithm: Algorithm, key: &DecodingKey) -> bool {
    const RSA_EXPONENT_BYTES_MAX: usize = 8;
    const ED25519_BYTES: usize = 32;
    let bytes = key.try_get_as_bytes().unwrap_or_default();
    match (algorithm, key.kind()) {
        (Algorithm::Rs256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
            let exponent_fits = e.len() <= RSA_EXPONENT_BYTES_MAX;
            exponent_fits && (RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits(n))
        }
        // The library takes only points on the curve.
        (Algorithm::Es256, _) => crypto::verify("", b"", key, algorithm.of_library()).is_ok(),
        (Algorithm::EdDsa, _) => {
            bytes.len() == ED25519_BYTES
                && crypto::verify("", b"", key, algorithm.of_library()).is_ok()
        }
        _ => false,
    }
}

/// How many bits a number has, its leading zeros left out.
fn bits(number: &[u8]) -> usize {
    let number = number.iter().skip_while(|byte| **byte == 0);
    let (mut count, mut first) = (0, None);
    for byte in number {
        first.get_or_insert(*byte);
        count += 8;
    }
    let unused = first.map_or(0, |byte: u8| byte.leading_zeros());
    count - usize::try_from(unused).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn of(keys: Value) -> Result<Keys, InvalidKeys> {
        Keys::of_jwks(json!({ "keys": keys }).to_string().as_bytes(), &Algorithm::ALL)
    }

    fn okp(kid: &str, x: &str) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x })
    }

    #[test]
    fn a_set_keeps_what_can_be_used_and_leaves_the_rest_out() {
        let keys = of(json!([
            okp("short", "11qY"),
            okp("long", &format!("{X}AAAA")),
            okp("good", X),
            okp("good", X),
            { "kty": "oct", "kid": "secret", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA" },
            { "kty": "OKP", "crv": "Ed25519", "kid": "enc", "use": "enc", "x": X },
            { "kty": "OKP", "crv": "Ed25519", "kid": "ops", "key_ops": ["sign"], "x": X },
            { "kty": "OKP", "crv": "Ed25519", "kid": "alg", "alg": "RS256", "x": X },
            { "kty": "OKP", "crv": "X25519", "kid": "crv", "x": X },
            { "kty": "RSA", "kid": "tiny", "n": "wJ8", "e": "AQAB" },
            { "kty": "EC", "crv": "P-256", "kid": "off", "x": X, "y": X },
            "rubbish",
            { "kid": "nothing" }
        ]))
        .unwrap();
        let ids: Vec<_> = keys.0.iter().map(|key| key.id.clone().unwrap()).collect();
        assert_eq!(ids, ["good"]);
    }

    #[test]
    fn a_set_that_is_none_or_too_large_or_of_no_use_is_refused() {
        for rubbish in ["", "[]", "{}", "<html>", r#"{"keys":5}"#] {
            let read = Keys::of_jwks(rubbish.as_bytes(), &Algorithm::ALL);
            assert_eq!(read.unwrap_err(), InvalidKeys::NoSet, "{rubbish}");
        }
        assert_eq!(of(json!([])).unwrap_err(), InvalidKeys::NoneOfUse);
        let many: Vec<Value> = (0..65).map(|number| okp(&number.to_string(), X)).collect();
        assert_eq!(of(json!(many)).unwrap_err(), InvalidKeys::TooMany);
        let pinned = Keys::of_jwks(
            json!({ "keys": [okp("a", X)] }).to_string().as_bytes(),
            &[Algorithm::Rs256],
        );
        assert_eq!(pinned.unwrap_err(), InvalidKeys::NoneOfUse);
    }

    #[test]
    fn a_key_is_found_by_its_name_and_never_for_another_algorithm() {
        let keys = of(json!([okp("a", X), okp("b", X)])).unwrap();
        let found = |id, algorithm| keys.find(id, algorithm).and_then(|key| key.id.clone());
        assert_eq!(found(Some("b"), Algorithm::EdDsa).as_deref(), Some("b"));
        assert_eq!(found(Some("c"), Algorithm::EdDsa), None);
        assert_eq!(found(Some("b"), Algorithm::Hs256), None);
        assert_eq!(found(None, Algorithm::EdDsa), None, "which of the two?");
        let secret = Keys::of_secret(&[7; 32]).unwrap();
        assert!(secret.find(Some("any"), Algorithm::Hs256).is_some());
        assert!(secret.find(None, Algorithm::EdDsa).is_none());
    }

    #[test]
    fn what_is_no_public_key_is_refused_by_what_it_is() {
        let read = |pem: &str| Keys::of_pem(pem.as_bytes(), &Algorithm::ALL).unwrap_err();
        let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(read(private), InvalidKeys::Private);
        for rubbish in
            ["", "ssh-ed25519 AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
        {
            assert_eq!(read(rubbish), InvalidKeys::NoPem, "{rubbish}");
        }
        assert_eq!(Keys::of_secret(&[7; 31]).unwrap_err(), InvalidKeys::ShortSecret);
    }

    #[test]
    fn leading_zeros_do_not_count() {
        assert_eq!(bits(&[0, 0, 1, 0]), 9);
        assert_eq!(bits(&[0xff]), 8);
        assert_eq!(bits(&[]), 0);
    }
}
