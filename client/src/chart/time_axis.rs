//! Which bars get a time below them, and which.

use std::ops::Range;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::Interval;

use super::series::Candle;
use crate::i18n::{Language, LocalTime, clock_time, date, short_time};

/// Distances between times, in seconds, that people count in.
const STEPS_SECS: [i64; 18] = [
    5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
    604_800, 2_592_000,
];

/// A time below a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TimeTick {
    /// Which bar.
    pub(super) index: usize,
    /// What stands there.
    pub(super) label: String,
}

/// The user's time zone and language.
#[derive(Clone, Copy)]
pub(super) struct Locale {
    /// Minutes to add to UTC at a time.
    pub(super) zone_minutes: fn(UnixMillis) -> i32,
    /// The language.
    pub(super) language: Language,
}

impl Locale {
    pub(super) fn local(&self, time: UnixMillis) -> LocalTime {
        LocalTime::of(time, (self.zone_minutes)(time))
    }
}

/// Times below the bars in `visible`, at least `distance_px` apart.
pub(super) fn time_ticks(
    candles: &[Candle],
    visible: Range<usize>,
    interval: Interval,
    bar_px: f64,
    distance_px: f64,
    locale: Locale,
) -> Vec<TimeTick> {
    let interval_secs = interval.duration().as_secs_f64();
    let wanted_secs = distance_px / bar_px * interval_secs;
    let step = STEPS_SECS.into_iter().find(|step| *step as f64 >= wanted_secs);
    let step_secs = step.unwrap_or(2_592_000);
    let gap_bars = (distance_px / bar_px).ceil() as usize;
    let mut ticks: Vec<TimeTick> = Vec::new();
    let mut day_before = None;
    let mut step_before = None;
    let bars = candles.iter().enumerate().take(visible.end).skip(visible.start);
    for (index, candle) in bars {
        let zone_secs = i64::from((locale.zone_minutes)(candle.start)) * 60;
        let local_secs = candle.start.0.div_euclid(1_000) + zone_secs;
        let step_now = local_secs.div_euclid(step_secs);
        let crossed = step_before.replace(step_now).is_some_and(|before| before != step_now);
        let has_room = ticks.last().is_none_or(|last| index - last.index >= gap_bars);
        if !crossed || !has_room {
            continue;
        }
        let time = locale.local(candle.start);
        let day = (time.year, time.month, time.day);
        let is_new_day = day_before.replace(day).is_some_and(|before| before != day);
        let label = if step_secs >= 86_400 || is_new_day {
            date(time, locale.language)
        } else if step_secs < 60 {
            clock_time(time)
        } else {
            short_time(time)
        };
        ticks.push(TimeTick { index, label });
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::{Series, bar};

    const SEOUL: Locale = Locale { zone_minutes: |_| 540, language: Language::Korean };

    fn labels(from_minute: i64, count: i64, bar_px: f64) -> Vec<String> {
        let mut series = Series::default();
        for minute in from_minute..from_minute + count {
            series.push_live(&bar(minute, "1"));
        }
        let all = 0..series.bars().len();
        time_ticks(series.candles(), all, Interval::Minute1, bar_px, 80.0, SEOUL)
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn times_are_round_in_the_users_zone() {
        // 00:00 UTC is 09:00 in Seoul.
        assert_eq!(labels(0, 61, 8.0), ["09:10", "09:20", "09:30", "09:40", "09:50", "10:00"]);
    }

    #[test]
    fn a_new_day_shows_its_date() {
        // 14:30 UTC is half an hour before Seoul's midnight.
        assert_eq!(labels(870, 61, 8.0), ["23:40", "23:50", "1월 2일", "00:10", "00:20", "00:30"]);
    }

    #[test]
    fn narrow_bars_get_fewer_times() {
        assert_eq!(labels(0, 240, 2.0), ["10:00", "11:00", "12:00"]);
    }
}
