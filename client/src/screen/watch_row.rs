//! One row of the watchlist.

use leptos::prelude::*;
use tidemark_shared::market::{Instrument, Symbol};

use super::freshness_badge::{badge, class_of};
use super::icon::{Shape, icon};
use super::price_cells::{Flash, direction, range_share};
use super::watch_panel::row_id;
use crate::app::App;
use crate::board::{Freshness, Sparkline, Ticker};
use crate::i18n::{Digits, Text, age, change, compact, fill, percent, price};

/// Size of the sparkline's box; the style sheet has the same.
const SPARK_PX: (f64, f64) = (72.0, 22.0);

#[component]
pub(super) fn WatchRow(
    item: Instrument,
    dragged: RwSignal<Option<Symbol>>,
    on_open: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let app = App::get();
    let digits = Digits::of(&item);
    let row = app.row(&item.symbol);
    app.want_sparkline(&item.symbol);
    let ticker: RwSignal<Ticker> = row.ticker.into();
    let sparkline: RwSignal<Sparkline> = row.sparkline.into();
    let item = StoredValue::new(item);
    let symbol = move || item.with_value(|item| item.symbol.clone());
    let freshness = Memo::new(move |_| ticker.with(|ticker| app.freshness(ticker)));
    let is_selected = Memo::new(move |_| {
        app.selected.with(|selected| {
            item.with_value(|item| selected.as_ref().is_some_and(|s| s.symbol == item.symbol))
        })
    });
    let drop_here = move |event: web_sys::DragEvent| {
        event.prevent_default();
        if let Some(from) = dragged.get_untracked() {
            app.drop_on(&from, &symbol());
        }
        dragged.set(None);
    };
    let index = move || app.watchlist.with(|list| list.index_of(&symbol()).map(|at| at + 2));
    view! {
        <tr
            id=item.with_value(|item| row_id(&item.symbol))
            role="row"
            draggable="true"
            class="row"
            class:is-selected=is_selected
            class:is-dragged=move || dragged.with(|dragged| {
                item.with_value(|item| dragged.as_ref() == Some(&item.symbol))
            })
            aria-selected=move || is_selected.get().to_string()
            aria-rowindex=index
            data-fresh=move || class_of(freshness.get())
            data-symbol=item.with_value(|item| item.symbol.as_str().to_owned())
            on:click=move |_| app.selected.set(Some(item.get_value()))
            on:dblclick=move |_| on_open()
            on:dragstart=move |_| dragged.set(Some(symbol()))
            on:dragend=move |_| dragged.set(None)
            on:dragover=|event| event.prevent_default()
            on:drop=drop_here
        >
            <td class="c-symbol" role="gridcell" title=app.said(Text::DragHandle)>
                <b>{item.with_value(|item| item.symbol.as_str().to_owned())}</b>
                <small>{item.with_value(|item| item.name.clone())}</small>
            </td>
            <td class="c-trend" role="gridcell">{spark(sparkline)}</td>
            <td class="c-last" role="gridcell">{last(ticker, digits)}</td>
            <td class="c-percent" role="gridcell">{share(ticker)}</td>
            <td class="c-book" role="gridcell">{book(ticker, digits)}</td>
            <td class="c-volume" role="gridcell">{move || volume(app, ticker)}</td>
            <td class="c-range" role="gridcell">{range(ticker)}</td>
            <td class="c-age" role="gridcell">
                {move || trust(app, ticker, freshness.get())}
                {remove_button(app, item)}
            </td>
        </tr>
    }
}

fn last(ticker: RwSignal<Ticker>, digits: Digits) -> impl IntoView {
    let flash = StoredValue::new(Flash::since(ticker.with_untracked(|ticker| ticker.moves)));
    view! {
        <b class=move || flash.try_update_value(|flash| ticker.with(|ticker| flash.class(ticker)))>
            {move || ticker.with(|ticker| ticker.quote.as_ref().map(|quote| price(quote.price, digits)))}
        </b>
        <small class=move || ticker.with(direction)>
            {move || ticker.with(|ticker| {
                let quote = ticker.quote.as_ref()?;
                Some(change(quote.price, quote.reference?, digits))
            })}
        </small>
    }
}

fn share(ticker: RwSignal<Ticker>) -> impl IntoView {
    let text = move || {
        ticker.with(|ticker| {
            let quote = ticker.quote.as_ref()?;
            Some(percent(quote.price, quote.reference?))
        })
    };
    view! { <span class=move || ticker.with(|ticker| format!("share {}", direction(ticker)))>{text}</span> }
}

fn book(ticker: RwSignal<Ticker>, digits: Digits) -> impl IntoView {
    let bid = move || ticker.with(|ticker| Some(price(ticker.quote.as_ref()?.bid?, digits)));
    let ask = move || ticker.with(|ticker| Some(price(ticker.quote.as_ref()?.ask?, digits)));
    view! { <span>{bid}</span><span>{ask}</span> }
}

fn volume(app: App, ticker: RwSignal<Ticker>) -> Option<String> {
    let language = app.language.get();
    ticker.with(|ticker| Some(compact(ticker.quote.as_ref()?.volume?, language)))
}

/// Where the price stands between the day's low and high.
fn range(ticker: RwSignal<Ticker>) -> impl IntoView {
    let place = Memo::new(move |_| {
        ticker.with(|ticker| {
            // In half pixels: less cannot be seen.
            Some((range_share(ticker.quote.as_ref()?)? * 128.0).round() / 2.0)
        })
    });
    view! {
        <svg class="range" viewBox="0 0 64 8" aria-hidden="true"
            class:is-empty=move || place.get().is_none()>
            <line x1="0" y1="4" x2="64" y2="4" />
            <circle cx=move || place.get().unwrap_or(0.0) cy="4" r="2.5" />
        </svg>
    }
}

fn spark(sparkline: RwSignal<Sparkline>) -> impl IntoView {
    let (width, height) = SPARK_PX;
    let path = move || sparkline.with(|line| line.path(width, height));
    let class = move || {
        let ends = sparkline.with(Sparkline::ends);
        match ends {
            Some((first, last)) if last < first => "spark falling",
            _ => "spark rising",
        }
    };
    view! {
        <svg class=class viewBox=format!("-1 -1 {} {}", width + 2.0, height + 2.0) aria-hidden="true">
            <path d=path />
        </svg>
    }
}

/// The age of a live price; what is wrong with any other.
fn trust(app: App, ticker: RwSignal<Ticker>, freshness: Freshness) -> AnyView {
    if freshness == Freshness::Live {
        let text = move || {
            let (now, language) = (app.now.get(), app.language.get());
            ticker.with(|ticker| ticker.age(now)).map(|old| age(old, language))
        };
        return view! { <span class="fresh live"><i></i>{text}</span> }.into_any();
    }
    let source = ticker.with_untracked(|ticker| ticker.source.clone());
    badge(app, freshness, &source).into_any()
}

fn remove_button(app: App, item: StoredValue<Instrument>) -> impl IntoView {
    let label = move || {
        item.with_value(|item| fill(app.say(Text::Remove), &[("symbol", item.symbol.as_str())]))
    };
    view! {
        <button
            type="button"
            class="remove"
            tabindex="-1"
            title=label
            aria-label=label
            on:click=move |event| {
                event.stop_propagation();
                app.remove(&item.with_value(|item| item.symbol.clone()));
            }
        >
            {icon(Shape::Cross)}
        </button>
    }
}
