//! The market in one line: how many rise and fall, and what moves most.

use leptos::prelude::*;
use tidemark_shared::protocol::{Movers, Overview};

use super::icon::{Shape, icon};
use crate::app::App;
use crate::board::Reach;
use crate::i18n::{Text, fill, percent};

/// Of each direction; what does not fit is cut by the style sheet.
const MOVERS_MAX: usize = 3;

#[component]
pub(super) fn OverviewStrip() -> impl IntoView {
    let app = App::get();
    let content = move || {
        app.overview.with(|overview| match overview {
            Some(overview) => strip(app, overview).into_any(),
            None => {
                view! { <span class="quiet">{app.say(Text::OverviewWaiting)}</span> }.into_any()
            }
        })
    };
    view! {
        <section
            class="overview"
            class:is-stale=move || app.reach.get() == Reach::Lost
            aria-label=app.said(Text::Market)
        >
            {content}
        </section>
    }
}

fn strip(app: App, overview: &Overview) -> impl IntoView + use<> {
    let counted = |text: Text, count: u32| fill(app.say(text), &[("n", &count.to_string())]);
    let movers: Vec<_> = overview
        .gainers
        .iter()
        .take(MOVERS_MAX)
        .chain(overview.losers.iter().take(MOVERS_MAX))
        .map(|mover| chip(app, mover))
        .collect();
    let steady = overview.priced.saturating_sub(overview.up).saturating_sub(overview.down);
    view! {
        <span class="count rising">{icon(Shape::Up)}{counted(Text::Rising, overview.up)}</span>
        {breadth(overview.up, steady, overview.down)}
        <span class="count falling">{icon(Shape::Down)}{counted(Text::Falling, overview.down)}</span>
        <div class="movers" role="group" aria-label=app.say(Text::TopMovers)>{movers}</div>
    }
}

/// Risers, steady ones and fallers as one bar.
fn breadth(up: u32, steady: u32, down: u32) -> impl IntoView {
    let all = f64::from((up + steady + down).max(1));
    let part = |count: u32| 48.0 * f64::from(count) / all;
    let (rising, falling) = (part(up), part(down));
    view! {
        <svg class="breadth" viewBox="0 0 48 4" aria-hidden="true">
            <rect class="steady" x="0" y="0" width="48" height="4" />
            <rect class="rising" x="0" y="0" width=rising height="4" />
            <rect class="falling" x=48.0 - falling y="0" width=falling height="4" />
        </svg>
    }
}

fn chip(app: App, mover: &Movers) -> impl IntoView + use<> {
    let direction = if mover.price >= mover.reference { "rising" } else { "falling" };
    let symbol = mover.symbol.clone();
    let name = symbol.as_str().to_owned();
    view! {
        <button type="button" class="mover" on:click=move |_| app.show_symbol(&symbol)>
            <b>{name}</b>
            <span class=direction>{percent(mover.price, mover.reference)}</span>
        </button>
    }
}
