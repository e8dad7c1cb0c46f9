//! The watchlist that is shown: a document of the user's, together with what is known of its
//! instruments, so that names and digits are there before the relay is.

use std::collections::HashMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tidemark_shared::documents::Entity;
use tidemark_shared::documents::shape::{self, Shape as _};
use tidemark_shared::market::{AssetClass, Instrument, Symbol};
use wasm_bindgen_futures::spawn_local;

use super::{App, Chosen};
use crate::board::Reach;
use crate::desk::lists::{ListEntry, put_items};
use crate::desk::{Desk, MOVING_PAUSE, lists};
use crate::i18n::Text;
use crate::watchlist::Watchlist;

/// Digits of an instrument of which nothing is known yet.
const DIGITS_UNKNOWN: u8 = 2;

/// Instruments that are asked for at once.
const ASKED_AT_ONCE: usize = 8;

/// What is known of instruments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Known {
    /// Those that were ever on a list here.
    pub(crate) instruments: Vec<Instrument>,
    /// What a list begins with that nobody has written yet.
    pub(crate) first: Vec<Symbol>,
}

impl Known {
    /// What a page of before this one knew.
    pub(super) fn of(legacy: &Chosen) -> Self {
        let list = legacy.watchlist.as_ref().map(Watchlist::items).unwrap_or_default();
        Known {
            instruments: list.to_vec(),
            first: list.iter().map(|item| item.symbol.clone()).collect(),
        }
    }
}

/// The signals of the lists.
#[derive(Clone, Copy)]
pub(crate) struct Lists {
    /// The user's lists, in order.
    pub(crate) all: Memo<Vec<ListEntry>>,
    /// The one that is shown.
    pub(crate) shown: Memo<Entity>,
    /// The one that the user has chosen.
    pub(super) chosen: RwSignal<Entity>,
    /// What is known of instruments.
    pub(super) known: RwSignal<HashMap<Symbol, Instrument>>,
    /// What a list begins with that nobody has written yet.
    pub(super) first: RwSignal<Vec<Symbol>>,
}

impl Lists {
    pub(super) fn new(desk: Desk, chosen: Option<Entity>, known: Known) -> Self {
        let chosen = RwSignal::new(chosen.unwrap_or_else(lists::first_list));
        let all = Memo::new(move |_| desk.lists());
        let instruments = known.instruments.into_iter();
        Lists {
            all,
            shown: Memo::new(move |_| {
                all.with(|all| chosen.with(|wanted| lists::shown(all, wanted)))
            }),
            chosen,
            known: RwSignal::new(instruments.map(|item| (item.symbol.clone(), item)).collect()),
            first: RwSignal::new(known.first),
        }
    }

    /// The instruments of the list that is shown.
    pub(super) fn watchlist(self, desk: Desk) -> Memo<Watchlist> {
        Memo::new(move |_| {
            let body = self.shown.with(|shown| desk.body(shown));
            let symbols = match body {
                Some(body) => shape::Watchlist::of_body(&body).map(|list| list.items),
                None => Ok(self.first.get()),
            };
            let symbols = symbols.unwrap_or_default().into_iter();
            self.known.with(|known| {
                let instrument =
                    |symbol: Symbol| known.get(&symbol).cloned().unwrap_or_else(|| unknown(symbol));
                Watchlist::of(symbols.map(instrument).collect())
            })
        })
    }
}

impl App {
    /// Changes the list that is shown. Changes in quick succession are one write.
    pub(crate) fn change_list(self, change: impl FnOnce(&mut Watchlist)) {
        let entity = self.lists.shown.get_untracked();
        let is_readable = untrack(|| self.desk.body(&entity))
            .is_none_or(|body| shape::Watchlist::of_body(&body).is_ok());
        if !is_readable {
            self.toast(Text::ListUnreadable, &[]);
            return;
        }
        let before = self.watchlist.get_untracked();
        let mut list = before.clone();
        change(&mut list);
        if list == before {
            return;
        }
        self.learn(list.items());
        let symbols: Vec<&Symbol> = list.items().iter().map(|item| &item.symbol).collect();
        let name = Text::ListMain.say(self.language.get_untracked());
        self.desk.change(&entity, MOVING_PAUSE, |body| put_items(body, &symbols, name));
    }

    /// Shows another list.
    pub(crate) fn choose_list(self, list: Entity) {
        self.lists.chosen.set(list);
    }

    /// Remembers instruments.
    pub(super) fn learn(self, instruments: &[Instrument]) {
        let is_new = |item: &&Instrument| {
            !item.feed.is_empty()
                && self.lists.known.with_untracked(|known| known.get(&item.symbol) != Some(item))
        };
        let new: Vec<Instrument> = instruments.iter().filter(is_new).cloned().collect();
        if !new.is_empty() {
            self.lists.known.update(|known| {
                known.extend(new.into_iter().map(|item| (item.symbol.clone(), item)))
            });
            self.keep_known();
        }
    }

    /// What a list begins with that nobody has written yet.
    pub(super) fn begin_with(self, instruments: Vec<Instrument>) {
        self.learn(&instruments);
        self.lists.first.set(instruments.into_iter().map(|item| item.symbol).collect());
        self.keep_known();
    }

    /// What is known, to be kept.
    pub(super) fn known(self) -> Known {
        Known {
            instruments: self.lists.known.with_untracked(|known| known.values().cloned().collect()),
            first: self.lists.first.get_untracked(),
        }
    }

    /// Asks the relay what it knows of instruments that came with a list from elsewhere, and tells
    /// why a list could not be saved.
    pub(super) fn follow_lists(self) {
        Effect::new(move || {
            if self.reach.get() != Reach::Reached {
                return;
            }
            let unknown: Vec<Symbol> = self.watchlist.with(|list| {
                let unknown = list.items().iter().filter(|item| item.feed.is_empty());
                unknown.map(|item| item.symbol.clone()).take(ASKED_AT_ONCE).collect()
            });
            if !unknown.is_empty() {
                spawn_local(self.ask_about(unknown));
            }
        });
        // What was shown before anything was known of it is shown again with its name and digits.
        Effect::new(move || {
            let selected = self.selected.get_untracked().filter(|item| item.feed.is_empty());
            let known = self.watchlist.with(|list| list.get(&selected?.symbol).cloned());
            if let Some(known) = known.filter(|item| !item.feed.is_empty()) {
                self.selected.set(Some(known));
            }
        });
        Effect::new(move || {
            let penned = self.lists.shown.with(|shown| self.desk.penned(shown));
            if let Some(reason) = penned.and_then(|penned| penned.trouble) {
                self.toast(Text::SaveFailed, &[("reason", &reason)]);
            }
        });
    }

    async fn ask_about(self, symbols: Vec<Symbol>) {
        let mut found = Vec::new();
        for symbol in symbols {
            // A relay that is away is asked again when it is reached.
            let Ok(answer) = self.search(symbol.as_str().to_owned()).await else { break };
            let exact = answer.into_iter().find(|item| item.symbol == symbol);
            found.push(exact.unwrap_or_else(|| Instrument { feed: "–".into(), ..unknown(symbol) }));
        }
        self.learn(&found);
    }
}

/// Stands for an instrument until the relay has said what it knows of it.
fn unknown(symbol: Symbol) -> Instrument {
    Instrument {
        symbol,
        name: String::new(),
        asset_class: AssetClass::Equity,
        currency: String::new(),
        price_digits: DIGITS_UNKNOWN,
        feed: String::new(),
        aliases: Vec::new(),
    }
}
