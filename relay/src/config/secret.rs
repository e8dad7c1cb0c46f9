//! A text that must not be seen.

use std::fmt;

/// A secret: printed it shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What stands for a secret wherever one would be printed.
    pub(super) const MASK: &'static str = "***";

    pub(crate) fn new(text: String) -> Self {
        Secret(text)
    }

    /// The secret itself, for comparing.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Secret::MASK)
    }
}
