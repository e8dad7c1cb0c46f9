//! A token as somebody presents it: taken apart and looked at, before anything is computed.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::Algorithm;
use super::keys::{KEY_ID_BYTES_MAX, Key};

/// Largest token. It must fit into a request's head, and those with many roles take 4 KiB.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// Largest head of a token, as it comes. It holds two or three short words.
const HEAD_BYTES_MAX: usize = 1024;

/// Why a token does not count. Nothing of the token is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Its length.
    #[error("a token has at most {TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// It is something else.
    #[error("this is no signed token (three parts between dots, nothing before and after)")]
    Malformed,
    /// Its head.
    #[error("its head cannot be read, or has a member that is not taken here: {0}")]
    Head(&'static str),
    /// How it says that it is signed.
    #[error("tokens that are signed like this are not taken")]
    Algorithm,
    /// Whose it says that it is.
    #[error("tokens of this issuer are not taken")]
    Issuer,
    /// Something that it must say.
    #[error("{0} is missing, or is not of the right kind")]
    Claim(&'static str),
    /// Whom it is for.
    #[error("it is for somebody else: its aud is another one")]
    Audience,
    /// It is over.
    #[error("it has expired")]
    Expired,
    /// It has not begun.
    #[error("it does not count yet")]
    NotYet,
    /// A tenant that its issuer may not speak for.
    #[error("its issuer may not speak for this tenant")]
    Tenant,
    /// Who has signed it.
    #[error("the key that it is signed with is none of its issuer's")]
    UnknownKey,
    /// It was not signed, or was changed since.
    #[error("its signature is wrong")]
    Signature,
    /// Its issuer has to be asked first.
    #[error("its issuer's keys are being fetched")]
    KeysAwaited {
        /// When to come back.
        retry_after_ms: u64,
    },
}

/// The members of a JSON object, each there once.
#[derive(Clone, PartialEq)]
pub(super) struct Members(BTreeMap<String, Value>);

/// A token whose parts could be read. Nothing that it says is true before its signature was looked
/// at.
pub(super) struct Token<'a> {
    pub(super) algorithm: Algorithm,
    /// What it calls the key that it was signed with.
    pub(super) key_id: Option<String>,
    pub(super) claims: Members,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    pub(super) fn read(text: &'a str) -> Result<Self, TokenError> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let is_spelled = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !text.bytes().all(is_spelled) {
            return Err(TokenError::Malformed);
        }
        let mut parts = text.split('.');
        let (Some(head), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed);
        };
        if head.is_empty() || claims.is_empty() || signature.is_empty() {
            return Err(TokenError::Malformed);
        }
        if head.len() > HEAD_BYTES_MAX {
            return Err(TokenError::Head("more than 1024 bytes"));
        }
        // All three are spelled in the one way there is, so that no token has two texts.
        let is_decodable = URL_SAFE_NO_PAD.decode(signature).is_ok();
        let head = Members::of_part(head).filter(|_| is_decodable).ok_or(TokenError::Malformed)?;
        let (algorithm, key_id) = read_head(&head)?;
        let signed = text.get(..text.len() - signature.len() - 1).ok_or(TokenError::Malformed)?;
        let claims = Members::of_part(claims).ok_or(TokenError::Malformed)?;
        Ok(Token { algorithm, key_id, claims, signed, signature })
    }

    /// Whether a key has signed it.
    pub(super) fn is_signed_by(&self, key: &Key) -> bool {
        key.has_signed(self.signed.as_bytes(), self.signature)
    }

    /// What is signed, in short. Without the signature: some kinds of those have two spellings.
    pub(super) fn digest(&self) -> String {
        hex(&Sha256::digest(self.signed.as_bytes()))
    }
}

