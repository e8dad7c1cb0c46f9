//! What was, some minutes ago: for those who may not see prices as they come.
//!
//! Quotes go in as they are published and come out `delay` later, each symbol's newest of a second
//! and no more than one a second. In between they wait here, in slots of a second: a symbol has at
//! most as many as its delay has seconds. After a start of the relay nothing waits yet: what was
//! before it is told to nobody twice.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Quote, Symbol};
use tidemark_shared::protocol::{Class, Metadata, Payload, Priority, Topic};

use super::market::{Output, Touch};
use super::pace::Pace;
use crate::publication::Publication;

/// As long as exchanges ask for.
const DELAY_DEFAULT: Duration = Duration::from_secs(15 * 60);

/// One quote of each second waits, and one is published a second.
const SLOT: Duration = Duration::from_secs(1);

/// Most slots of one symbol, at 250 bytes each: the longest delay that can be set, and a minute for
/// venues whose clocks are ahead.
const SLOTS_MAX: usize = 3_600 + 60;

/// What is so far ahead of the clock came before the clock was set back, and would wait for ever.
const AHEAD_MAX: Duration = Duration::from_secs(60);

/// Whose past is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Of every symbol: somebody may ask for it at any time.
    Every,
    /// Of symbols whose delayed topic is read, and a delay longer.
    #[default]
    Read,
}

/// The delay line of all symbols.
#[derive(Debug)]
pub(super) struct DelayLine {
    delay: Duration,
    keep: Keep,
    lines: HashMap<Symbol, Line>,
}

/// The recent past of one symbol.
#[derive(Debug)]
struct Line {
    topic: Topic,
    /// When nobody has read it for a delay; absent while somebody does, or where all are kept.
    until: Option<UnixMillis>,
    /// What is not due yet, in the order of their times.
    waiting: VecDeque<Slot>,
    /// The newest that is due.
    due: Option<Past>,
    pace: Pace,
    has_news: bool,
}

/// A second of the past: what it ended with, and until when its source was heard.
#[derive(Debug)]
struct Slot {
    time: UnixMillis,
    quote: Option<Past>,
}

/// A quote as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Past {
    pub(super) quote: Quote,
    /// When the relay took it in.
    pub(super) at: UnixMillis,
    source: String,
    /// The newest time in it: a venue's clock may be ahead of ours.
    time: UnixMillis,
}

impl Default for DelayLine {
    fn default() -> Self {
        DelayLine::new(DELAY_DEFAULT, Keep::default())
    }
}

impl DelayLine {
    pub(super) fn new(delay: Duration, keep: Keep) -> Self {
        DelayLine { delay, keep, lines: HashMap::new() }
    }

    pub(super) const fn delay(&self) -> Duration {
        self.delay
    }

    /// Takes in what was just published, and what was found to be still true.
    pub(super) fn note(&mut self, out: &Output, now: UnixMillis) {
        if self.keep == Keep::Read && self.lines.is_empty() {
            return;
        }
        for publication in &out.publications {
            if let (Class::Price, Payload::Quote(quote)) =
                (publication.topic.class(), &publication.payload)
                && let Some(symbol) = publication.topic.symbol()
            {
                let time = publication.at.max(quote.time);
                let source = publication.source.clone();
                let past = Past { quote: quote.clone(), at: publication.at, source, time };
                self.enter(&symbol, time, Some(past), now);
            }
        }
        for touch in out.touches.iter().filter(|touch| touch.topic.class() == Class::Price) {
            if let Some(symbol) = touch.topic.symbol() {
                self.enter(&symbol, touch.as_of, None, now);
            }
        }
    }

    /// Lets out what is due.
    pub(super) fn advance(&mut self, now: UnixMillis, out: &mut Output) {
        self.lines.retain(|_, line| line.until.is_none_or(|until| now < until));
        for line in self.lines.values_mut() {
            line.advance(now, self.delay, out);
        }
    }

    /// Somebody reads a symbol's past from now on. What is known of it now is where it begins.
    pub(super) fn wanted(
        &mut self,
        symbol: &Symbol,
        newest: Option<(&Quote, &str)>,
        now: UnixMillis,
    ) {
        let is_new = !self.lines.contains_key(symbol);
        self.lines.entry(symbol.clone()).or_insert_with(|| Line::new(symbol)).until = None;
        if let (true, Some((quote, source))) = (is_new, newest) {
            let (quote, source) = (quote.clone(), source.to_owned());
            let time = now.max(quote.time);
            self.enter(symbol, time, Some(Past { quote, at: now, source, time }), now);
        }
    }

