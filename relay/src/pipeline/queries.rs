//! What a client may ask of the market.

use rust_decimal::Decimal;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Instrument, Interval, Quote, Symbol, Tick};
use tidemark_shared::protocol::{
    BarHistory, Class, ErrorCode, FRAME_BYTES_MAX, InstrumentList, Method, Pattern, Reply,
    TickHistory, WireError,
};

use super::market::Market;
use super::ticker::Ticker;

/// An answer is one message, and a message must fit into a frame: so much of it may be a list,
/// the rest is for what goes around it.
const LIST_BYTES_MAX: usize = FRAME_BYTES_MAX - 1_024;

/// How many are answered when no number is given: a screen full, and a little more.
const LIMIT_DEFAULT: u32 = 200;

/// Longest text that is searched for, in bytes. No instrument has a longer name.
const SEARCH_BYTES_MAX: usize = 128;

/// When to ask again for a price that is not here yet: the first one comes with the first reader.
const RETRY_AFTER_MS: u64 = 1_000;

impl Market {
    /// Whether there is a source for a topic or pattern. Topics of classes that are not the
    /// market's are not found.
    ///
    /// # Errors
    /// A refusal for the client.
    pub fn admit(&self, pattern: &Pattern) -> Result<(), WireError> {
        match pattern {
            Pattern::All(Class::Feed) => Ok(()),
            Pattern::One(topic) => match (topic.class(), topic.symbol()) {
                (Class::Price | Class::Delayed | Class::Bars, Some(symbol)) => {
                    self.known(&symbol).map(|_| ())
                }
                (Class::Market | Class::Feed, _) => Ok(()),
                _ => Err(not_found(format!("this relay has no source for {topic}"))),
            },
            Pattern::All(_) => Err(not_found(format!("this relay has no source for {pattern}"))),
        }
    }

    /// Answers a request; `None` when it is not about the market.
    pub fn answer(&self, method: &Method) -> Option<Result<Reply, WireError>> {
        match method {
            Method::Price { symbol } => Some(self.price(symbol).map(|(quote, at)| Reply::Price {
                symbol: symbol.clone(),
                quote: quote.clone(),
                at,
            })),
            Method::Bars { symbol, interval, before, limit } => {
                Some(self.bars(symbol, *interval, *before, *limit).map(Reply::Bars))
            }
            Method::Ticks { symbol, limit } => Some(self.ticks(symbol, *limit).map(Reply::Ticks)),
            Method::Instruments { search, limit } => {
                Some(self.instruments(search, *limit).map(Reply::Instruments))
            }
            _ => None,
        }
    }

    /// The newest quote of an instrument, and when the relay took it in.
    ///
    /// # Errors
    /// `not_found` for an instrument that nobody knows, `unavailable` while it has no price.
    pub fn price(&self, symbol: &Symbol) -> Result<(&Quote, UnixMillis), WireError> {
        let published = self.known(symbol)?.and_then(Ticker::published);
        let published = published.ok_or_else(|| {
            let message = format!("{symbol} has no price yet; subscribe to it, or ask again");
            WireError::new(ErrorCode::Unavailable, message).retry_after_ms(RETRY_AFTER_MS)
        })?;
        Ok((&published.quote, published.at))
    }

    /// The newest bars of an instrument that start before a time, oldest first: at most `limit`,
    /// and no more than fit into an answer.
    ///
    /// # Errors
    /// `not_found` for an instrument that nobody knows, `invalid_parameters` for no bars at all.
    pub fn bars(
        &self,
        symbol: &Symbol,
        interval: Interval,
        before: Option<UnixMillis>,
        limit: Option<u32>,
    ) -> Result<BarHistory, WireError> {
        let limit = checked(limit)?;
        let window = self.known(symbol)?.and_then(|ticker| ticker.series().window(interval));
        let end = before.unwrap_or(UnixMillis(i64::MAX));
        let bars = window
            .map(|window| newest(window.bars_before(end).rev(), limit, bar_bytes))
            .unwrap_or_default();
        Ok(BarHistory { symbol: symbol.clone(), interval, bars })
    }

    /// The newest trades of an instrument, oldest first: at most `limit`, and no more than fit
    /// into an answer.
    ///
    /// # Errors
    /// `not_found` for an instrument that nobody knows, `invalid_parameters` for no trades at all.
    pub fn ticks(&self, symbol: &Symbol, limit: Option<u32>) -> Result<TickHistory, WireError> {
        self.ticks_until(symbol, limit, UnixMillis(i64::MAX))
    }

    /// The newest trades up to a time, as [`Self::ticks`].
    pub(super) fn ticks_until(
        &self,
        symbol: &Symbol,
        limit: Option<u32>,
        until: UnixMillis,
    ) -> Result<TickHistory, WireError> {
        let limit = checked(limit)?;
        let ticks = self
            .known(symbol)?
            .map(|ticker| {
                let by_then = ticker.ticks().iter().rev().skip_while(|tick| tick.time > until);
                newest(by_then, limit, tick_bytes)
            })
            .unwrap_or_default();
        Ok(TickHistory { symbol: symbol.clone(), ticks })
    }

