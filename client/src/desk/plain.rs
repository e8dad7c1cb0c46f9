//! A field's value as text that its user can read and change, and back.

use serde_json::{Map, Value};
use thiserror::Error;

/// A text that is no value of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum NotReadable {
    /// A line of a list of names and values has no colon.
    #[error("{line:?} is not of the form “name: value”")]
    NoName {
        /// The line.
        line: String,
    },
    /// Neither a number, nor true or false, nor other JSON.
    #[error("{text:?} is no value that can stand here")]
    NoValue {
        /// What was read.
        text: String,
    },
}

/// The value as text: lists have an item on each line, groups a name and a value.
pub(crate) fn to_text(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => joined(items.iter().map(|item| to_text(Some(item)))),
        Some(Value::Object(fields)) => {
            joined(fields.iter().map(|(name, value)| format!("{name}: {}", to_text(Some(value)))))
        }
        Some(other) => other.to_string(),
    }
}

/// The text as a value of the same kind as `like`.
pub(crate) fn of_text(text: &str, like: Option<&Value>) -> Result<Value, NotReadable> {
    match like {
        None | Some(Value::String(_)) => Ok(text.into()),
        Some(Value::Array(items)) => {
            let like = items.first();
            lines(text)
                .map(|line| of_text(line, like))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::from)
        }
        Some(Value::Object(fields)) => {
            let mut read = Map::new();
            for line in lines(text) {
                let (name, value) = line
                    .split_once(':')
                    .ok_or_else(|| NotReadable::NoName { line: line.to_owned() })?;
                let (name, value) = (name.trim(), value.trim());
                read.insert(name.to_owned(), of_text(value, fields.get(name))?);
            }
            Ok(Value::Object(read))
        }
        Some(_) => serde_json::from_slice(text.trim().as_bytes())
            .map_err(|_| NotReadable::NoValue { text: text.trim().to_owned() }),
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_not_changed_comes_back_as_it_was() {
        let values = [
            json!("two\nlines"),
            json!(["AAPL", "BTC-USD"]),
            json!({"metric": "price", "op": "above", "threshold": "100.5"}),
            json!(true),
            json!(12),
            json!([]),
        ];
        for value in values {
            assert_eq!(of_text(&to_text(Some(&value)), Some(&value)), Ok(value));
        }
    }

    #[test]
    fn blank_lines_and_spaces_are_no_items() {
        let like = json!(["A"]);
        assert_eq!(of_text(" A \n\n B\n", Some(&like)), Ok(json!(["A", "B"])));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(of_text("perhaps", Some(&json!(true))).is_err());
        assert!(of_text("above", Some(&json!({"op": "above"}))).is_err());
    }
}
