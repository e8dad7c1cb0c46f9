//! The keyboard shortcuts, in a dialog of the platform's own: it keeps the focus inside, closes on
//! Escape and gives the focus back.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::icon::{Shape, icon};
use crate::app::App;
use crate::i18n::Text;

const KEYS: [(&str, Text); 12] = [
    ("/", Text::KeySearch),
    ("↑ ↓ / K J", Text::KeySelect),
    ("Alt ↑ ↓", Text::KeyReorder),
    ("Del", Text::KeyRemove),
    ("1 … 8", Text::KeyInterval),
    ("← →", Text::KeyBars),
    ("+ −", Text::KeyZoom),
    ("End", Text::KeyNewest),
    ("R", Text::KeyReconnect),
    ("T", Text::KeyTheme),
    ("L", Text::KeyLanguage),
    ("?", Text::KeyHelp),
];

#[component]
pub(super) fn Help() -> impl IntoView {
    let app = App::get();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (app.help_open.get(), dialog.open()) {
            // Refused only for a dialog that is open already.
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let keys = KEYS.map(|(key, text)| {
        view! { <div><dt><kbd>{key}</kbd></dt><dd>{app.said(text)}</dd></div> }
    });
    view! {
        <dialog
            class="help"
            node_ref=dialog
            aria-label=app.said(Text::Help)
            on:close=move |_| app.help_open.set(false)
        >
            <div class="panel-head">
                <h2>{app.said(Text::Help)}</h2>
                <button
                    type="button"
                    class="plain"
                    aria-label=app.said(Text::Close)
                    on:click=move |_| app.help_open.set(false)
                >
                    {icon(Shape::Cross)}
                </button>
            </div>
            <dl>{keys}</dl>
        </dialog>
    }
}
