//! The words for it on the screen.

use leptos::prelude::*;

use super::install::{self, Install};
use super::{Offline, Pwa, Update};
use crate::app::App;
use crate::i18n::Text;
use crate::screen::{Shape, icon};

/// Says that there is a newer version, and lets the user take it now or later.
#[component]
pub(crate) fn UpdateOffer() -> impl IntoView {
    let app = App::get();
    let pwa = app.pwa;
    let title = move || match pwa.update.get() {
        Update::None | Update::Later => None,
        Update::Ready => Some(Text::UpdateReady),
        Update::TakenElsewhere => Some(Text::UpdateTaken),
    };
    let banner = move |title: Text| {
        view! {
            <div class="banner news">
                {icon(Shape::Refresh)}
                <p><b>{app.said(title)}</b>" "<span>{app.said(Text::UpdateHint)}</span></p>
                <button type="button" class="action" on:click=move |_| pwa.take_update()>
                    {app.said(Text::Reload)}
                </button>
                <button
                    type="button"
                    class="plain"
                    title=app.said(Text::Later)
                    aria-label=app.said(Text::Later)
                    on:click=move |_| pwa.update.set(Update::Later)
                >
                    {icon(Shape::Cross)}
                </button>
            </div>
        }
    };
    view! { <div role="status" aria-live="polite">{move || title().map(banner)}</div> }
}

/// Installs the page where the browser offers that, or says how; else nothing is there.
#[component]
pub(crate) fn InstallButton() -> impl IntoView {
    let app = App::get();
    let pwa = app.pwa;
    let button = move || {
        view! {
            <button type="button" class="action install" on:click=move |_| install::ask(pwa)>
                {icon(Shape::Download)}
                <span>{app.said(Text::Install)}</span>
            </button>
        }
    };
    let way = move || match pwa.install.get() {
        Install::NotOffered => ().into_any(),
        Install::Offered => button().into_any(),
        Install::ByHand => {
            view! { <span class="quiet install">{app.said(Text::InstallByHand)}</span> }.into_any()
        }
    };
    view! { {way} }
}

/// Whether the page opens without a network, in words.
pub(crate) fn offline_words(pwa: Pwa) -> Text {
    match pwa.offline.get() {
        Offline::Unknown | Offline::Preparing => Text::OfflinePreparing,
        Offline::Ready => Text::OfflineReady,
        Offline::Unavailable => Text::OfflineUnavailable,
    }
}
