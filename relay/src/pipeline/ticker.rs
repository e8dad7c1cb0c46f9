//! One instrument: its quote, its trades, its bars.

use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Interval, Quantity, Quote, Symbol, Tick};
use tidemark_shared::protocol::{Metadata, Payload, Priority, Topic};

use super::check::known;
use super::composite::Composite;
use super::history::Ticks;
use super::market::{Output, Touch};
use super::seen::Seen;
use super::series::{Series, Source};
use crate::feeds::{Change, Origin, Update};
use crate::publication::Publication;

/// Exchanges sell prices that are 15 to 20 minutes old; what claims to be older is no measure of
/// how late its venue is.
const DELAY_MAX: Duration = Duration::from_secs(30 * 60);

/// A feed that was not heard for longer was away: the quietest venue pings every 20 s. While it is
/// away no bar is closed, and what it missed is a hole in the chart and not a flat line.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Everything that is known of one instrument.
#[derive(Debug)]
pub(super) struct Ticker {
    price_topic: Topic,
    composite: Composite,
    published: Option<Published>,
    seen: Seen,
    ticks: Ticks,
    series: Series,
    /// The feed that last said something; the relay itself before any did.
    feed: String,
    /// How much later than it happened the newest price came: bars are closed by the venue's
    /// clock, and a delayed feed's is behind ours.
    delay: Option<Duration>,
    newest: UnixMillis,
    /// When the venue was last heard.
    heard: Option<UnixMillis>,
    has_trades: bool,
}

/// The quote as it was last published.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub(super) quote: Quote,
    pub(super) at: UnixMillis,
}

/// What became of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It counts in full.
    InTime,
    /// It was a tick, and its bars and history are beyond amending.
    Late,
    /// It is a trade that was told before.
    Duplicate,
}

impl Ticker {
    pub(super) fn new(symbol: &Symbol) -> Self {
        Ticker {
            price_topic: Topic::price(symbol),
            composite: Composite::default(),
            published: None,
            seen: Seen::default(),
            ticks: Ticks::default(),
            series: Series::new(symbol),
            feed: "relay".to_owned(),
            delay: None,
            newest: UnixMillis::default(),
            heard: None,
            has_trades: false,
        }
    }

    /// Takes in an update that was checked.
    pub(super) fn take(&mut self, update: Update, now: UnixMillis, out: &mut Output) -> Taken {
        if let (Change::Trade { id: Some(id), .. }, Origin::Live) = (&update.change, update.origin)
            && !self.seen.is_new(*id)
        {
            return Taken::Duplicate;
        }
        if self.feed != update.feed {
            self.feed.clone_from(&update.feed);
        }
        self.note_life(update.received);
        let taken = match self.tick_of(&update) {
            Some(tick) => self.count_in(tick, &update, now, &mut out.publications),
            None => Taken::InTime,
        };
        self.composite.join(&update);
        self.publish_quote(update, out);
        taken
    }

    /// Lets time pass: closes bars and publishes what was held back.
    pub(super) fn advance(&mut self, now: UnixMillis, out: &mut Vec<Publication>) {
        let until = self.heard.map_or(self.newest, |heard| now.min(heard + SILENCE_MAX));
        // Without a live price nothing is known of the venue's clock, and no bar is forming.
        let venue_now = self.delay.map_or(self.newest, |delay| until - delay);
        let source = Source { name: &self.feed, at: now };
        self.series.advance(venue_now, source, out);
    }

    /// What is true of this instrument was so until `heard`.
    pub(super) fn touch(&mut self, heard: UnixMillis, touches: &mut Vec<Touch>) {
        self.note_life(heard);
        if self.published.is_some() {
            touches.push(Touch { topic: self.price_topic.clone(), as_of: heard });
        }
        touches.extend(
            self.series.topics_wanted().map(|topic| Touch { topic: topic.clone(), as_of: heard }),
        );
    }

    pub(super) fn wanted(
        &mut self,
        interval: Interval,
        now: UnixMillis,
        out: &mut Vec<Publication>,
    ) {
        self.series.wanted(interval, Source { name: &self.feed, at: now }, out);
    }

    pub(super) fn released(&mut self, interval: Interval) {
        self.series.released(interval);
    }

    pub(super) fn seed_bars(&mut self, interval: Interval, bars: impl IntoIterator<Item = Bar>) {
        self.series.seed(interval, bars);
    }

    pub(super) fn seed_ticks(&mut self, ticks: impl IntoIterator<Item = Tick>) {
        self.ticks.seed(ticks);
    }

    /// The quote as it was last published, and the feed that last said something.
    pub(super) fn newest(&self) -> Option<(&Quote, &str)> {
        self.published.as_ref().map(|published| (&published.quote, self.feed.as_str()))
    }

    pub(super) fn published(&self) -> Option<&Published> {
        self.published.as_ref()
    }

    pub(super) fn ticks(&self) -> &Ticks {
        &self.ticks
    }

    pub(super) fn series(&self) -> &Series {
        &self.series
    }

    fn note_life(&mut self, heard: UnixMillis) {
        if self.heard.is_none_or(|before| heard.since(before) > SILENCE_MAX) {
            self.series.interrupt();
        }
        self.heard = self.heard.max(Some(heard));
    }

    /// What bars and history are made of: live trades, and where there are none, prices that are
    /// told without a trade.
    fn tick_of(&self, update: &Update) -> Option<Tick> {
        if update.origin == Origin::Snapshot {
            return None;
        }
        let (price, size) = match update.change {
            Change::Trade { price, size, .. } => (price, size),
            Change::Day { last, .. } if !self.has_trades => (known(last)?, Quantity::ZERO),
            _ => return None,
        };
        Some(Tick { time: update.venue_time, price, size })
    }

    fn count_in(
        &mut self,
        tick: Tick,
        update: &Update,
        now: UnixMillis,
        out: &mut Vec<Publication>,
    ) -> Taken {
        if tick.time >= self.newest {
            self.newest = tick.time;
            self.delay = Some(now.since(tick.time).min(DELAY_MAX));
        }
        let source = Source { name: &update.feed, at: update.received };
        let in_time = self.series.take(tick, source, now, out);
        if matches!(update.change, Change::Trade { .. }) {
            self.has_trades = true;
            if in_time {
                self.ticks.take(tick);
            }
        }
        if in_time { Taken::InTime } else { Taken::Late }
    }

    /// Publishes the quote if it says something new; else says that it is still true.
    fn publish_quote(&mut self, update: Update, out: &mut Output) {
        let Some(quote) = self.composite.quote() else { return };
        if self.published.as_ref().is_some_and(|published| published.quote == quote) {
            if update.origin == Origin::Live {
                let topic = self.price_topic.clone();
                out.touches.push(Touch { topic, as_of: update.received });
            }
            return;
        }
        self.published = Some(Published { quote: quote.clone(), at: update.received });
        out.publications.push(Publication {
            topic: self.price_topic.clone(),
            at: update.received,
            source: update.feed,
            priority: Priority::Normal,
            meta: Metadata::default(),
            payload: Payload::Quote(quote),
        });
    }
}
