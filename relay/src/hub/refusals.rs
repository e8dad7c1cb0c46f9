//! How often each limit was hit.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use tidemark_shared::protocol::WireError;

/// How often each limit has refused something, by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusals(BTreeMap<Cow<'static, str>, u64>);

impl Refusals {
    /// Counts a refusal, if it was because of a limit. Names come from us, so they are few.
    pub fn note(&mut self, error: &WireError) {
        if let Some(limit) = &error.limit {
            *self.0.entry(limit.name.clone()).or_default() += 1;
        }
    }

    /// Adds those that were counted elsewhere.
    pub fn add(&mut self, others: &Refusals) {
        for (name, count) in &others.0 {
            *self.0.entry(name.clone()).or_default() += count;
        }
    }

    /// Each limit that has refused something, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (&**name, *count))
    }
}