    /// Instruments whose symbol, name or alias contains a text, best first: exact symbols, then
    /// symbols and names that begin with it, then the rest. An empty text finds all.
    ///
    /// # Errors
    /// `invalid_parameters` for a text longer than any name, or for no instruments at all.
    pub fn instruments(
        &self,
        search: &str,
        limit: Option<u32>,
    ) -> Result<InstrumentList, WireError> {
        let limit = checked(limit)?;
        if search.len() > SEARCH_BYTES_MAX {
            return Err(invalid(format!("search has at most {SEARCH_BYTES_MAX} bytes")));
        }
        let found = self.catalogue.search(search);
        let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let mut room = LIST_BYTES_MAX;
        let fits = |instrument: &&&Instrument| take_room(&mut room, instrument_bytes(instrument));
        let instruments = found.iter().take(limit).take_while(fits);
        Ok(InstrumentList { instruments: instruments.copied().cloned().collect(), total })
    }

    /// Whether an instrument is known, if only by its name.
    pub(super) fn must_know(&self, symbol: &Symbol) -> Result<(), WireError> {
        self.known(symbol).map(|_| ())
    }

    /// An instrument of the catalogue, or one that a feed told of. `None` while nothing is known
    /// of it but its name.
    fn known(&self, symbol: &Symbol) -> Result<Option<&Ticker>, WireError> {
        match self.tickers.get(symbol) {
            Some(ticker) => Ok(Some(ticker)),
            None if self.catalogue.contains(symbol) => Ok(None),
            None => Err(not_found(format!("no instrument is called {symbol} here"))),
        }
    }
}

fn not_found(message: String) -> WireError {
    WireError::new(ErrorCode::NotFound, message)
}

fn invalid(message: String) -> WireError {
    WireError::new(ErrorCode::InvalidParameters, message)
}

/// A limit is the most that a client wants, so one beyond our own is no mistake; none at all is.
fn checked(limit: Option<u32>) -> Result<usize, WireError> {
    match limit.unwrap_or(LIMIT_DEFAULT) {
        0 => Err(invalid("limit is at least 1".to_owned())),
        limit => Ok(usize::try_from(limit).unwrap_or(usize::MAX)),
    }
}

/// Takes from the newest on what fits, and turns it round.
fn newest<'a, T: Clone + 'a>(
    from_newest: impl Iterator<Item = &'a T>,
    limit: usize,
    bytes: fn(&T) -> usize,
) -> Vec<T> {
    let mut room = LIST_BYTES_MAX;
    let mut taken: Vec<T> = from_newest
        .take(limit)
        .take_while(|item| take_room(&mut room, bytes(item)))
        .cloned()
        .collect();
    taken.reverse();
    taken
}

fn take_room(room: &mut usize, bytes: usize) -> bool {
    match room.checked_sub(bytes) {
        Some(left) => {
            *room = left;
            true
        }
        None => false,
    }
}

/// At most so many bytes of JSON: its names and marks, and its numbers.
fn bar_bytes(bar: &Bar) -> usize {
    const NAMES: usize =
        r#"{"start":,"open":"","high":"","low":"","close":"","volume":"","trades":,"closed":false},"#
            .len();
    let prices = [bar.open, bar.high, bar.low, bar.close];
    let prices: usize = prices.iter().map(|price| text_bytes(price.value())).sum();
    NAMES + 2 * 20 + prices + text_bytes(bar.volume.value())
}

fn tick_bytes(tick: &Tick) -> usize {
    const NAMES: usize = r#"{"time":,"price":"","size":""},"#.len();
    NAMES + 14 + text_bytes(tick.price.value()) + text_bytes(tick.size.value())
}

fn instrument_bytes(instrument: &Instrument) -> usize {
    const NAMES: usize =
        r#"{"symbol":"","name":"","asset_class":"commodity","currency":"","price_digits":255,"feed":"","aliases":[]},"#
            .len();
    // A character may be escaped to six.
    let texts = [&instrument.name, &instrument.currency, &instrument.feed];
    let texts = texts.into_iter().chain(&instrument.aliases).map(|text| 3 + 6 * text.len());
    NAMES + instrument.symbol.as_str().len() + texts.sum::<usize>()
}

/// How many bytes a decimal has as text, at most: its digits, a zero before the point, the point
/// and the sign.
fn text_bytes(value: Decimal) -> usize {
    let digits = value.mantissa().unsigned_abs().checked_ilog10().unwrap_or(0).max(value.scale());
    3 + usize::try_from(digits).unwrap_or(usize::MAX / 64)
}
