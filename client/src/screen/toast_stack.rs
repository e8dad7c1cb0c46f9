//! The short messages on the screen, politely told to screen readers.

use leptos::prelude::*;

use super::icon::{Shape, icon};
use crate::app::{App, Toast};
use crate::i18n::Text;

#[component]
pub(super) fn ToastStack() -> impl IntoView {
    let app = App::get();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || app.toasts.shown() key=|toast| toast.id let:toast>
                {message(app, toast)}
            </For>
        </div>
    }
}

fn message(app: App, toast: Toast) -> impl IntoView {
    let id = toast.id;
    let offer = toast.offer.map(|offer| {
        let act = move |_| {
            app.toasts.dismiss(id);
            (offer.act)();
        };
        view! {
            <button type="button" class="action" on:click=act>
                {app.said(offer.label)}
            </button>
        }
    });
    view! {
        <div class="toast">
            <span>{toast.text}</span>
            {offer}
            <button
                type="button"
                class="plain"
                aria-label=app.said(Text::Close)
                on:click=move |_| app.toasts.dismiss(id)
            >
                {icon(Shape::Cross)}
            </button>
        </div>
    }
}
