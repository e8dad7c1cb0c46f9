//! Who says what: the file, over it the environment, over it the arguments.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::error::{ConfigError, Source};
use super::kind::Kind;
use super::near_miss::near_miss;
use super::setting::{AnySetting, Setting};
use super::settings::ALL;

/// The variable that names the file, which is no setting itself.
const FILE_VARIABLE: &str = "TIDEMARK_CONFIG";

/// What is said, by key; of several who say something, only the last.
#[derive(Debug, Default)]
pub(super) struct Layers {
    said: BTreeMap<&'static str, (Value, Source)>,
    /// The feeds, as the file has them.
    pub(super) feeds: Vec<Value>,
    /// The rules of what users may do, as the file has them.
    pub(super) rights: Vec<Value>,
    /// Whose tokens count, as the file has it.
    pub(super) issuers: Vec<Value>,
    /// How collections are merged, as the file has it.
    pub(super) merge: Table,
    pub(super) errors: Vec<ConfigError>,
}

impl Layers {
    /// Takes in a file's text.
    pub(super) fn take_file(&mut self, path: &Path, text: &str) {
        let mut table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return self.errors.push(no_toml(path, text, &error)),
        };
        match table.remove("feeds") {
            None => {}
            Some(Value::Array(feeds)) => self.feeds = feeds,
            Some(_) => {
                let reason = "must be written as [[feeds]], once for each feed".to_owned();
                self.errors.push(ConfigError::Feeds { reason });
            }
        }
        match table.remove("rights") {
            None => {}
            Some(Value::Array(rules)) => self.rights = rules,
            Some(_) => {
                let reason = "must be written as [[rights]], once for each rule".to_owned();
                self.errors.push(ConfigError::Rights { reason });
            }
        }
        let auth = table.get_mut("auth").and_then(Value::as_table_mut);
        match auth.and_then(|auth| auth.remove("issuers")) {
            None => {}
            Some(Value::Array(issuers)) => self.issuers = issuers,
            Some(_) => {
                let reason = "must be written as [[auth.issuers]], once for each".to_owned();
                self.errors.push(ConfigError::Issuers { reason });
            }
        }
        let documents = table.get_mut("documents").and_then(Value::as_table_mut);
        match documents.and_then(|documents| documents.remove("merge")) {
            None => {}
            Some(Value::Table(merge)) => self.merge = merge,
            Some(_) => {
                let reason =
                    "must be written as [documents.merge.COLLECTION], once for each".to_owned();
                self.errors.push(ConfigError::Merge { reason });
            }
        }
        let mut leaves = Vec::new();
        flatten("", table, &mut leaves);
        for (key, value) in leaves {
            self.take(&key, |_| value, Source::File(path.to_owned()));
        }
    }

    /// Takes in the environment. Other programs' variables may begin as ours do (Kubernetes makes
    /// some of every service's name), so only what looks like a setting of ours must be one.
    pub(super) fn take_environment(&mut self, variables: impl Iterator<Item = (String, String)>) {
        for (variable, text) in variables {
            if !variable.starts_with("TIDEMARK_") || variable == FILE_VARIABLE {
                continue;
            }
            let source = Source::Environment(variable.clone());
            match ALL.iter().find(|setting| setting.variable() == variable) {
                Some(setting) => self.set(*setting, setting.of_text(&text), source),
                None => self.suspect(variable),
            }
        }
    }

    /// Takes in arguments, each `KEY=VALUE`.
    pub(super) fn take_arguments(&mut self, pairs: impl Iterator<Item = String>) {
        for pair in pairs {
            match pair.split_once('=') {
                Some((key, text)) => {
                    self.take(key.trim(), |setting| setting.of_text(text), Source::Argument);
                }
                None => self.errors.push(ConfigError::NoPair { argument: pair }),
            }
        }
    }

    /// The value of a setting that counts, checked. One that is not allowed is put to the errors,
    /// and the default stands in for it so that the rest can be checked too.
    pub(super) fn checked<K: Kind + Sync>(&mut self, setting: &Setting<K>) -> K::Checked {
        let (value, source) = self.of(setting);
        if let Some(checked) = setting.kind.check(&value) {
            return checked;
        }
        self.refuse(setting, setting.allowed(), &value, source);
        setting.kind.check(&AnySetting::default(setting)).expect("a test checks every default")
    }

    /// Puts a value to the errors.
    pub(super) fn refuse(
        &mut self,
        setting: &dyn AnySetting,
        allowed: String,
        value: &Value,
        said_by: Source,
    ) {
        let (key, value) = (setting.key().to_owned(), setting.printed(value));
        self.errors.push(ConfigError::Invalid { key, value, said_by, allowed });
    }

    /// What counts for a setting, and who says so.
    pub(super) fn of(&self, setting: &dyn AnySetting) -> (Value, Source) {
        let said = self.said.get(setting.key()).cloned();
        said.unwrap_or_else(|| (setting.default(), Source::Default))
    }

    fn take(&mut self, key: &str, value: impl FnOnce(&dyn AnySetting) -> Value, said_by: Source) {
        match ALL.iter().find(|setting| setting.key() == key) {
            Some(setting) => self.set(*setting, value(*setting), said_by),
            None => {
                let near = near_miss(key, ALL.iter().map(|setting| setting.key()));
                self.errors.push(ConfigError::UnknownKey { key: key.to_owned(), said_by, near });
            }
        }
    }

    fn set(&mut self, setting: &dyn AnySetting, value: Value, source: Source) {
        self.said.insert(setting.key(), (value, source));
    }

    /// A variable of no setting: a mistake if it is near one, or begins like a section of ours.
    fn suspect(&mut self, variable: String) {
        let rest = variable.trim_start_matches("TIDEMARK_").to_ascii_lowercase();
        let key_of = |setting: &&&dyn AnySetting| setting.key().replace('.', "_");
        let keys: Vec<String> = ALL.iter().map(|setting| key_of(&setting)).collect();
        let near = near_miss(&rest, keys.iter().map(String::as_str));
        let near = ALL.iter().find(|setting| near == Some(key_of(setting).as_str()));
        let in_a_section = ALL.iter().any(|setting| {
            let section = setting.key().split_once('.').map(|(section, _)| section);
            section.is_some_and(|section| rest.starts_with(&format!("{section}_")))
        });
        if near.is_some() || in_a_section {
            self.errors.push(ConfigError::UnknownKey {
                said_by: Source::Environment(variable),
                key: rest,
                near: near.map(|setting| setting.key()),
            });
        }
    }
}

/// Every value of a table by its whole key.
fn flatten(section: &str, table: Table, leaves: &mut Vec<(String, Value)>) {
    for (name, value) in table {
        let key = if section.is_empty() { name } else { format!("{section}.{name}") };
        match value {
            Value::Table(inner) => flatten(&key, inner, leaves),
            leaf => leaves.push((key, leaf)),
        }
    }
}

fn no_toml(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let offset = error.span().map_or(0, |span| span.start);
    let before = text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    ConfigError::NoToml {
        path: path.to_owned(),
        line: before + 1,
        reason: error.message().lines().collect::<Vec<_>>().join("; "),
    }
}
