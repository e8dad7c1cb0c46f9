//! One spelling per value: what is hashed must not depend on who wrote it down.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::document::InvalidDigest;

/// The canonical JSON of a value: no spaces, keys in the order of their UTF-8 bytes, and all else
/// as `serde_json` writes it. For objects with ASCII keys and without fractions, which is all
/// that the documents of this version hold, it is the same as RFC 8785's.
#[must_use]
pub fn canonical_json(value: &impl Serialize) -> String {
    // By way of text, as everything here: serializing straight into a `Value` would be a second
    // copy of every serializer, which the page has to carry.
    let text = serde_json::to_string(value).expect("ours have text keys");
    let value: Value = serde_json::from_str(&text).expect("it was just written");
    let mut text = String::new();
    write(&value, &mut text);
    text
}

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of a value's canonical JSON.
    #[must_use]
    pub fn of(value: &impl Serialize) -> Self {
        Digest(Sha256::digest(canonical_json(value).as_bytes()).into())
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidDigest);
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            let pair = text.get(2 * index..2 * index + 2).ok_or(InvalidDigest)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidDigest)?;
        }
        Ok(Digest(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Self, InvalidDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let value: Value =
            serde_json::from_str(r#"{"b":[1,{"z":"é","a":null}],"a":"1\n"}"#).expect("good JSON");
        assert_eq!(canonical_json(&value), r#"{"a":"1\n","b":[1,{"a":null,"z":"é"}]}"#);
    }

    /// Found when a fuzz target was written: serde_json reads some fractions as their neighbours
    /// unless it is told not to, so the two ends of a line hashed two values, and a sound document
    /// looked damaged.
    #[test]
    fn a_fraction_is_the_same_after_it_was_written_and_read() {
        for text in ["31.245270191439438", "7.3177701707893310e15", "1.1125369292536007e-308"] {
            let value: Value = serde_json::from_str(text).expect("good JSON");
            let exact: f64 = text.parse().expect("a float");
            assert_eq!(value.as_f64(), Some(exact), "{text}");
            let again: Value = serde_json::from_str(&canonical_json(&value)).expect("good JSON");
            assert_eq!(Digest::of(&again), Digest::of(&value), "{text}");
        }
    }

    #[test]
    fn digests_are_sha_256() {
        // From `printf '{}' | sha256sum`.
        let of_nothing = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        let digest = Digest::of(&json!({}));
        assert_eq!(digest.to_string(), of_nothing);
        assert_eq!(of_nothing.parse(), Ok(digest));
        assert!("44136".parse::<Digest>().is_err());
    }
}
