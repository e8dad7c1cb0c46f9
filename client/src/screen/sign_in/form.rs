//! User and password, for signing in, signing up and what a printed link allows.

use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen_futures::spawn_local;

use crate::entrance::{Door, DoorError, Secret, SessionInfo};
use crate::i18n::{Language, Text, entrance::sign_in_error};

/// What a form is for.
#[derive(Clone)]
pub(in crate::screen) enum Purpose {
    /// To sign in, as the user who was here before, if there was one.
    SignIn {
        /// Their name.
        user: String,
    },
    /// To make an account.
    SignUp,
    /// To make what a printed link allows.
    Secret(Secret),
}

impl Purpose {
    const fn path(&self) -> &'static str {
        match self {
            Purpose::SignIn { .. } => "/api/sign-in",
            Purpose::SignUp => "/api/sign-up",
            Purpose::Secret(Secret::FirstAdmin(_)) => "/api/first-admin",
        }
    }

    const fn words(&self) -> Text {
        match self {
            Purpose::SignIn { .. } => Text::SignIn,
            Purpose::SignUp => Text::SignUp,
            Purpose::Secret(Secret::FirstAdmin(_)) => Text::LinkPassword,
        }
    }

    fn body(&self, user: &str, password: &str) -> Value {
        match self {
            Purpose::SignIn { .. } | Purpose::SignUp => {
                json!({ "user": user, "password": password })
            }
            Purpose::Secret(Secret::FirstAdmin(link)) => {
                json!({ "link": link, "user": user, "password": password })
            }
        }
    }
}

/// What became of a try.
#[derive(Clone, PartialEq)]
enum Outcome {
    /// Nothing was tried yet.
    None,
    /// It is on its way.
    Working,
    /// It failed.
    Failed(DoorError),
    /// It worked, and the browser did not keep it.
    NotKept,
}

/// The form, and where accounts may be made, the way to that. `done` is told who is signed in.
pub(in crate::screen) fn entrance(
    language: RwSignal<Language>,
    door: Door,
    first: Purpose,
    may_sign_up: bool,
    done: impl Fn(SessionInfo) + Clone + Send + 'static,
) -> AnyView {
    let purpose = RwSignal::new_local(first);
    let content = move || form(language, door.clone(), purpose.get(), done.clone());
    let other = move || {
        let signs_up = match purpose.get() {
            Purpose::SignIn { .. } => false,
            Purpose::SignUp => true,
            Purpose::Secret(_) => return None,
        };
        let (ask, act, to) = match signs_up {
            true => (Text::SignInAsk, Text::SignIn, Purpose::SignIn { user: String::new() }),
            false => (Text::SignUpAsk, Text::SignUp, Purpose::SignUp),
        };
        let way = view! {
            <p class="acts">
                <span class="quiet">{ask.say(language.get())}</span>
                <button
                    type="button"
                    class="action"
                    data-testid="other-way"
                    on:click=move |_| purpose.set(to.clone())
                >
                    {act.say(language.get())}
                </button>
            </p>
        };
        Some(way.into_any())
    };
    view! { {content} {may_sign_up.then_some(other)} }.into_any()
}

fn form(
    language: RwSignal<Language>,
    door: Door,
    purpose: Purpose,
    done: impl Fn(SessionInfo) + Clone + 'static,
) -> AnyView {
    let first = match &purpose {
        Purpose::SignIn { user } => user.clone(),
        _ => String::new(),
    };
    let user = RwSignal::new(first);
    let password = RwSignal::new(String::new());
    let outcome = RwSignal::new(Outcome::None);
    let say = move |text: Text| move || text.say(language.get());
    let words = purpose.words();
    let is_new = !matches!(purpose, Purpose::SignIn { .. });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if outcome.get_untracked() == Outcome::Working {
            return;
        }
        outcome.set(Outcome::Working);
        let name = user.with_untracked(|user| user.trim().to_owned());
        let body = password.with_untracked(|password| purpose.body(&name, password));
        let (door, path, done) = (door.clone(), purpose.path(), done.clone());
        spawn_local(async move {
            let answer = match door.enter(path, body).await {
                // Whether the browser kept the cookie, only the relay can tell.
                Ok(_) => door.session().await,
                Err(error) => Err(error),
            };
            // The dialog may be closed by now.
            let _ = match answer {
                Ok(info) if info.user.is_some() => {
                    let _ = password.try_set(String::new());
                    done(info);
                    outcome.try_set(Outcome::None)
                }
                Ok(_) => outcome.try_set(Outcome::NotKept),
                Err(error) => outcome.try_set(Outcome::Failed(error)),
            };
        });
    };
    let trouble = move || match outcome.get() {
        Outcome::None | Outcome::Working => String::new(),
        Outcome::Failed(error) => sign_in_error(&error, language.get()),
        Outcome::NotKept => Text::SignInNoCookie.say(language.get()).into(),
    };
    let is_working = move || outcome.get() == Outcome::Working;
    view! {
        <form class="sign-in" on:submit=submit data-testid="sign-in">
            <label class="field">
                <span>{say(Text::UserName)}</span>
                <input
                    type="text"
                    name="username"
                    autocomplete="username"
                    autocapitalize="off"
                    spellcheck="false"
                    maxlength="81"
                    required
                    data-testid="user"
                    prop:value=user
                    on:input=move |event| user.set(event_target_value(&event))
                />
            </label>
            {password_field(language, Text::Password, is_new, password)}
            <p class="bad" role="alert" data-testid="sign-in-trouble">{trouble}</p>
            <button type="submit" class="action main" disabled=is_working>
                {move || match is_working() {
                    true => Text::SignInWorking.say(language.get()),
                    false => words.say(language.get()),
                }}
            </button>
        </form>
    }
    .into_any()
}

/// A password that can be looked at while it is typed.
pub(in crate::screen) fn password_field(
    language: RwSignal<Language>,
    label: Text,
    is_new: bool,
    password: RwSignal<String>,
) -> AnyView {
    let is_shown = RwSignal::new(false);
    let say = move |text: Text| move || text.say(language.get());
    let name = if is_new { "new-password" } else { "current-password" };
    view! {
        <div class="field">
            <label>
                <span class="quiet">{say(label)}</span>
                <input
                    type=move || if is_shown.get() { "text" } else { "password" }
                    name=name
                    autocomplete=name
                    autocapitalize="off"
                    spellcheck="false"
                    maxlength="1024"
                    required
                    data-testid=name
                    prop:value=password
                    on:input=move |event| password.set(event_target_value(&event))
                />
            </label>
            <button
                type="button"
                class="action"
                aria-pressed=move || is_shown.get().to_string()
                on:click=move |_| is_shown.update(|shown| *shown = !*shown)
            >
                {move || match is_shown.get() {
                    true => Text::PasswordHide.say(language.get()),
                    false => Text::PasswordShow.say(language.get()),
                }}
            </button>
        </div>
    }
    .into_any()
}
