//! Reads the times of venues that write them as text: RFC 3339 in UTC.

use tidemark_shared::clock::UnixMillis;

use super::BadMessage;

/// The time in a text such as `2021-04-17T16:43:37.314473Z`, cut to milliseconds.
pub(super) fn parse(text: &str) -> Result<UnixMillis, BadMessage> {
    read(text).ok_or_else(|| BadMessage::BadTime { text: text.chars().take(40).collect() })
}

fn read(text: &str) -> Option<UnixMillis> {
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
    let (date, time) = text.split_once('T')?;
    let (year, month, day) = three(date, '-')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (hour, minute, second) = three(clock, ':')?;
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60; // 60 is a leap second
    if !in_range {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(UnixMillis(seconds * 1_000 + millis(fraction)?))
}

fn three(text: &str, separator: char) -> Option<(i64, i64, i64)> {
    let mut parts = text.split(separator).map(digits);
    let read = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(read)
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn millis(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    Some(padded.fold(0, |millis, digit| millis * 10 + i64::from(digit - b'0')))
}

/// Counts years from March, so that the leap day is the last day of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    // 719 468 days lie between March of the year 0 and 1970.
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn venue_times_are_read_to_the_millisecond() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2021-04-17T16:43:37.314473Z", 1_618_677_817_314),
            ("2022-05-20T21:22:34.7Z", 1_653_081_754_700),
            ("2024-02-29T23:59:59.999999999Z", 1_709_251_199_999),
            ("2024-03-01T00:00:00+00:00", 1_709_251_200_000),
            ("2000-12-31T00:00:00.5Z", 978_220_800_500),
        ] {
            assert_eq!(parse(text), Ok(UnixMillis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "Z",
            "2021-04-17",
            "2021-13-17T00:00:00Z",
            "2021-04-17 16:43:37Z",
            "2021-04-17T16:43Z",
            "2021-04-17T16:43:37.Z",
            "2021-04-17T16:43:37.12x4Z",
            "+021-04-17T16:43:37Z",
        ] {
            assert!(parse(text).is_err(), "{text:?} was taken for a time");
        }
    }
}
