//! Times of day and dates in the user's time zone.

use tidemark_shared::clock::UnixMillis;

use super::Language;

const DAY_MS: i64 = 86_400_000;

/// A time as a clock and a calendar on the user's wall show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalTime {
    /// 2026
    pub(crate) year: i64,
    /// 1 to 12
    pub(crate) month: u32,
    /// 1 to 31
    pub(crate) day: u32,
    /// 0 to 23
    pub(crate) hour: u32,
    /// 0 to 59
    pub(crate) minute: u32,
    /// 0 to 59
    pub(crate) second: u32,
}

impl LocalTime {
    /// The local time in a zone that is `zone_minutes` ahead of UTC.
    pub(crate) fn of(time: UnixMillis, zone_minutes: i32) -> Self {
        let local = time.0.saturating_add(i64::from(zone_minutes) * 60_000);
        let second_of_day = local.rem_euclid(DAY_MS) / 1_000;
        let (year, month, day) = civil(local.div_euclid(DAY_MS));
        // All of them are within a day or a year.
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        LocalTime {
            year,
            month: small(month),
            day: small(day),
            hour: small(second_of_day / 3_600),
            minute: small(second_of_day / 60 % 60),
            second: small(second_of_day % 60),
        }
    }
}

/// `13:05:09`
pub(crate) fn clock_time(time: LocalTime) -> String {
    format!("{:02}:{:02}:{:02}", time.hour, time.minute, time.second)
}

/// `13:05`
pub(crate) fn short_time(time: LocalTime) -> String {
    format!("{:02}:{:02}", time.hour, time.minute)
}

/// `20 Nov`, `11월 20일`
pub(crate) fn date(time: LocalTime, language: Language) -> String {
    match language {
        Language::English => format!("{} {}", time.day, month_name(time.month)),
        Language::Korean => format!("{}월 {}일", time.month, time.day),
    }
}

/// `20 Nov 2026 13:05:09`, `2026년 11월 20일 13:05:09`
pub(crate) fn date_time(time: LocalTime, language: Language) -> String {
    let date = date(time, language);
    match language {
        Language::English => format!("{date} {} {}", time.year, clock_time(time)),
        Language::Korean => format!("{}년 {date} {}", time.year, clock_time(time)),
    }
}

fn month_name(month: u32) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

/// Year, month and day of a number of days since 1970-01-01. Counts in years that begin in March,
/// so that the leap day is a year's last, and in eras of 400 years, after which all repeats.
fn civil(days: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097;
    // From 0000-03-01 to 1970-01-01.
    let days = days + 719_468;
    let era = days.div_euclid(ERA_DAYS);
    let day_of_era = days.rem_euclid(ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // March to January have 153 days per five months.
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_on_the_users_wall() {
        let time = UnixMillis(1_795_180_509_000); // 2026-11-20T13:15:09Z
        let seoul = LocalTime::of(time, 540);
        assert_eq!(date_time(seoul, Language::Korean), "2026년 11월 20일 22:15:09");
        let new_york = LocalTime::of(time, -300);
        assert_eq!(date_time(new_york, Language::English), "20 Nov 2026 08:15:09");
    }

    #[test]
    fn the_calendar_knows_leap_days_and_times_before_1970() {
        let cases = [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (951_782_400_000, (2000, 2, 29)),
            (4_107_542_400_000, (2100, 3, 1)),
            (1_709_164_800_000, (2024, 2, 29)),
        ];
        for (ms, (year, month, day)) in cases {
            let time = LocalTime::of(UnixMillis(ms), 0);
            assert_eq!((time.year, time.month, time.day), (year, month, day), "{ms}");
        }
    }
}
