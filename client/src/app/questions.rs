//! What is asked once: searches, history.

use std::collections::{HashSet, VecDeque};

use leptos::prelude::*;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Instrument, Interval, Symbol};
use tidemark_shared::protocol::{Method, Reply};
use tidemark_shared::session::AskFailed;
use wasm_bindgen_futures::spawn_local;

use super::App;

/// Instruments that a list begins with which nobody has chosen yet.
const FIRST_LIST: u32 = 16;

/// Suggestions that are shown for a search.
const SUGGESTIONS_MAX: u32 = 12;

/// Bars asked for at once: fits a frame with room to spare.
const BARS_PER_REQUEST: u32 = 300;

/// One hour of minutes.
const SPARKLINE_BARS: u32 = 60;

/// Sparklines asked for at once: the rest waits, so that a search or a chart is never behind a
/// thousand rows.
const SPARKLINES_AT_ONCE: usize = 4;

/// The rows whose past is not there yet.
#[derive(Default)]
pub(super) struct SparklineQueue {
    waiting: VecDeque<Symbol>,
    asked: HashSet<Symbol>,
    open: usize,
}

impl SparklineQueue {
    /// A row is gone, and its past with it.
    pub(super) fn forget(&mut self, symbol: &Symbol) {
        self.asked.remove(symbol);
    }
}

impl App {
    /// Finds instruments.
    pub(crate) async fn search(self, search: String) -> Result<Vec<Instrument>, AskFailed> {
        self.instruments(search, SUGGESTIONS_MAX).await
    }

    /// The newest bars, or those before a time.
    pub(crate) async fn bars(
        self,
        symbol: Symbol,
        interval: Interval,
        before: Option<UnixMillis>,
    ) -> Result<Vec<Bar>, AskFailed> {
        self.bars_up_to(symbol, interval, before, BARS_PER_REQUEST).await
    }

    /// Whether a full answer means that there may be older bars.
    pub(crate) const fn may_have_older(answered: usize) -> bool {
        answered >= BARS_PER_REQUEST as usize
    }

    /// A row can be seen: its past is wanted, too.
    pub(crate) fn want_sparkline(self, symbol: &Symbol) {
        let parts = self.parts();
        let mut queue = parts.sparklines.borrow_mut();
        if queue.asked.insert(symbol.clone()) {
            queue.waiting.push_back(symbol.clone());
            drop(queue);
            self.ask_sparklines();
        }
    }

    /// The relay is reached: asks what could not be asked before.
    pub(super) fn became_live(self) {
        self.ask_sparklines();
        if self.lists.first.with_untracked(Vec::is_empty) {
            spawn_local(self.begin_list());
        }
    }

    async fn begin_list(self) {
        // When there is no answer, the next connection asks again.
        if let Ok(instruments) = self.instruments(String::new(), FIRST_LIST).await {
            self.begin_with(instruments);
        }
    }

    async fn instruments(self, search: String, limit: u32) -> Result<Vec<Instrument>, AskFailed> {
        let Some(line) = self.line() else { return Err(AskFailed::Stopped) };
        match line.ask(Method::Instruments { search, limit: Some(limit) }).await? {
            Reply::Instruments(list) => Ok(list.instruments),
            _ => Ok(Vec::new()),
        }
    }

    async fn bars_up_to(
        self,
        symbol: Symbol,
        interval: Interval,
        before: Option<UnixMillis>,
        limit: u32,
    ) -> Result<Vec<Bar>, AskFailed> {
        let Some(line) = self.line() else { return Err(AskFailed::Stopped) };
        match line.ask(Method::Bars { symbol, interval, before, limit: Some(limit) }).await? {
            Reply::Bars(history) => Ok(history.bars),
            _ => Ok(Vec::new()),
        }
    }

    fn ask_sparklines(self) {
        use crate::board::Reach;

        if self.reach.get_untracked() != Reach::Reached {
            return;
        }
        let parts = self.parts();
        loop {
            let mut queue = parts.sparklines.borrow_mut();
            if queue.open >= SPARKLINES_AT_ONCE {
                return;
            }
            let Some(symbol) = queue.waiting.pop_front() else { return };
            queue.open += 1;
            drop(queue);
            spawn_local(async move {
                let answer =
                    self.bars_up_to(symbol.clone(), Interval::Minute1, None, SPARKLINE_BARS).await;
                let parts = self.parts();
                parts.sparklines.borrow_mut().open -= 1;
                match answer {
                    Ok(bars) => {
                        parts.rows.of(&symbol).sparkline.update(|line| line.take_history(&bars));
                    }
                    Err(AskFailed::Refused(_)) => {}
                    Err(_) => parts.sparklines.borrow_mut().waiting.push_back(symbol),
                }
                self.ask_sparklines();
            });
        }
    }
}
