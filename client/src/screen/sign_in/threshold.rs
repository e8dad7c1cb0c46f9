//! The whole page as a place to sign in.

use leptos::prelude::*;

use super::form::{Purpose, entrance};
use crate::app::{Threshold as Known, account, first_language};
use crate::entrance::{Door, Mode, SessionInfo};
use crate::i18n::{Language, Text, fill};
use crate::screen::icon::{Shape, icon};

#[component]
pub(in crate::screen) fn Threshold(known: Known) -> impl IntoView {
    let Known { relay, info, secret } = known;
    let language = RwSignal::new(first_language());
    let say = move |text: Text| move || text.say(language.get());
    let door = Door::of(relay.clone(), None);
    let may_sign_up = info.as_ref().is_some_and(|info| info.sign_up);
    let is_late = account::is_leaving(&relay);
    let is_first = secret.is_some();
    let first = match secret {
        Some(secret) => Purpose::Secret(secret),
        None => Purpose::SignIn { user: String::new() },
    };
    let where_to = relay.as_str().to_owned();
    let enter = move |info: SessionInfo| {
        account::has_left(&relay);
        if let Some(user) = &info.user {
            account::remember(&relay, Mode::Accounts, user);
        }
        account::reload();
    };
    let languages = Language::ALL.map(|other| {
        view! {
            <button
                type="button"
                lang=other.tag()
                aria-label=other.own_name()
                aria-pressed=move || (language.get() == other).to_string()
                on:click=move |_| language.set(other)
            >
                {other.tag().to_ascii_uppercase()}
            </button>
        }
    });
    let title = move || fill(Text::SignInTo.say(language.get()), &[("relay", &where_to)]);
    view! {
        <main class="threshold" lang=move || language.get().tag()>
            <header>
                <h1 class="brand">{icon(Shape::Tide)}<span>"Tidemark"</span></h1>
                <div class="switch" role="group" aria-label=say(Text::LanguageName)>{languages}</div>
            </header>
            <h2>{title}</h2>
            {is_late.then(|| view! { <p class="notice" role="status">{say(Text::SignOutLater)}</p> })}
            {is_first.then(|| view! { <p class="notice">{say(Text::LinkHint)}</p> })}
            {entrance(language, door, first, may_sign_up, enter)}
        </main>
    }
}
