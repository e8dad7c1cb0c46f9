//! What the user does.

use leptos::prelude::*;
use tidemark_shared::market::{Instrument, Symbol};
use tidemark_shared::protocol::{Event, Topic};
use tidemark_shared::session::{Input, Status};

use super::App;
use crate::browser::listener::{Listener, Part};
use crate::browser::window;
use crate::bus::AppEvent;
use crate::i18n::{Text, fill};
use crate::watchlist::{AddRefused, LISTED_MAX, Step};

impl App {
    /// Adds an instrument to the watchlist and shows it.
    pub(crate) fn add(self, instrument: Instrument) {
        let mut outcome = Ok(());
        self.change_list(|list| outcome = list.add(instrument.clone()));
        match outcome {
            Ok(()) => {
                self.publish(AppEvent::Watchlist {
                    symbol: instrument.symbol.clone(),
                    listed: true,
                });
            }
            Err(AddRefused::Listed) => {}
            Err(AddRefused::Full) => self.toast(Text::ListFull, &[("n", &LISTED_MAX.to_string())]),
        }
        self.selected.set(Some(instrument));
    }

    /// Takes an instrument off the watchlist; it can be put back for a while.
    pub(crate) fn remove(self, symbol: &Symbol) {
        let mut removed = None;
        self.change_list(|list| {
            let beside = list.beside(Some(symbol), Step::Down).filter(|next| *next != symbol);
            let beside = beside.or_else(|| list.beside(Some(symbol), Step::Up));
            let beside = beside.and_then(|next| list.get(next)).cloned();
            removed = list.remove(symbol).map(|removed| (removed, beside));
        });
        let Some((removed, beside)) = removed else { return };
        self.publish(AppEvent::Watchlist { symbol: symbol.clone(), listed: false });
        if self.is_selected_untracked(symbol) {
            self.selected.set(beside.filter(|next| next.symbol != *symbol));
        }
        let text = self.filled(Text::Removed, &[("symbol", symbol.as_str())]);
        let (instrument, at) = removed;
        let put_back = move || self.put_back(instrument.clone(), at);
        self.toasts.show_with(text, Text::Undo, put_back);
    }

    /// Puts a removed instrument back.
    fn put_back(self, instrument: Instrument, at: usize) {
        // Refused when the user was faster and added it again: then it is there.
        self.change_list(|list| _ = list.insert(instrument.clone(), at));
        self.selected.set(Some(instrument));
    }

    /// Moves the selected instrument on the list.
    pub(crate) fn shift_selected(self, step: Step) {
        if let Some(symbol) = self.selected_symbol_untracked() {
            self.change_list(|list| list.shift(&symbol, step));
        }
    }

    /// Moves an instrument to the place of another one.
    pub(crate) fn drop_on(self, dragged: &Symbol, target: &Symbol) {
        self.change_list(|list| {
            if let Some(to) = list.index_of(target) {
                list.move_to(dragged, to);
            }
        });
    }

    /// Shows the instrument beside the selected one.
    pub(crate) fn select_beside(self, step: Step) {
        let symbol = self.selected_symbol_untracked();
        let next = self.watchlist.with_untracked(|list| {
            list.beside(symbol.as_ref(), step).and_then(|next| list.get(next)).cloned()
        });
        if next.is_some() {
            self.selected.set(next);
        }
    }

    /// Shows an instrument that may not be on the list.
    pub(crate) fn show_symbol(self, symbol: &Symbol) {
        let listed = self.watchlist.with_untracked(|list| list.get(symbol).cloned());
        if let Some(instrument) = listed {
            self.selected.set(Some(instrument));
            return;
        }
        let symbol = symbol.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // Nothing to show when the relay is away: the click has no effect then.
            let Ok(found) = self.search(symbol.as_str().to_owned()).await else { return };
            if let Some(instrument) = found.into_iter().find(|found| found.symbol == symbol) {
                self.selected.set(Some(instrument));
            }
        });
    }

    /// Connects at once.
    pub(crate) fn reconnect(self) {
        if let Some(line) = self.line() {
            line.input(Input::ReconnectNow);
        }
    }

    /// Gives live bars to the chart, and tells it when its bars have a gap.
    pub(crate) fn listen_to_bars(
        self,
        on_bar: impl Fn(&Event) + 'static,
        on_reset: impl Fn(&Topic) + 'static,
    ) {
        let parts = self.parts();
        *parts.on_bar.borrow_mut() = Some(Box::new(on_bar));
        *parts.on_reset.borrow_mut() = Some(Box::new(on_reset));
    }

    /// The connection's status this moment; [`App::status`] follows only what changes it.
    pub(crate) fn status_now(self) -> Status {
        self.line().map(|line| line.status()).unwrap_or_default()
    }

    /// Calls `action` when the system changes between light and dark.
    pub(crate) fn follow_system_theme(self, action: impl Fn() + 'static) {
        let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
        let listener =
            query.map(|query| Listener::new(&query, "change", Part::Watches, move |_| action()));
        // Lives as long as the page.
        std::mem::forget(listener);
    }

    /// A sentence with values, in the user's language now.
    pub(crate) fn filled(self, text: Text, values: &[(&str, &str)]) -> String {
        fill(text.say(self.language.get_untracked()), values)
    }

    /// The selected symbol, now.
    pub(crate) fn selected_symbol_untracked(self) -> Option<Symbol> {
        self.selected.with_untracked(|selected| selected.as_ref().map(|item| item.symbol.clone()))
    }

    fn is_selected_untracked(self, symbol: &Symbol) -> bool {
        self.selected_symbol_untracked().as_ref() == Some(symbol)
    }

    /// A short message.
    pub(crate) fn toast(self, text: Text, values: &[(&str, &str)]) {
        self.toasts.show(self.filled(text, values));
    }
}
