//! Stretches of time as people say them.

use std::time::Duration;

/// `15 minutes`, `1 second`, `90 seconds`.
#[must_use]
pub fn how_long(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        60.. if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let said = |seconds| how_long(Duration::from_secs(seconds));
        for (seconds, words) in
            [(900, "15 minutes"), (60, "1 minute"), (90, "90 seconds"), (1, "1 second")]
        {
            assert_eq!(said(seconds), words);
        }
    }
}
