//! A sign-in that ends, or a site that gives none: said across the page, which goes on.

use leptos::prelude::*;

use crate::app::{App, Sheet};
use crate::entrance::Mode;
use crate::i18n::{Text, age, entrance::token_error, fill};
use crate::screen::banner::banner;

/// What is said of the sign-in when a newer one is wanted, if there is anything to say.
pub(in crate::screen) fn end_banner(app: App) -> Option<AnyView> {
    match app.entry.mode {
        Mode::Demo => None,
        Mode::Accounts => Some(of_account(app)),
        Mode::Tokens => of_site(app),
    }
}

fn of_account(app: App) -> AnyView {
    let left = Memo::new(move |_| {
        let ends_at = app.status.with(|status| status.ends_at.filter(|_| status.asks_for_sign_in));
        let left = ends_at?.since(app.now.get());
        (left.as_secs() > 0).then(|| age(left, app.language.get()))
    });
    let is_over = Memo::new(move |_| left.with(Option::is_none));
    let refused = Memo::new(move |_| {
        app.status.with(|status| status.sign_in_refused.as_ref().map(|error| error.message.clone()))
    });
    let content = move || {
        let title = if is_over.get() { Text::SignInEnded } else { Text::SignInEnds };
        let hint = match refused.get() {
            Some(reason) => fill(app.say(Text::SignInRefused), &[("reason", &reason)]),
            None => app.say(Text::SignInEndsHint).to_owned(),
        };
        let acts = view! {
            // A countdown is not read out: the sentence before it is.
            <span class="quiet" aria-hidden="true">{left}</span>
            <button
                type="button"
                class="action"
                on:click=move |_| app.sheet.set(Some(Sheet::SignIn))
            >
                {app.said(Text::SignInAgain)}
            </button>
        };
        banner(app.say(title), hint, acts.into_any())
    };
    view! { <div data-testid="sign-in-ends">{content}</div> }.into_any()
}

fn of_site(app: App) -> Option<AnyView> {
    // Without trouble a newer token is on its way, which nobody has to know.
    let (title, hint) = token_error(&app.entry.trouble.get()?, app.language.get());
    let again = view! {
        <button type="button" class="action" on:click=move |_| app.renew_token()>
            {app.said(Text::QueueRetry)}
        </button>
    };
    Some(banner(app.say(title), hint, again.into_any()).into_any())
}
