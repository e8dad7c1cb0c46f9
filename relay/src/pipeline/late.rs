//! What those may ask of the market who may only see it as it was.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Interval, Symbol};
use tidemark_shared::protocol::{BarHistory, ErrorCode, Method, Reply, TickHistory, WireError};

use super::market::Market;
use crate::spoken::how_long;

impl Market {
    /// Answers a request as it would have been answered then; `None` when it is not about the
    /// market.
    pub fn answer_late(
        &self,
        method: &Method,
        now: UnixMillis,
    ) -> Option<Result<Reply, WireError>> {
        match method {
            Method::Price { symbol } => Some(self.price_then(symbol, now)),
            Method::Bars { symbol, interval, before, limit } => {
                Some(self.bars_then(symbol, *interval, *before, *limit, now).map(Reply::Bars))
            }
            Method::Ticks { symbol, limit } => {
                Some(self.ticks_then(symbol, *limit, now).map(Reply::Ticks))
            }
            // What can be traded is no price.
            method => self.answer(method),
        }
    }

    /// A quote as it was. After a start of the relay, and of a symbol that was not collected, that
    /// is known only once the delay has passed.
    fn price_then(&self, symbol: &Symbol, now: UnixMillis) -> Result<Reply, WireError> {
        self.must_know(symbol)?;
        if let Some(past) = self.past.quote(symbol, now) {
            let (symbol, quote, at) = (symbol.clone(), past.quote.clone(), past.at);
            return Ok(Reply::Price { symbol, quote, at });
        }
        let (delay, late) = (self.past.delay(), how_long(self.past.delay()));
        let message = format!(
            "prices are {late} late for you, and this relay has not known {symbol} for so long yet; \
             subscribe to delayed:{symbol}: its price comes by itself"
        );
        let due_at = self.past.due_at(symbol).unwrap_or(now + delay);
        let wait_ms = u64::try_from(due_at.since(now).as_millis()).unwrap_or(u64::MAX);
        Err(WireError::new(ErrorCode::Unavailable, message).retry_after_ms(wait_ms.max(1)))
    }

    /// Bars that had ended by then: what has ended later holds newer trades.
    fn bars_then(
        &self,
        symbol: &Symbol,
        interval: Interval,
        before: Option<UnixMillis>,
        limit: Option<u32>,
        now: UnixMillis,
    ) -> Result<BarHistory, WireError> {
        let then = now - self.past.delay();
        let end = UnixMillis((then - interval.duration()).0.saturating_add(1));
        let end = before.map_or(end, |before| before.min(end));
        self.bars(symbol, interval, Some(end), limit)
    }

    /// Trades up to then.
    fn ticks_then(
        &self,
        symbol: &Symbol,
        limit: Option<u32>,
        now: UnixMillis,
    ) -> Result<TickHistory, WireError> {
        self.ticks_until(symbol, limit, now - self.past.delay())
    }
}