    /// Nobody reads it any more. It is kept for a delay: who comes back by then need not wait.
    pub(super) fn released(&mut self, symbol: &Symbol, now: UnixMillis) {
        if let (Keep::Read, Some(line)) = (self.keep, self.lines.get_mut(symbol)) {
            line.until = Some(now + self.delay);
        }
    }

    /// A symbol's quote as it was a delay before `now`.
    pub(super) fn quote(&self, symbol: &Symbol, now: UnixMillis) -> Option<&Past> {
        let line = self.lines.get(symbol)?;
        let waiting = line.waiting.iter().filter_map(|slot| slot.quote.as_ref());
        line.due.iter().chain(waiting).take_while(|past| past.time + self.delay <= now).last()
    }

    /// When the first of what waits is due.
    pub(super) fn due_at(&self, symbol: &Symbol) -> Option<UnixMillis> {
        let mut waiting = self.lines.get(symbol)?.waiting.iter();
        waiting.find_map(|slot| slot.quote.as_ref()).map(|past| past.time + self.delay)
    }

    fn enter(&mut self, symbol: &Symbol, time: UnixMillis, quote: Option<Past>, now: UnixMillis) {
        if self.keep == Keep::Every && !self.lines.contains_key(symbol) {
            self.lines.insert(symbol.clone(), Line::new(symbol));
        }
        if let Some(line) = self.lines.get_mut(symbol) {
            line.enter(time, quote, now);
        }
    }
}

impl Line {
    fn new(symbol: &Symbol) -> Self {
        Line {
            topic: Topic::delayed(symbol),
            until: None,
            waiting: VecDeque::new(),
            due: None,
            pace: Pace::default(),
            has_news: false,
        }
    }

    fn enter(&mut self, time: UnixMillis, mut quote: Option<Past>, now: UnixMillis) {
        while self.waiting.back().is_some_and(|last| last.time > now + AHEAD_MAX) {
            self.waiting.pop_back();
        }
        // What came later is never let out earlier, whatever its venue's clock says.
        let time = self.waiting.back().map_or(time, |last| time.max(last.time));
        if let Some(past) = &mut quote {
            past.time = past.time.max(time);
        }
        let slot_ms = i64::try_from(SLOT.as_millis()).unwrap_or(i64::MAX);
        match self.waiting.back_mut() {
            Some(last) if last.time.0.div_euclid(slot_ms) == time.0.div_euclid(slot_ms) => {
                last.time = time;
                last.quote = quote.or(last.quote.take());
            }
            _ => self.waiting.push_back(Slot { time, quote }),
        }
        if self.waiting.len() > SLOTS_MAX {
            self.waiting.pop_front();
        }
    }

