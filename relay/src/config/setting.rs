//! One setting: its key, what is allowed, its default and what it means.

use toml::Value;

use super::kind::Kind;
use super::secret::Secret;

/// One setting whose value is of a kind.
pub(super) struct Setting<K> {
    /// Section and name: `connection.heartbeat_ms`.
    pub(super) key: &'static str,
    /// What it means, line by line.
    pub(super) meaning: &'static [&'static str],
    /// As it would be written into the environment.
    pub(super) default: &'static str,
    pub(super) kind: K,
}

/// A setting of whatever kind, for what concerns all of them.
pub(super) trait AnySetting: Sync {
    fn key(&self) -> &'static str;
    fn meaning(&self) -> &'static [&'static str];
    fn allowed(&self) -> String;
    fn default(&self) -> Value;
    fn of_text(&self, text: &str) -> Value;
    /// A value of it as it may be printed.
    fn printed(&self, value: &Value) -> String;

    /// Its variable in the environment.
    fn variable(&self) -> String {
        format!("TIDEMARK_{}", self.key().replace('.', "_").to_ascii_uppercase())
    }
}

impl<K: Kind + Sync> AnySetting for Setting<K> {
    fn key(&self) -> &'static str {
        self.key
    }

    fn meaning(&self) -> &'static [&'static str] {
        self.meaning
    }

    fn allowed(&self) -> String {
        self.kind.allowed()
    }

    fn default(&self) -> Value {
        self.kind.of_text(self.default)
    }

    fn of_text(&self, text: &str) -> Value {
        self.kind.of_text(text)
    }

    fn printed(&self, value: &Value) -> String {
        match value.as_str() {
            Some(text) if self.kind.is_secret() && !text.is_empty() => {
                format!("{:?}", Secret::MASK)
            }
            _ => value.to_string(),
        }
    }
}
