//! One signal per instrument. Reference-counted, because rows come and go.

use std::cell::RefCell;
use std::collections::HashMap;

use leptos::prelude::*;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::Symbol;
use tidemark_shared::protocol::Event;

use super::{Origin, Sparkline, Ticker};

/// The signals of one instrument.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// The newest quote.
    pub(crate) ticker: ArcRwSignal<Ticker>,
    /// The last hour.
    pub(crate) sparkline: ArcRwSignal<Sparkline>,
}

/// The signals of all instruments that anybody watches.
#[derive(Default)]
pub(crate) struct Rows {
    rows: RefCell<HashMap<Symbol, Row>>,
}

impl Rows {
    /// The signals of an instrument; made when there are none yet.
    pub(crate) fn of(&self, symbol: &Symbol) -> Row {
        self.rows.borrow_mut().entry(symbol.clone()).or_default().clone()
    }

    /// Nobody watches it any more.
    pub(crate) fn forget(&self, symbol: &Symbol) {
        self.rows.borrow_mut().remove(symbol);
    }

    /// Shows an event of the relay.
    pub(crate) fn receive(&self, symbol: &Symbol, event: &Event) {
        let row = self.of(symbol);
        row.ticker.update(|ticker| ticker.receive(event));
        let price = row
            .ticker
            .with_untracked(|ticker| ticker.quote.as_ref().map(|quote| quote.price.to_f64()));
        let mut is_new_point = false;
        if let Some(price) = price {
            row.sparkline.update_untracked(|line| is_new_point = line.push(event.at, price));
        }
        // The line is drawn anew once a minute; between, only its last point moves a little.
        if is_new_point {
            row.sparkline.notify();
        }
    }

    /// Shows an event of the last visit.
    pub(crate) fn restore(&self, symbol: &Symbol, event: &Event) {
        self.of(symbol).ticker.update(|ticker| ticker.restore(event));
    }

    /// The relay says until when a quote is true.
    pub(crate) fn confirm(&self, symbol: &Symbol, as_of: UnixMillis) {
        let row = self.rows.borrow().get(symbol).cloned();
        if let Some(row) = row {
            row.ticker.update(|ticker| ticker.confirm(as_of));
        }
    }

    /// The relay has no source for it.
    pub(crate) fn refuse(&self, symbol: &Symbol) {
        self.of(symbol).ticker.update(|ticker| ticker.origin = Origin::Refused);
    }
}
