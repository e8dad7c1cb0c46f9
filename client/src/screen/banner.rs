//! What stands in the way, said across the page with what to do about it.

use leptos::prelude::*;
use tidemark_shared::session::State;

use super::icon::{Shape, icon};
use super::own::store_banner;
use super::sign_in::end_banner;
use crate::app::App;
use crate::browser::window;
use crate::bus::StorageState;
use crate::entrance::Mode;
use crate::i18n::{Text, fill};
use crate::pwa::UpdateOffer;
use crate::queue::StoreState;

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// No connection was ever had.
    Unreachable,
    /// A newer page is needed.
    NeedsUpgrade,
    /// A sign-in is needed.
    NeedsAuth,
}

#[component]
pub(super) fn Banners() -> impl IntoView {
    let app = App::get();
    let trouble = Memo::new(move |_| {
        app.status.with(|status| match status.state {
            State::NeedsUpgrade => Some(Trouble::NeedsUpgrade),
            // Where there are sign-ins, it is said which one is wanted.
            State::NeedsAuth if app.entry.mode == Mode::Demo => Some(Trouble::NeedsAuth),
            State::NeedsAuth => None,
            // One failed attempt may be chance.
            _ if status.counters.connections == 0 && status.attempts >= 2 => {
                Some(Trouble::Unreachable)
            }
            _ => None,
        })
    });
    let connection = move || {
        trouble.get().map(|trouble| match trouble {
            Trouble::Unreachable => {
                let relay = app.relay();
                let hint = fill(app.say(Text::RelayUnreachableHint), &[("relay", &relay)]);
                banner(app.say(Text::RelayUnreachable), hint, reconnect_button(app).into_any())
            }
            Trouble::NeedsUpgrade => banner(
                app.say(Text::StateNeedsUpgrade),
                app.say(Text::NeedsUpgradeHint).into(),
                reload_button(app).into_any(),
            ),
            Trouble::NeedsAuth => banner(
                app.say(Text::StateNeedsAuth),
                app.say(Text::NeedsAuthHint).into(),
                reconnect_button(app).into_any(),
            ),
        })
    };
    let storage = move || {
        // Said of the user's own data, it need not be said again of the prices.
        let is_said = app.desk.documents.state() != StoreState::Ready;
        (app.storage.get() == StorageState::MemoryOnly && !is_said).then(|| {
            let hint = app.say(Text::MemoryOnlyHint).into();
            banner(app.say(Text::MemoryOnlyTitle), hint, ().into_any())
        })
    };
    let wants_sign_in = Memo::new(move |_| app.wants_sign_in());
    let sign_in = move || wants_sign_in.get().then(|| end_banner(app)).flatten();
    let own = move || store_banner(app);
    view! { <div class="banners">{connection}{sign_in}{own}{storage}<UpdateOffer /></div> }
}

pub(super) fn banner(title: &'static str, hint: String, action: AnyView) -> impl IntoView {
    view! {
        <div class="banner" role="alert">
            {icon(Shape::Warning)}
            <p><b>{title}</b>" "<span>{hint}</span></p>
            {action}
        </div>
    }
}

fn reconnect_button(app: App) -> impl IntoView {
    view! {
        <button type="button" class="action" on:click=move |_| app.reconnect()>
            {app.say(Text::ReconnectNow)}
        </button>
    }
}

fn reload_button(app: App) -> impl IntoView {
    let reload = |_| {
        // Refused only where reloading is forbidden: then the user has no other page to get.
        let _ = window().location().reload();
    };
    view! {
        <button type="button" class="action" on:click=reload>{app.say(Text::Reload)}</button>
    }
}
