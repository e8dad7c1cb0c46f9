//! How old connections are.

use std::time::Duration;

use serde::Serialize;

const MINUTE: Duration = Duration::from_secs(60);
const TEN_MINUTES: Duration = Duration::from_secs(10 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many connections are how old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ages {
    /// Younger than a minute.
    pub under_1_min: u64,
    /// Younger than ten minutes.
    pub under_10_min: u64,
    /// Younger than an hour.
    pub under_1_h: u64,
    /// Younger than a day.
    pub under_1_d: u64,
    /// Older.
    pub older: u64,
}

impl Ages {
    /// Counts one.
    pub fn note(&mut self, age: Duration) {
        let count = match age {
            age if age < MINUTE => &mut self.under_1_min,
            age if age < TEN_MINUTES => &mut self.under_10_min,
            age if age < HOUR => &mut self.under_1_h,
            age if age < DAY => &mut self.under_1_d,
            _ => &mut self.older,
        };
        *count += 1;
    }

    /// Adds those that were counted elsewhere.
    pub fn add(&mut self, others: &Ages) {
        self.under_1_min += others.under_1_min;
        self.under_10_min += others.under_10_min;
        self.under_1_h += others.under_1_h;
        self.under_1_d += others.under_1_d;
        self.older += others.older;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_age_is_counted_once_and_a_border_belongs_to_the_older() {
        let mut ages = Ages::default();
        for age in [Duration::ZERO, MINUTE, TEN_MINUTES, HOUR, DAY, DAY * 40] {
            ages.note(age);
        }
        let expected =
            Ages { under_1_min: 1, under_10_min: 1, under_1_h: 1, under_1_d: 1, older: 2 };
        assert_eq!(ages, expected);
    }
}
