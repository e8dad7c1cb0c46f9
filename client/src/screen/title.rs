//! The tab's title: the selected price, so that it can be read from another tab.

use leptos::prelude::*;

use crate::app::App;
use crate::board::Freshness;
use crate::browser::document;
use crate::i18n::money;

/// Keeps the title right. At the page's clock, not at each price: a title is no ticker tape.
pub(super) fn follow() {
    let app = App::get();
    Effect::new(move |shown: Option<String>| {
        app.now.track();
        let title = title(app);
        if shown.as_deref() != Some(&title) {
            document().set_title(&title);
        }
        title
    });
}

fn title(app: App) -> String {
    let Some(instrument) = app.selected.get() else { return "Tidemark".into() };
    let ticker = app.row(&instrument.symbol).ticker.get_untracked();
    let mark = match untrack(|| app.freshness(&ticker)) {
        Freshness::Live | Freshness::Closed => "",
        // What is not true now must not look so from another tab either.
        _ => "⚠ ",
    };
    match &ticker.quote {
        Some(quote) => {
            format!("{mark}{} {} · Tidemark", instrument.symbol, money(quote.price, &instrument))
        }
        None => format!("{} · Tidemark", instrument.symbol),
    }
}
