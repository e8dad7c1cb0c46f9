//! Whose tokens count, as the operator has it.

use toml::Value;

use super::error::ConfigError;
use crate::auth::{Issuer, Mode};

/// Reads and checks the issuers, and the files of their keys.
pub(super) fn issuers(values: &[Value], mode: Mode) -> Result<Vec<Issuer>, ConfigError> {
    let issuers = values.iter().enumerate().map(|(index, value)| issuer(index, value));
    let issuers = issuers.collect::<Result<Vec<_>, _>>()?;
    match Issuer::check_all(&issuers, mode) {
        Ok(()) => Ok(issuers),
        Err(error) => Err(ConfigError::Issuers { reason: error.to_string() }),
    }
}

fn issuer(index: usize, value: &Value) -> Result<Issuer, ConfigError> {
    value.clone().try_into().map_err(|error: toml::de::Error| {
        let name = value.get("issuer").and_then(Value::as_str);
        let which =
            name.map_or_else(|| format!("number {}", index + 1), |name| format!("{name:?}"));
        let what = error.message().lines().collect::<Vec<_>>().join("; ");
        ConfigError::Issuers { reason: format!("{which}: {what}") }
    })
}
