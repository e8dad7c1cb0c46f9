//! The feeds of a configuration.

use toml::Value;

use super::error::ConfigError;
use crate::feeds::{FeedConfig, catalogue};

/// Most feeds: each is a connection and a topic of its own.
const FEEDS_MAX: usize = 64;

/// Reads and checks the feeds. Without any there is the simulator, so that a relay that was just
/// installed shows something.
pub(super) fn feeds(values: &[Value]) -> Result<Vec<FeedConfig>, ConfigError> {
    if values.len() > FEEDS_MAX {
        let reason = format!("{} of them: at most {FEEDS_MAX} are allowed", values.len());
        return Err(ConfigError::Feeds { reason });
    }
    if values.is_empty() {
        return Ok(vec![FeedConfig::simulator()]);
    }
    let feeds = values.iter().enumerate().map(|(index, value)| feed(index, value));
    let feeds = feeds.collect::<Result<Vec<_>, _>>()?;
    match catalogue(&feeds) {
        Ok(_) => Ok(feeds),
        Err(error) => Err(ConfigError::Feeds { reason: error.to_string() }),
    }
}

fn feed(index: usize, value: &Value) -> Result<FeedConfig, ConfigError> {
    value.clone().try_into().map_err(|error: toml::de::Error| {
        let name = value.get("name").and_then(Value::as_str);
        let which =
            name.map_or_else(|| format!("number {}", index + 1), |name| format!("{name:?}"));
        let what = error.message().lines().collect::<Vec<_>>().join("; ");
        ConfigError::Feeds { reason: format!("feed {which}: {what}") }
    })
}
