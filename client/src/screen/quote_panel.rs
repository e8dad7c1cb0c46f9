//! The selected instrument's figures.

use leptos::prelude::*;
use tidemark_shared::market::{Instrument, Quote};

use super::freshness_badge::{badge, class_of, sentence};
use super::price_cells::{Flash, direction, range_share};
use crate::app::{App, shown};
use crate::board::{Freshness, Ticker};
use crate::browser::clock;
use crate::i18n::{
    Digits, LocalTime, Text, age, change, clock_time, compact, date_time, money, percent, price,
    wording,
};

#[component]
pub(super) fn QuotePanel() -> impl IntoView {
    let app = App::get();
    // Built anew for another instrument only, not for each price.
    let instrument = Memo::new(move |_| app.selected.get());
    move || match instrument.get() {
        Some(instrument) => figures(app, instrument).into_any(),
        None => view! {
            <div class="quote empty">
                <b>{app.said(Text::NoSelection)}</b>
                <p>{app.said(Text::NoSelectionHint)}</p>
            </div>
        }
        .into_any(),
    }
}

fn figures(app: App, instrument: Instrument) -> impl IntoView {
    let digits = Digits::of(&instrument);
    let ticker: RwSignal<Ticker> = app.row(&instrument.symbol).ticker.into();
    let freshness = Memo::new(move |_| ticker.with(|ticker| app.freshness(ticker)));
    let (symbol, name) = (instrument.symbol.as_str().to_owned(), instrument.name.clone());
    let add = add_button(app, instrument.clone());
    let facts = facts(app, ticker, digits);
    view! {
        <div class="quote" data-fresh=move || class_of(freshness.get())>
            <div class="who">
                <h2>{symbol}</h2>
                <span class="name">{name}</span>
                {move || trust(app, ticker, freshness.get())}
                {add}
            </div>
            {headline(ticker, instrument)}
            <dl class="facts">{facts}</dl>
            <p class="why">
                {move || explanation(app, ticker, freshness.get())}
            </p>
        </div>
    }
}

/// For an instrument that is shown but not listed.
fn add_button(app: App, instrument: Instrument) -> impl IntoView {
    let instrument = StoredValue::new(instrument);
    let is_listed = Memo::new(move |_| {
        app.watchlist.with(|list| instrument.with_value(|item| list.get(&item.symbol).is_some()))
    });
    view! {
        <Show when=move || !is_listed.get()>
            <button type="button" class="action" on:click=move |_| app.add(instrument.get_value())>
                {app.said(Text::AddToList)}
            </button>
        </Show>
    }
}

fn headline(ticker: RwSignal<Ticker>, instrument: Instrument) -> impl IntoView {
    let digits = Digits::of(&instrument);
    let flash = StoredValue::new(Flash::since(ticker.with_untracked(|ticker| ticker.moves)));
    let amount = move || {
        ticker.with(|ticker| match &ticker.quote {
            Some(quote) => money(quote.price, &instrument),
            None => "–".into(),
        })
    };
    let moved = move || {
        ticker.with(|ticker| {
            let quote = ticker.quote.as_ref()?;
            let reference = quote.reference?;
            let difference = change(quote.price, reference, digits);
            Some(format!("{difference} ({})", percent(quote.price, reference)))
        })
    };
    view! {
        <div class="headline">
            <b class=move || flash.try_update_value(|flash| ticker.with(|ticker| flash.class(ticker)))
                data-testid="price">
                {amount}
            </b>
            <span class=move || ticker.with(direction)>{moved}</span>
        </div>
    }
}

fn facts(app: App, ticker: RwSignal<Ticker>, digits: Digits) -> Vec<AnyView> {
    let of = move |read: fn(&Quote) -> Option<tidemark_shared::market::Price>| {
        move || ticker.with(|ticker| Some(price(read(ticker.quote.as_ref()?)?, digits)))
    };
    let phase = move || {
        let phase = ticker.with(|ticker| ticker.quote.as_ref().map(|quote| quote.phase))?;
        Some(app.say(wording::phase(phase)).to_owned())
    };
    let volume = move || {
        let language = app.language.get();
        ticker.with(|ticker| Some(compact(ticker.quote.as_ref()?.volume?, language)))
    };
    let size = move || {
        let language = app.language.get();
        ticker.with(|ticker| Some(compact(ticker.quote.as_ref()?.size?, language)))
    };
    let spread = move || {
        ticker.with(|ticker| {
            let quote = ticker.quote.as_ref()?;
            let gap = quote.ask?.value().checked_sub(quote.bid?.value())?;
            Some(price(tidemark_shared::market::Price::new(gap), digits))
        })
    };
    let venue_time = move || {
        let time = ticker.with(|ticker| ticker.quote.as_ref().map(|quote| quote.time))?;
        let is_today = app.now.get().since(time).as_secs() < 43_200;
        let local = LocalTime::of(time, clock::zone_minutes(time));
        let language = app.language.get();
        Some(if is_today { clock_time(local) } else { date_time(local, language) })
    };
    let source = move || ticker.with(|ticker| Some(ticker.source.to_string()));
    vec![
        fact(app, Text::Bid, "", of(|quote| quote.bid)),
        fact(app, Text::Ask, "", of(|quote| quote.ask)),
        fact(app, Text::Spread, "minor", spread),
        fact(app, Text::High, "", of(|quote| quote.high)),
        fact(app, Text::Low, "", of(|quote| quote.low)),
        day_range(app, ticker),
        fact(app, Text::Reference, "", of(|quote| quote.reference)),
        fact(app, Text::Volume, "", volume),
        fact(app, Text::LastSize, "minor", size),
        fact(app, Text::Phase, "", phase),
        fact(app, Text::VenueTime, "", venue_time),
        fact(app, Text::Source, "", source),
    ]
}

fn fact(
    app: App,
    name: Text,
    class: &'static str,
    value: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> AnyView {
    let value = shown(value);
    view! { <div class=class><dt>{app.said(name)}</dt><dd>{value}</dd></div> }.into_any()
}

fn day_range(app: App, ticker: RwSignal<Ticker>) -> AnyView {
    let place = Memo::new(move |_| {
        ticker.with(|ticker| Some((range_share(ticker.quote.as_ref()?)? * 160.0).round() / 2.0))
    });
    view! {
        <div class="minor">
            <dt>{app.said(Text::DayRange)}</dt>
            <dd>
                <svg class="range" viewBox="0 0 80 8" aria-hidden="true"
                    class:is-empty=move || place.get().is_none()>
                    <line x1="0" y1="4" x2="80" y2="4" />
                    <circle cx=move || place.get().unwrap_or(0.0) cy="4" r="3" />
                </svg>
            </dd>
        </div>
    }
    .into_any()
}

fn trust(app: App, ticker: RwSignal<Ticker>, freshness: Freshness) -> AnyView {
    let source = ticker.with_untracked(|ticker| ticker.source.clone());
    let old = move || {
        let (now, language) = (app.now.get(), app.language.get());
        ticker.with(|ticker| ticker.age(now)).map(|old| age(old, language))
    };
    view! {
        {badge(app, freshness, &source)}
        <span class="quiet age">{old}</span>
    }
    .into_any()
}

/// Only what is not as it should be needs explaining.
fn explanation(app: App, ticker: RwSignal<Ticker>, freshness: Freshness) -> Option<String> {
    if freshness == Freshness::Live {
        return None;
    }
    let source = ticker.with(|ticker| ticker.source.clone());
    Some(sentence(app, freshness, &source))
}
