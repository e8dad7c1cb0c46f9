//! How collections are merged, as the operator has it.

use std::collections::BTreeMap;

use tidemark_shared::documents::Collection;
use tidemark_shared::merge::{RuleSettings, Rules, Strategies};
use toml::{Table, Value};

use super::error::ConfigError;

/// Reads and checks the rules. What is not said stays as it is built in.
pub(super) fn merge(said: &Table) -> Result<Rules, ConfigError> {
    let refuse = |reason: &dyn ToString| {
        let reason = reason.to_string().lines().collect::<Vec<_>>().join("; ");
        ConfigError::Merge { reason }
    };
    let settings: BTreeMap<Collection, RuleSettings> = Value::Table(said.clone())
        .try_into()
        .map_err(|error: toml::de::Error| refuse(&error.message()))?;
    Rules::new(&settings, &Strategies::default()).map_err(|error| refuse(&error))
}