impl Members {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    fn of_part(part: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

/// Refuses an object that says one thing twice: others may take the other one.
impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member is there twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

/// How it is signed, and with which key.
fn read_head(head: &Members) -> Result<(Algorithm, Option<String>), TokenError> {
    // Each would change what the other members, or the parts, mean. Where to find keys (`jku`,
    // `jwk`, `x5u`, `x5c`) is not read at all: the configuration says it.
    for member in ["crit", "b64", "enc", "zip"] {
        if head.get(member).is_some() {
            return Err(TokenError::Head(member));
        }
    }
    match head.get("typ") {
        None => {}
        Some(Value::String(kind)) if is_sign_in(kind) => {}
        Some(_) => return Err(TokenError::Head("typ")),
    }
    let algorithm = match head.get("alg") {
        Some(Value::String(name)) => name.parse().map_err(|_| TokenError::Algorithm)?,
        _ => return Err(TokenError::Head("alg")),
    };
    let key_id = match head.get("kid") {
        None => None,
        Some(Value::String(id)) if is_key_id(id) => Some(id.clone()),
        Some(_) => return Err(TokenError::Head("kid")),
    };
    Ok((algorithm, key_id))
}

/// Tokens for other purposes are signed with the same keys: they let nobody in.
fn is_sign_in(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    matches!(kind.strip_prefix("application/").unwrap_or(&kind), "jwt" | "at+jwt")
}

/// Hashes, UUIDs, addresses. It is only ever compared; what is in no such name is not even that.
fn is_key_id(id: &str) -> bool {
    let is_spelled = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/=+@~#".contains(&byte);
    (1..=KEY_ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(is_spelled)
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(json: &str) -> String {
        URL_SAFE_NO_PAD.encode(json)
    }

    fn read(head: &str, claims: &str) -> Result<Algorithm, TokenError> {
        let text = format!("{}.{}.AAAA", part(head), part(claims));
        Token::read(&text).map(|token| token.algorithm)
    }

    #[test]
    fn a_head_says_how_and_with_which_key() {
        assert_eq!(read(r#"{"alg":"ES256"}"#, "{}"), Ok(Algorithm::Es256));
        assert_eq!(
            read(r#"{"alg":"HS256","typ":"at+JWT","kid":"https://a/b#1"}"#, "{}"),
            Ok(Algorithm::Hs256)
        );
        for (head, refusal) in [
            (r#"{"alg":"none"}"#, TokenError::Algorithm),
            (r#"{"alg":"None"}"#, TokenError::Algorithm),
            (r#"{"alg":"hs256"}"#, TokenError::Algorithm),
            (r#"{"alg":"HS512"}"#, TokenError::Algorithm),
            (r#"{"alg":""}"#, TokenError::Algorithm),
            (r#"{"alg":["HS256"]}"#, TokenError::Head("alg")),
            ("{}", TokenError::Head("alg")),
            (r#"{"alg":"HS256","crit":["exp"]}"#, TokenError::Head("crit")),
            (r#"{"alg":"HS256","b64":false}"#, TokenError::Head("b64")),
            (r#"{"alg":"HS256","b64":true,"crit":["b64"]}"#, TokenError::Head("crit")),
            (r#"{"alg":"dir","enc":"A128GCM"}"#, TokenError::Head("enc")),
            (r#"{"alg":"HS256","zip":"DEF"}"#, TokenError::Head("zip")),
            (r#"{"alg":"HS256","typ":"logout+jwt"}"#, TokenError::Head("typ")),
            (r#"{"alg":"HS256","typ":1}"#, TokenError::Head("typ")),
            (r#"{"alg":"HS256","kid":""}"#, TokenError::Head("kid")),
            (r#"{"alg":"HS256","kid":5}"#, TokenError::Head("kid")),
            (r#"{"alg":"HS256","kid":"x' OR '1'='1"}"#, TokenError::Head("kid")),
            (r#"{"alg":"HS256","kid":"a\u0000b"}"#, TokenError::Head("kid")),
            (r#"{"alg":"HS256","alg":"none"}"#, TokenError::Malformed),
            (r#"["HS256"]"#, TokenError::Malformed),
            ("", TokenError::Malformed),
        ] {
            assert_eq!(read(head, "{}"), Err(refusal), "{head}");
        }
        let long = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(600));
        assert_eq!(read(&long, "{}"), Err(TokenError::Head("kid")));
    }

    #[test]
    fn what_is_no_signed_token_is_refused_by_its_shape() {
        let (head, claims) = (part(r#"{"alg":"HS256"}"#), part("{}"));
        let good = format!("{head}.{claims}.AAAA");
        assert!(Token::read(&good).is_ok());
        for bad in [
            String::new(),
            "..".to_owned(),
            format!("{head}.{claims}"),
            format!("{head}.{claims}."),
            format!(".{claims}.AAAA"),
            format!("{head}..AAAA"),
            format!("{good}.AAAA"),
            format!("{good}.AAAA.AAAA"),
            format!("{good}\n"),
            format!(" {good}"),
            format!("{good}="),
            format!("{head}.{claims}.AA+A"),
            format!("{head}.{claims}.AAAAA"),
            // The same bytes in a second spelling.
            format!("{head}.{claims}.AB"),
            format!("{head}.{}.AAAA", part(r#"{"sub":"a","sub":"b"}"#)),
            format!("{head}.{}.AAAA", part("{}x")),
            r#"{"payload":"e30","signatures":[{},{}]}"#.to_owned(),
        ] {
            assert_eq!(Token::read(&bad).err(), Some(TokenError::Malformed), "{bad}");
        }
        let long = format!("{head}.{}.AAAA", "A".repeat(TOKEN_BYTES_MAX));
        assert_eq!(Token::read(&long).err(), Some(TokenError::TooLong));
        let long = format!("{}.{claims}.AAAA", "A".repeat(2_000));
        assert!(matches!(Token::read(&long).err(), Some(TokenError::Head(_))));
    }
}
