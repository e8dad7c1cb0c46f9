//! Random secrets, and what they are known by without being them.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::auth::Credential;

/// 256 bits: nobody guesses them, however long they try.
const BYTES: usize = 32;

/// A secret that only its owner has: of a session, or of a one-time link. Printed it shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; BYTES]);

/// What a token is known by: whoever knows it does not know the token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; BYTES]);

impl Token {
    /// A new one.
    ///
    /// # Panics
    /// When the system has no random numbers: nothing is safe then.
    #[must_use]
    pub fn new() -> Self {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).expect("the system has random numbers");
        Token(bytes)
    }

    /// As it stands in a cookie or a link.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex(&self.0)
    }

    /// What the relay keeps of it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.0).into())
    }

    /// What a page shows to prove that it can read answers to this session, which another site's
    /// page cannot. It lets nobody in.
    #[must_use]
    pub fn csrf(&self) -> String {
        hex(&Sha256::new().chain_update(b"tidemark csrf\0").chain_update(self.0).finalize())
    }
}

impl Default for Token {
    fn default() -> Self {
        Token::new()
    }
}

impl FromStr for Token {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        of_hex(text).map(Token).ok_or(())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Fingerprint {
    /// What a session is called where it can be banned.
    #[must_use]
    pub fn credential(&self) -> Credential {
        const DIGITS: usize = 32;
        let hash = Sha256::new().chain_update(b"tidemark credential\0").chain_update(self.0);
        let digits: String = hex(&hash.finalize()).chars().take(DIGITS).collect();
        Credential(format!("session:{digits}").into())
    }

    pub(super) const fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Fingerprint)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.credential().0)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every character");
        text
    })
}

fn of_hex(text: &str) -> Option<[u8; BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != BYTES * 2 {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// Small letters only: one token, one spelling.
const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_shown_to_nobody() {
        let token = Token::new();
        assert_eq!(token.reveal().parse(), Ok(token.clone()));
        assert_ne!(token, Token::new());
        assert_eq!(format!("{token:?}"), "***");
        let upper = "A".repeat(64);
        for bad in ["", "00", upper.as_str(), &"0".repeat(63), &"0".repeat(65), &"é".repeat(32)] {
            assert_eq!(bad.parse::<Token>(), Err(()), "{bad}");
        }
    }

    #[test]
    fn what_is_told_of_a_token_is_not_what_is_kept_of_it() {
        let token = Token([7; BYTES]);
        let kept = hex(token.fingerprint().as_bytes());
        let Credential(credential) = token.fingerprint().credential();
        let digits = credential.strip_prefix("session:").unwrap();
        assert_eq!(digits.len(), 32);
        assert!(!kept.contains(digits) && !kept.contains(&token.csrf()));
        assert!(!token.csrf().contains(digits));
    }
}
