//! What the user keeps about the selected instrument: note, alert rules, layouts. One of them is
//! open at a time, or none.

use leptos::prelude::*;
use tidemark_shared::market::Symbol;

use super::{layouts, note, rules};
use crate::app::App;
use crate::browser::window;
use crate::i18n::Text;
use crate::screen::icon::{Shape, icon};

/// A window that is lower leaves its room to the chart at first.
const ROOMY_PX: f64 = 800.0;

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drawer {
    Note,
    Rules,
    Layouts,
}

#[component]
pub(in crate::screen) fn OwnStrip() -> impl IntoView {
    let app = App::get();
    let open = RwSignal::new(is_roomy().then_some(Drawer::Note));
    let symbol = Memo::new(move |_| app.selected.with(|item| Some(item.as_ref()?.symbol.clone())));
    let drawers = move || symbol.get().map(|symbol| strip(app, symbol, open));
    view! { <section class="own">{drawers}</section> }
}

fn strip(app: App, symbol: Symbol, open: RwSignal<Option<Drawer>>) -> AnyView {
    let toggle = move |drawer: Drawer| {
        open.update(|open| *open = if *open == Some(drawer) { None } else { Some(drawer) });
    };
    let tab = move |drawer: Drawer, shape: Shape, text: Text, detail: AnyView| {
        view! {
            <button
                type="button"
                aria-expanded=move || (open.get() == Some(drawer)).to_string()
                aria-controls="drawer"
                on:click=move |_| toggle(drawer)
            >
                {icon(shape)}
                <span>{app.said(text)}</span>
                {detail}
            </button>
        }
        .into_any()
    };
    let note_symbol = symbol.clone();
    let drawer = move || match open.get()? {
        Drawer::Note => Some(note::note(app, &symbol)),
        Drawer::Rules => Some(rules::rules(app, &symbol)),
        Drawer::Layouts => Some(layouts::layouts(app)),
    };
    view! {
        <div class="own-tabs">
            {tab(Drawer::Note, Shape::Pen, Text::Note, note::beginning(app, &note_symbol))}
            {tab(Drawer::Rules, Shape::Bell, Text::Rules, rules::count(app, &note_symbol))}
            {tab(Drawer::Layouts, Shape::Frame, Text::Layouts, layouts::count(app))}
        </div>
        <div id="drawer">{drawer}</div>
    }
    .into_any()
}

fn is_roomy() -> bool {
    let height = window().inner_height().ok().and_then(|height| height.as_f64());
    height.is_some_and(|height| height >= ROOMY_PX)
}
