//! The bars of one instrument, in all intervals.

use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, BarWindow, Changed, Interval, Symbol, Tick};
use tidemark_shared::protocol::{Metadata, Payload, Priority, Topic};

use super::pace::Pace;
use crate::publication::Publication;

/// A bar that still forms is published at most so often: a chart redraws no faster.
const FORMING_EVERY: Duration = Duration::from_millis(250);

/// The bars of one instrument.
#[derive(Debug)]
pub(super) struct Series {
    lines: [Line; Interval::ALL.len()],
}

/// Who has said what is published, and when the relay took it in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) at: UnixMillis,
}

/// The bars of one interval.
#[derive(Debug)]
struct Line {
    interval: Interval,
    topic: Topic,
    window: BarWindow,
    /// Absent while nobody reads them.
    demand: Option<Demand>,
}

#[derive(Debug, Default)]
struct Demand {
    pace: Pace,
    /// Whether the forming bar has changed since it was last published.
    has_unsent: bool,
}

impl Series {
    pub(super) fn new(symbol: &Symbol) -> Self {
        Series { lines: Interval::ALL.map(|interval| Line::new(symbol, interval)) }
    }

    /// Counts a tick in. Answers whether it came in time.
    pub(super) fn take(
        &mut self,
        tick: Tick,
        source: Source<'_>,
        now: UnixMillis,
        out: &mut Vec<Publication>,
    ) -> bool {
        let mut in_time = false;
        for line in &mut self.lines {
            if let Some(changed) = line.window.take(tick) {
                in_time = true;
                line.publish(changed, source, now, out);
            }
        }
        in_time
    }

    /// Closes what is over at `venue_now`, and publishes what was held back.
    pub(super) fn advance(
        &mut self,
        venue_now: UnixMillis,
        source: Source<'_>,
        out: &mut Vec<Publication>,
    ) {
        for line in &mut self.lines {
            if let Some(changed) = line.window.advance(venue_now) {
                line.publish(changed, source, source.at, out);
            }
            line.publish_held_back(source, out);
        }
    }

    /// The feed was away: what happened meanwhile is not known.
    pub(super) fn interrupt(&mut self) {
        for line in &mut self.lines {
            line.window.interrupt();
        }
    }

    /// From now on the bars of an interval are published, the newest one at once.
    pub(super) fn wanted(
        &mut self,
        interval: Interval,
        source: Source<'_>,
        out: &mut Vec<Publication>,
    ) {
        for line in self.lines.iter_mut().filter(|line| line.interval == interval) {
            line.demand = Some(Demand { has_unsent: true, ..Demand::default() });
            line.publish_held_back(source, out);
        }
    }

    pub(super) fn released(&mut self, interval: Interval) {
        for line in self.lines.iter_mut().filter(|line| line.interval == interval) {
            line.demand = None;
        }
    }

    pub(super) fn seed(&mut self, interval: Interval, bars: impl IntoIterator<Item = Bar>) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.interval == interval) {
            line.window.seed(bars);
        }
    }

    pub(super) fn window(&self, interval: Interval) -> Option<&BarWindow> {
        self.lines.iter().find(|line| line.interval == interval).map(|line| &line.window)
    }

    /// The topics that somebody reads.
    pub(super) fn topics_wanted(&self) -> impl Iterator<Item = &Topic> {
        self.lines.iter().filter(|line| line.demand.is_some()).map(|line| &line.topic)
    }
}

impl Line {
    fn new(symbol: &Symbol, interval: Interval) -> Self {
        Line {
            interval,
            topic: Topic::bars(symbol, interval),
            window: BarWindow::new(interval, bars_max(interval)),
            demand: None,
        }
    }

    fn publish(
        &mut self,
        changed: Changed,
        source: Source<'_>,
        now: UnixMillis,
        out: &mut Vec<Publication>,
    ) {
        let Some(demand) = &mut self.demand else { return };
        for bar in self.window.bars_changed(changed) {
            if !bar.closed {
                demand.has_unsent = true;
                if !demand.pace.allows(now, FORMING_EVERY) {
                    continue;
                }
                demand.pace.done(now);
            }
            demand.has_unsent = false;
            out.push(publication(&self.topic, bar, source));
        }
    }

    fn publish_held_back(&mut self, source: Source<'_>, out: &mut Vec<Publication>) {
        let Some(demand) = &mut self.demand else { return };
        if !demand.has_unsent || !demand.pace.allows(source.at, FORMING_EVERY) {
            return;
        }
        demand.has_unsent = false;
        demand.pace.done(source.at);
        out.extend(self.window.last().map(|bar| publication(&self.topic, bar, source)));
    }
}

fn publication(topic: &Topic, bar: &Bar, source: Source<'_>) -> Publication {
    Publication {
        topic: topic.clone(),
        at: source.at,
        source: source.name.to_owned(),
        priority: Priority::Normal,
        meta: Metadata::default(),
        payload: Payload::Bar(bar.clone()),
    }
}

/// How many bars are kept: about what a chart of that interval shows when it is scrolled back a
/// few screens. At 120 bytes each, all of them are 0.7 MB of an instrument that never rests.
const fn bars_max(interval: Interval) -> usize {
    match interval {
        Interval::Second1 => 900,    // a quarter of an hour
        Interval::Seconds5 => 720,   // an hour
        Interval::Minute1 => 1_500,  // a day
        Interval::Minutes5 => 1_500, // five days
        Interval::Minutes15 => 700,  // a week
        Interval::Hour1 => 750,      // a month
        Interval::Hours4 => 550,     // a quarter
        Interval::Day1 => 750,       // two years, as long as prices are kept at all
    }
}
