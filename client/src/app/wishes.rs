//! Theme and language: what this device was told last counts at the start; what the user chooses
//! is a document, and so comes to the user's other devices.

use leptos::prelude::*;
use tidemark_shared::documents::shape::{self, Shape as _, Word as _};
use tidemark_shared::documents::{Collection, Entity};

use super::{App, Theme};
use crate::desk::{MOVING_PAUSE, field};
use crate::i18n::Language;

impl App {
    /// The user wants another theme.
    pub(crate) fn choose_theme(self, theme: Theme) {
        self.theme.set(theme);
        let word = match theme {
            Theme::System => shape::Theme::System,
            Theme::Light => shape::Theme::Light,
            Theme::Dark => shape::Theme::Dark,
        };
        self.wish("theme", word.as_str());
    }

    /// The user wants another language.
    pub(crate) fn choose_language(self, language: Language) {
        self.speak(language);
        self.wish("language", language.tag());
    }

    /// Follows what the user has chosen on other devices.
    pub(super) fn follow_wishes(self) {
        let wishes = Memo::new(move |_| {
            let body = self.desk.body(&settings())?;
            shape::Settings::of_body(&body).ok()
        });
        Effect::new(move || {
            let Some(wishes) = wishes.get() else { return };
            let theme = wishes.theme.map(|theme| match theme {
                shape::Theme::System => Theme::System,
                shape::Theme::Light => Theme::Light,
                shape::Theme::Dark => Theme::Dark,
            });
            if let Some(theme) = theme.filter(|theme| *theme != self.theme.get_untracked()) {
                self.theme.set(theme);
            }
            let language = wishes.language.and_then(|tag| Language::of_tag(&tag));
            let is_new = |language: &Language| *language != self.language.get_untracked();
            if let Some(language) = language.filter(is_new) {
                self.speak(language);
            }
        });
    }

    fn wish(self, name: &'static str, value: &'static str) {
        self.desk.change(&settings(), MOVING_PAUSE, |body| {
            body.0.insert(field(name), value.into());
        });
    }
}

/// The one document of settings.
fn settings() -> Entity {
    Entity::new(Collection::settings(), "main".parse().expect("it is a name"))
}
