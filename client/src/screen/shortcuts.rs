//! Keys that work everywhere on the page, except where one writes.

use leptos::prelude::*;
use tidemark_shared::market::Interval;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::search::INPUT_ID;
use crate::app::App;
use crate::browser::document;
use crate::browser::listener::{Listener, Part};
use crate::watchlist::Step;

/// Listens for as long as the page lives.
pub(super) fn listen() {
    let app = App::get();
    let listener = Listener::new(&document(), "keydown", Part::Decides, move |event| {
        let Ok(event) = event.dyn_into::<KeyboardEvent>() else { return };
        let is_ours = !event.default_prevented()
            && !event.ctrl_key()
            && !event.meta_key()
            && !event.alt_key()
            && app.sheet.with_untracked(Option::is_none)
            && !is_writing(&event);
        if is_ours && act(app, &event.key()) {
            event.prevent_default();
        }
    });
    std::mem::forget(listener);
}

/// Does what a key stands for. Whether it stands for anything.
fn act(app: App, key: &str) -> bool {
    match key {
        "/" => focus(INPUT_ID),
        "?" => app.help_open.update(|open| *open = !*open),
        "j" | "J" => app.select_beside(Step::Down),
        "k" | "K" => app.select_beside(Step::Up),
        "r" | "R" => app.reconnect(),
        "t" | "T" => app.choose_theme(app.theme.get_untracked().next()),
        "l" | "L" => app.choose_language(app.language.get_untracked().next()),
        digit => {
            let number = digit.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            match number.and_then(|number| Interval::ALL.get(number)) {
                Some(interval) => app.interval.set(*interval),
                None => return false,
            }
        }
    }
    true
}

fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Refused only for what cannot have the focus.
        let _ = element.focus();
    }
}

fn is_writing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|target| {
        matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || target.is_content_editable()
    })
}
