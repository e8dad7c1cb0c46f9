//! Which topics a rule speaks of.

use std::str::FromStr;

use thiserror::Error;
use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::{Class, Topic};

/// Stands for the name of whoever asks.
const USER: &str = "{user}";

/// Longest pattern: a topic's name with the user's place in it.
const PATTERN_BYTES_MAX: usize = 128;

/// Topics by class and key: `price:AAPL`, `bars:1m:*`, `feed:*`, `order:{user}`, or `*` for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPattern {
    /// Absent for all classes.
    class: Option<Class>,
    key: String,
    /// Whether more may follow the key.
    is_open: bool,
}

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is no pattern of topics: {why}")]
pub struct InvalidTopicPattern {
    text: String,
    why: String,
}

impl TopicPattern {
    /// Whether a topic is meant, when this user asks for it. `{user}` is the user's name, with the
    /// tenant or without: topics have it in either form.
    #[must_use]
    pub fn covers(&self, topic: &Topic, user: &UserName) -> bool {
        if self.class.is_some_and(|class| class != topic.class()) {
            return false;
        }
        if !self.key.contains(USER) {
            return self.is_key(&self.key, topic.key());
        }
        [user.local(), user.as_str()]
            .iter()
            .any(|name| self.is_key(&self.key.replace(USER, name), topic.key()))
    }

    /// Whether every topic of a class is meant.
    #[must_use]
    pub fn covers_all(&self, class: Class) -> bool {
        self.class.is_none_or(|own| own == class) && self.is_open && self.key.is_empty()
    }

    fn is_key(&self, wanted: &str, key: &str) -> bool {
        if self.is_open { key.starts_with(wanted) } else { key == wanted }
    }
}

impl FromStr for TopicPattern {
    type Err = InvalidTopicPattern;

    fn from_str(text: &str) -> Result<Self, InvalidTopicPattern> {
        let refuse = |why: &str| {
            let text = text.chars().take(PATTERN_BYTES_MAX).collect();
            Err(InvalidTopicPattern { text, why: why.to_owned() })
        };
        if text.len() > PATTERN_BYTES_MAX {
            return refuse("it is longer than any topic");
        }
        if text == "*" {
            return Ok(TopicPattern { class: None, key: String::new(), is_open: true });
        }
        let (name, key) = text.split_once(':').unwrap_or((text, ""));
        let Some(class) = Class::ALL.iter().find(|class| class.as_str() == name).copied() else {
            return refuse("it must begin with a class of topics and a colon, as price:*, or be *");
        };
        let (key, is_open) = match key.strip_suffix('*') {
            Some(begin) => (begin, true),
            None => (key, false),
        };
        let rest = key.replace(USER, "");
        if rest.contains('*') {
            return refuse("a * can stand at the end only");
        }
        if rest.contains(['{', '}']) {
            return refuse("the only word in braces is {user}");
        }
        // Without an open end it is a topic's whole name, so it must be one.
        if !is_open
            && let Err(error) = format!("{name}:{}", key.replace(USER, "A")).parse::<Topic>()
            && !(class == Class::Trending && key.is_empty())
        {
            return refuse(&format!("{error}; end it with * to mean more than one topic"));
        }
        Ok(TopicPattern { class: Some(class), key: key.to_owned(), is_open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, topic: &str, user: &str) -> bool {
        let pattern: TopicPattern = pattern.parse().unwrap();
        pattern.covers(&topic.parse().unwrap(), &user.parse().unwrap())
    }

    #[test]
    fn a_pattern_means_one_topic_or_all_that_begin_like_it() {
        for (pattern, topic, meant) in [
            ("price:AAPL", "price:AAPL", true),
            ("price:AAPL", "price:AAPLX", false),
            ("price:AA*", "price:AAPL", true),
            ("price:*", "bars:1m:AAPL", false),
            ("bars:1m:*", "bars:1m:AAPL", true),
            ("bars:1m:*", "bars:15m:AAPL", false),
            ("*", "trending", true),
            ("trending", "trending", true),
            ("order:{user}", "order:alice", true),
            ("order:{user}", "order:bob", false),
            ("order:{user}-*", "order:alice-7", true),
            ("documents:{user}", "documents:alice", true),
        ] {
            assert_eq!(covers(pattern, topic, "alice"), meant, "{pattern} {topic}");
        }
        assert!(covers("order:{user}", "order:alice", "alice@acme"));
        assert!(covers("documents:{user}", "documents:alice@acme", "alice@acme"));
        assert!(!covers("documents:{user}", "documents:alice@zeta", "alice@acme"));
    }

    #[test]
    fn all_of_a_class_is_meant_only_where_nothing_is_left_out() {
        let covers_all =
            |pattern: &str| pattern.parse::<TopicPattern>().unwrap().covers_all(Class::Feed);
        assert!(covers_all("*") && covers_all("feed:*"));
        assert!(!covers_all("feed:a*") && !covers_all("order:*"));
    }

    #[test]
    fn rubbish_is_no_pattern() {
        let long = format!("price:{}", "A".repeat(200));
        for bad in ["", "prices:*", "price:aapl", "price:A*L", "order:{me}", "bars:AAPL", &long] {
            assert!(bad.parse::<TopicPattern>().is_err(), "{bad:?} was taken");
        }
    }
}