    fn advance(&mut self, now: UnixMillis, delay: Duration, out: &mut Output) {
        let mut true_until = None;
        while let Some(slot) = self.waiting.pop_front() {
            if slot.time + delay > now {
                self.waiting.push_front(slot);
                break;
            }
            true_until = Some(slot.time);
            if let Some(past) = slot.quote {
                self.has_news |= self.due.as_ref().is_none_or(|due| due.quote != past.quote);
                self.due = Some(past);
            }
        }
        let Some(due) = &self.due else { return };
        if self.has_news && self.pace.allows(now, SLOT) {
            self.has_news = false;
            self.pace.done(now);
            out.publications.push(Publication {
                topic: self.topic.clone(),
                at: due.at,
                source: due.source.clone(),
                priority: Priority::Normal,
                meta: Metadata::default(),
                payload: Payload::Quote(due.quote.clone()),
            });
        } else if let (false, Some(as_of)) = (self.has_news, true_until) {
            out.touches.push(Touch { topic: self.topic.clone(), as_of });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DELAY: Duration = Duration::from_secs(5);

    fn symbol() -> Symbol {
        "AAPL".parse().unwrap()
    }

    fn quoted(price: i64, time_ms: i64, at_ms: i64) -> Output {
        let quote = Quote::of_price(price.to_string().parse().unwrap(), UnixMillis(time_ms));
        let publication = Publication {
            topic: Topic::price(&symbol()),
            at: UnixMillis(at_ms),
            source: "test".to_owned(),
            priority: Priority::Normal,
            meta: Metadata::default(),
            payload: Payload::Quote(quote),
        };
        Output { publications: vec![publication], touches: Vec::new() }
    }

    fn prices(out: &Output) -> Vec<String> {
        let price = |publication: &Publication| match &publication.payload {
            Payload::Quote(quote) => quote.price.to_string(),
            other => panic!("{other:?} came out"),
        };
        out.publications.iter().map(price).collect()
    }

    fn advance(line: &mut DelayLine, now_ms: i64) -> Output {
        let mut out = Output::default();
        line.advance(UnixMillis(now_ms), &mut out);
        out
    }

    #[test]
    fn a_quote_comes_out_when_it_is_old_enough_with_the_time_at_which_it_was_new() {
        let mut line = DelayLine::new(DELAY, Keep::Every);
        line.note(&quoted(1, 1_000, 1_010), UnixMillis(1_010));
        assert_eq!(advance(&mut line, 6_009), Output::default());
        assert_eq!(line.due_at(&symbol()), Some(UnixMillis(6_010)));
        let out = advance(&mut line, 6_010);
        assert_eq!(prices(&out), ["1"]);
        assert_eq!(out.publications[0].at, UnixMillis(1_010));
        assert_eq!(out.publications[0].topic.as_str(), "delayed:AAPL");
        assert_eq!(advance(&mut line, 9_999), Output::default());
    }

    #[test]
    fn of_many_in_a_second_the_last_comes_out() {
        let mut line = DelayLine::new(DELAY, Keep::Every);
        for n in 0..100 {
            let time = 1_000 + n * 10;
            line.note(&quoted(n, time, time), UnixMillis(time));
        }
        assert_eq!(advance(&mut line, 6_500), Output::default());
        assert_eq!(prices(&advance(&mut line, 7_000)), ["99"]);
    }

    #[test]
    fn what_was_still_true_then_is_said_to_have_been() {
        let mut line = DelayLine::new(DELAY, Keep::Every);
        line.note(&quoted(1, 1_000, 1_000), UnixMillis(1_000));
        advance(&mut line, 6_000);
        let topic = Topic::price(&symbol());
        let touches = vec![Touch { topic, as_of: UnixMillis(3_500) }];
        line.note(&Output { touches, ..Output::default() }, UnixMillis(3_500));
        let out = advance(&mut line, 8_500);
        let topic = Topic::delayed(&symbol());
        assert_eq!(out.touches, [Touch { topic, as_of: UnixMillis(3_500) }]);
    }

    #[test]
    fn nothing_is_kept_of_what_nobody_reads_but_what_was_read_a_moment_ago() {
        let mut line = DelayLine::new(DELAY, Keep::Read);
        line.note(&quoted(1, 1_000, 1_000), UnixMillis(1_000));
        assert!(line.lines.is_empty());
        let quote = Quote::of_price("1".parse().unwrap(), UnixMillis(1_000));
        line.wanted(&symbol(), Some((&quote, "test")), UnixMillis(2_000));
        line.released(&symbol(), UnixMillis(2_000));
        assert_eq!(prices(&advance(&mut line, 6_999)), Vec::<String>::new());
        line.wanted(&symbol(), None, UnixMillis(6_999));
        assert_eq!(prices(&advance(&mut line, 7_000)), ["1"]);
        line.released(&symbol(), UnixMillis(7_000));
        advance(&mut line, 12_000);
        assert!(line.lines.is_empty());
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_silence_it() {
        let mut line = DelayLine::new(DELAY, Keep::Every);
        let ahead = 100_000_000;
        line.note(&quoted(1, ahead, ahead), UnixMillis(ahead));
        line.note(&quoted(2, 1_000, 1_000), UnixMillis(1_000));
        assert_eq!(prices(&advance(&mut line, 6_000)), ["2"]);
    }

    proptest! {
        #[test]
        fn nothing_is_ever_newer_than_the_delay_and_memory_is_bounded(
            steps in prop::collection::vec((0_i64..4_000, -2_000_i64..2_000, any::<bool>()), 1..200),
        ) {
            let mut line = DelayLine::new(DELAY, Keep::Every);
            let (mut now, mut last_out, mut price) = (1_000_000, None::<i64>, 0);
            for (wait, skew, quotes) in steps {
                now += wait;
                if quotes {
                    price += 1;
                    line.note(&quoted(price, now + skew, now), UnixMillis(now));
                }
                let newest = UnixMillis(now) - DELAY;
                if let Some(past) = line.quote(&symbol(), UnixMillis(now)) {
                    prop_assert!(past.quote.time <= newest && past.at <= newest);
                }
                let out = advance(&mut line, now);
                for publication in &out.publications {
                    let Payload::Quote(quote) = &publication.payload else { continue };
                    prop_assert!(quote.time <= newest && publication.at <= newest);
                    prop_assert!(last_out.is_none_or(|last| now - last >= 1_000));
                    last_out = Some(now);
                }
                prop_assert!(out.touches.iter().all(|touch| touch.as_of <= newest));
                let kept = line.lines.values().map(|line| line.waiting.len()).max().unwrap_or(0);
                prop_assert!(kept <= 5 + 2 + 2, "{kept} slots");
            }
        }
    }
}
