//! Somebody who signs tokens, honestly or not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use tidemark_relay::clock::unix_now;

use super::log_trap::LogTrap;

pub(crate) const ISSUER: &str = "https://login.example/";

/// A secret that is long enough.
pub(crate) const SECRET: &str = "a-secret-of-the-tests-and-nobody-else-0123456789";

pub(crate) const RSA_PRIVATE: &str = include_str!("fixtures/test_only_rsa_private_key.pem");
pub(crate) const RSA_PUBLIC: &str = include_str!("fixtures/test_only_rsa_public_key.pem");
pub(crate) const RSA_TOO_SHORT: &str =
    include_str!("fixtures/test_only_rsa_public_key_too_short.pem");

/// How PKCS #8 says that a private key of Ed25519 follows.
const ED25519_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

pub(crate) struct Signer {
    algorithm: Algorithm,
    key: EncodingKey,
    kid: Option<&'static str>,
    /// What a relay has to know, in PEM.
    pub(crate) public: String,
}

impl Signer {
    pub(crate) fn hs256(secret: &str) -> Self {
        LogTrap::everywhere().keep_secret(secret);
        let key = EncodingKey::from_secret(secret.as_bytes()).unwrap();
        Signer { algorithm: Algorithm::HS256, key, kid: None, public: String::new() }
    }

    pub(crate) fn rs256(kid: &'static str) -> Self {
        let key = EncodingKey::from_rsa_pem(RSA_PRIVATE.as_bytes()).unwrap();
        Signer { algorithm: Algorithm::RS256, key, kid: Some(kid), public: RSA_PUBLIC.to_owned() }
    }

    pub(crate) fn es256(kid: &'static str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let key = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
        let public = pair.public_key_pem();
        Signer { algorithm: Algorithm::ES256, key, kid: Some(kid), public }
    }

    pub(crate) fn eddsa(kid: &'static str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        // The two libraries disagree about what may follow on the 32 bytes of the private key.
        let mut der = pair.serialize_der();
        der.truncate(48);
        der[..16].copy_from_slice(&ED25519_HEAD);
        let key = EncodingKey::from_ed_der(&der);
        let public = pair.public_key_pem();
        Signer { algorithm: Algorithm::EdDSA, key, kid: Some(kid), public }
    }

    /// Its public key, as a member of a set.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = self.kid.map(str::to_owned);
        serde_json::to_value(jwk).unwrap()
    }

    /// A good token with these claims added, or taken out where they are null.
    pub(crate) fn token(&self, more: &Value) -> String {
        self.token_with(&json!({}), more)
    }

    /// The same, with these members added to its head, or taken out.
    pub(crate) fn token_with(&self, more_head: &Value, more: &Value) -> String {
        let name = serde_json::to_value(self.algorithm).unwrap();
        let mut head = json!({ "typ": "JWT", "alg": name });
        if let Some(kid) = self.kid {
            head["kid"] = json!(kid);
        }
        let now_s = unix_now().0 / 1_000;
        let mut claims = json!({
            "iss": ISSUER, "aud": "tidemark", "sub": "alice", "email": "alice@example.org",
            "exp": now_s + 600, "iat": now_s
        });
        merge(&mut head, more_head);
        merge(&mut claims, more);
        self.sign(&head.to_string(), &claims.to_string())
    }

    /// Whatever these texts are, signed.
    pub(crate) fn sign(&self, head: &str, claims: &str) -> String {
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        let token = format!("{message}.{signature}");
        LogTrap::everywhere().keep_secret(&token);
        token
    }
}

/// The settings of an issuer with a key in a file that a test has written.
pub(crate) fn issuer(algorithms: &str, more: &str) -> String {
    format!(
        "[[auth.issuers]]\nissuer = \"{ISSUER}\"\naudience = \"tidemark\"\n\
         algorithms = {algorithms}\n{more}\n"
    )
}

/// The settings of a relay that takes tokens of one issuer, who shares a secret with it.
pub(crate) fn shared_secret() -> String {
    let secret = format!("secret = \"{SECRET}\"");
    format!("[auth]\nmode = \"tokens\"\n{}", issuer("[\"HS256\"]", &secret))
}

fn merge(whole: &mut Value, more: &Value) {
    let whole = whole.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => whole.remove(name),
            value => whole.insert(name.clone(), value.clone()),
        };
    }
}
