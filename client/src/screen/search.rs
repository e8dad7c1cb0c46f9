//! The search box: suggestions as one types, chosen by mouse or keys.

use std::time::Duration;

use leptos::prelude::*;
use tidemark_shared::market::Instrument;
use wasm_bindgen_futures::spawn_local;
use web_sys::KeyboardEvent;

use super::icon::{Shape, icon};
use crate::app::App;
use crate::browser::timer::Timeout;
use crate::i18n::{Text, fill};

/// Where the keyboard shortcut puts the focus.
pub(super) const INPUT_ID: &str = "search";

/// A pause in typing after which the relay is asked.
const TYPING_PAUSE: Duration = Duration::from_millis(120);

/// What is known about the text in the box.
#[derive(Clone, Debug, Default, PartialEq)]
enum Findings {
    #[default]
    Nothing,
    Searching,
    Found(Vec<Instrument>),
    Unreachable,
}

/// The box's state.
#[derive(Clone, Copy)]
struct Search {
    app: App,
    text: RwSignal<String>,
    findings: RwSignal<Findings>,
    /// Which suggestion the keys have chosen.
    chosen: RwSignal<usize>,
    open: RwSignal<bool>,
    pause: StoredValue<Option<Timeout>, LocalStorage>,
}

#[component]
pub(super) fn SearchBox() -> impl IntoView {
    let app = App::get();
    let search = Search {
        app,
        text: RwSignal::default(),
        findings: RwSignal::default(),
        chosen: RwSignal::new(0),
        open: RwSignal::new(false),
        pause: StoredValue::new_local(None),
    };
    let is_open = move || search.open.get() && !search.text.with(String::is_empty);
    view! {
        <div class="search" role="search">
            {icon(Shape::Search)}
            <input
                id=INPUT_ID
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                aria-autocomplete="list"
                aria-controls="suggestions"
                aria-label=app.said(Text::SearchLabel)
                aria-expanded=move || is_open().to_string()
                aria-activedescendant=move || {
                    is_open().then(|| format!("suggestion-{}", search.chosen.get()))
                }
                placeholder=app.said(Text::SearchPlaceholder)
                prop:value=search.text
                on:input=move |event| search.typed(event_target_value(&event))
                on:keydown=move |event| search.key(&event)
                on:focus=move |_| search.open.set(true)
                on:blur=move |_| search.open.set(false)
            />
            <kbd aria-hidden="true">"/"</kbd>
            <Show when=is_open>
                <ul id="suggestions" role="listbox" aria-label=app.said(Text::SearchLabel)>
                    {move || search.findings.with(|findings| search.suggestions(findings))}
                </ul>
            </Show>
        </div>
    }
}

impl Search {
    fn typed(self, text: String) {
        self.open.set(true);
        self.chosen.set(0);
        self.text.set(text.clone());
        if text.trim().is_empty() {
            self.findings.set(Findings::Nothing);
            self.pause.set_value(None);
            return;
        }
        if !matches!(self.findings.get_untracked(), Findings::Found(_)) {
            self.findings.set(Findings::Searching);
        }
        let timer = Timeout::after(TYPING_PAUSE, move || spawn_local(self.ask(text)));
        self.pause.set_value(Some(timer));
    }

    async fn ask(self, text: String) {
        let answer = self.app.search(text.trim().to_owned()).await;
        // An answer to what is no longer in the box is no answer.
        if self.text.with_untracked(|now| *now == text) {
            self.findings.set(match answer {
                Ok(found) => Findings::Found(found),
                Err(_) => Findings::Unreachable,
            });
        }
    }

    fn key(self, event: &KeyboardEvent) {
        let count = self.findings.with_untracked(|findings| match findings {
            Findings::Found(found) => found.len(),
            _ => 0,
        });
        match event.key().as_str() {
            "ArrowDown" if count > 0 => self.chosen.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => self.chosen.update(|at| *at = (*at + count - 1) % count),
            "Enter" => self.take_chosen(),
            "Escape" => self.clear(),
            _ => return,
        }
        event.prevent_default();
    }

    fn take_chosen(self) {
        let chosen = self.chosen.get_untracked();
        let instrument = self.findings.with_untracked(|findings| match findings {
            Findings::Found(found) => found.get(chosen).cloned(),
            _ => None,
        });
        if let Some(instrument) = instrument {
            self.take(instrument);
        }
    }

    fn take(self, instrument: Instrument) {
        self.app.add(instrument);
        self.clear();
    }

    fn clear(self) {
        self.text.set(String::new());
        self.findings.set(Findings::Nothing);
        self.open.set(false);
    }

    fn suggestions(self, findings: &Findings) -> AnyView {
        let app = self.app;
        let line = |text: String| view! { <li class="quiet">{text}</li> }.into_any();
        match findings {
            Findings::Nothing | Findings::Searching => line(app.say(Text::Searching).into()),
            Findings::Unreachable => line(app.say(Text::SearchOffline).into()),
            Findings::Found(found) if found.is_empty() => {
                let text = self.text.get();
                line(fill(app.say(Text::SearchNothing), &[("text", text.trim())]))
            }
            Findings::Found(found) => {
                let all = found.iter().cloned().enumerate();
                all.map(|(at, found)| self.suggestion(at, found)).collect_view().into_any()
            }
        }
    }

    fn suggestion(self, at: usize, found: Instrument) -> impl IntoView {
        let app = self.app;
        let symbol = found.symbol.clone();
        let listed = move || app.watchlist.with(|list| list.get(&symbol).is_some());
        let (text, name) = (found.symbol.as_str().to_owned(), found.name.clone());
        let detail = format!("{} · {}", found.currency, found.feed);
        view! {
            <li
                id=format!("suggestion-{at}")
                role="option"
                aria-selected=move || (self.chosen.get() == at).to_string()
                // Before the box loses its focus, and with it this list.
                on:mousedown=move |event| {
                    event.prevent_default();
                    self.take(found.clone());
                }
                on:mousemove=move |_| {
                    if self.chosen.get_untracked() != at {
                        self.chosen.set(at);
                    }
                }
            >
                <b>{text}</b>
                <span class="name">{name}</span>
                <span class="quiet">{detail}</span>
                <Show when=listed.clone()>
                    <span class="listed">{app.said(Text::SearchListed)}</span>
                </Show>
            </li>
        }
    }
}
