//! A list that the relay gives, read again after each change.

use std::time::Duration;

use leptos::prelude::*;
use serde_json::Value;
use tidemark_shared::clock::UnixMillis;
use wasm_bindgen_futures::spawn_local;

use crate::app::App;
use crate::entrance::DoorError;
use crate::i18n::{Text, age, entrance::door_error};
use crate::screen::own::button;

/// More rows than this nobody reads: the search finds the others.
const ROWS_MAX: usize = 200;

/// What the relay answers at one address. A handle: cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Listing {
    app: App,
    path: &'static str,
    answer: RwSignal<Option<Result<Value, DoorError>>>,
}

impl Listing {
    /// Begins to read it.
    pub(super) fn of(app: App, path: &'static str) -> Self {
        let listing = Listing { app, path, answer: RwSignal::new(None) };
        listing.read();
        listing
    }

    /// Does something, then reads again. Why it could not be done is said.
    pub(super) fn act(self, path: String, body: Value) {
        let Some(door) = self.app.door() else { return };
        spawn_local(async move {
            match door.act(&path, body).await {
                Ok(()) => {
                    self.app.toast(Text::AdminDone, &[]);
                    self.read();
                }
                Err(error) => {
                    let language = self.app.language.get_untracked();
                    self.app.toasts.show(door_error(&error, language));
                }
            }
        });
    }

    /// The whole answer, when it is there.
    pub(super) fn whole(self) -> Option<Value> {
        self.answer.with(|answer| answer.as_ref()?.as_ref().ok().cloned())
    }

    /// The rows under a name in which a search is found.
    pub(super) fn rows(
        self,
        name: &'static str,
        search: RwSignal<String>,
        row: fn(App, Listing, &Value) -> AnyView,
    ) -> AnyView {
        let app = self.app;
        let content = move || {
            let answer = self.whole().unwrap_or_default();
            let all = answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            let search = search.get().to_lowercase();
            let found: Vec<&Value> = all.iter().filter(|row| is_found(row, &search)).collect();
            let more = found.len().saturating_sub(ROWS_MAX);
            let is_empty = found.is_empty() && self.answer.with(Option::is_some);
            let rows = found.into_iter().take(ROWS_MAX).map(|value| row(app, self, value));
            view! {
                <ul class="own-list" data-testid=name>{rows.collect_view()}</ul>
                {is_empty.then(|| view! { <p class="quiet">{app.say(Text::AdminNothing)}</p> })}
                {(more > 0).then(|| view! { <p class="quiet">{format!("+ {more}")}</p> })}
            }
        };
        view! { {self.head()} {content} }.into_any()
    }

    /// What went wrong, and a way to try again.
    pub(super) fn head(self) -> AnyView {
        let app = self.app;
        let trouble = move || {
            self.answer.with(|answer| match answer {
                Some(Err(error)) => door_error(error, app.language.get()),
                _ => String::new(),
            })
        };
        view! {
            <p class="bad" role="alert">{trouble}</p>
            <div class="acts">{button(app, Text::AdminReload, move || self.read())}</div>
        }
        .into_any()
    }

    fn read(self) {
        let Some(door) = self.app.door() else { return };
        spawn_local(async move {
            let answer = door.read(self.path).await;
            // The dialog may be closed by now.
            let _ = self.answer.try_set(Some(answer));
        });
    }
}

/// A text of a row; empty where there is none.
pub(super) fn text(row: &Value, name: &str) -> String {
    row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A number of a row, as text.
pub(super) fn number(row: &Value, name: &str) -> String {
    row.get(name).and_then(Value::as_u64).unwrap_or_default().to_string()
}

/// A time of a row.
pub(super) fn time_of(row: &Value, name: &str) -> Option<UnixMillis> {
    row.get(name).and_then(Value::as_i64).map(UnixMillis)
}

/// How long ago a time of a row is, in words.
pub(super) fn age_of(app: App, row: &Value, name: &str) -> String {
    let now = app.now.get_untracked();
    let old = time_of(row, name).map_or(Duration::ZERO, |at| now.since(at));
    age(old, app.language.get())
}

fn is_found(row: &Value, search: &str) -> bool {
    search.is_empty()
        || ["user", "address", "credential"]
            .iter()
            .any(|name| text(row, name).to_lowercase().contains(search))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_found_by_user_or_address_and_what_is_missing_is_empty() {
        let row = json!({ "user": "Alice", "address": "10.0.0.7", "topics": 3, "opened": 5 });
        assert!(is_found(&row, "ali") && is_found(&row, "0.7") && is_found(&row, ""));
        assert!(!is_found(&row, "bob"));
        assert_eq!((text(&row, "by"), number(&row, "topics")), (String::new(), "3".into()));
        assert_eq!((time_of(&row, "opened"), time_of(&row, "until")), (Some(UnixMillis(5)), None));
    }
}
