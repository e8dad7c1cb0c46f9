//! What a password may be: long enough, and not what everybody tries first. Nothing else: rules
//! about its characters make passwords worse.

use std::fmt;
use std::ops::RangeInclusive;

use thiserror::Error;
use tidemark_shared::documents::UserName;

/// Shorter ones are guessed; longer ones only cost time.
const BYTES: RangeInclusive<usize> = 10..=256;

/// The passwords of this length that most people use, small letters.
const COMMON: &str = include_str!("common_passwords.txt");

/// A password as somebody typed it. Printed it shows nothing.
#[derive(Clone)]
pub struct Password(String);

/// Why a password will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WeakPassword {
    /// Its length.
    #[error(
        "a password has {} to {} characters (bytes); nothing was changed: choose another one",
        BYTES.start(),
        BYTES.end()
    )]
    Length,
    /// Everybody's.
    #[error(
        "this password is among the first that anybody tries; nothing was changed: choose another \
         one"
    )]
    Common,
    /// The name.
    #[error("a password must not be the user's name; nothing was changed: choose another one")]
    Name,
}

impl Password {
    /// What somebody typed.
    #[must_use]
    pub const fn typed(text: String) -> Self {
        Password(text)
    }

    /// The password, as one that a user may have from now on.
    ///
    /// # Errors
    /// When it will not do.
    pub fn check(&self, user: &UserName) -> Result<(), WeakPassword> {
        let text = self.0.to_lowercase();
        if !BYTES.contains(&self.0.len()) {
            return Err(WeakPassword::Length);
        }
        if text == user.local().to_lowercase() {
            return Err(WeakPassword::Name);
        }
        match COMMON.lines().any(|common| common == text) {
            true => Err(WeakPassword::Common),
            false => Ok(()),
        }
    }

    /// Whether it can be anybody's: others need no hashing.
    pub(super) fn can_be_right(&self) -> bool {
        self.0.len() <= *BYTES.end()
    }

    pub(super) const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn short_common_and_own_names_will_not_do_and_anything_else_does() {
        let user: UserName = "alice-in-wonderland".parse().unwrap();
        let check = |text: &str| Password::typed(text.to_owned()).check(&user);
        assert_eq!(check("nine char"), Err(WeakPassword::Length));
        assert_eq!(check(&"x".repeat(257)), Err(WeakPassword::Length));
        assert_eq!(check("Password123"), Err(WeakPassword::Common));
        assert_eq!(check("Alice-in-Wonderland"), Err(WeakPassword::Name));
        for good in ["ten chars!", "비밀번호입니다", "  \u{0}\t\"'; --", &"x".repeat(256)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_list_is_of_passwords_that_would_do_otherwise() {
        let lines: BTreeSet<&str> = COMMON.lines().collect();
        assert_eq!((lines.len(), COMMON.lines().count()), (100, 100));
        for line in lines {
            assert!(BYTES.contains(&line.len()) && line == line.to_lowercase(), "{line}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        assert_eq!(format!("{:?}", Password::typed("correct horse".to_owned())), "***");
    }
}
