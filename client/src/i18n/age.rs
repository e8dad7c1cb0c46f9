//! How old something is, in few characters.

use std::time::Duration;

use super::{Language, Text, fill};

/// An age: `0.3 s`, `12 s`, `4 min`, `3 h`, `2 d`.
pub(crate) fn age(age: Duration, language: Language) -> String {
    let secs = age.as_secs();
    let (text, number) = match secs {
        0..10 => {
            let tenths = age.as_millis() / 100;
            (Text::AgeSeconds, format!("{}.{}", tenths / 10, tenths % 10))
        }
        10..60 => (Text::AgeSeconds, secs.to_string()),
        60..3_600 => (Text::AgeMinutes, (secs / 60).to_string()),
        3_600..86_400 => (Text::AgeHours, (secs / 3_600).to_string()),
        _ => (Text::AgeDays, (secs / 86_400).to_string()),
    };
    fill(text.say(language), &[("n", &number)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_as_exact_as_it_matters() {
        let cases = [
            (0, "0.0 s", "0.0초"),
            (345, "0.3 s", "0.3초"),
            (9_999, "9.9 s", "9.9초"),
            (12_700, "12 s", "12초"),
            (61_000, "1 min", "1분"),
            (7_200_000, "2 h", "2시간"),
            (200_000_000, "2 d", "2일"),
        ];
        for (ms, english, korean) in cases {
            assert_eq!(age(Duration::from_millis(ms), Language::English), english);
            assert_eq!(age(Duration::from_millis(ms), Language::Korean), korean);
        }
    }
}
