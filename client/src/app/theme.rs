//! Light or dark. `theme.js`, inside the page, sets the kept choice before the first paint; this changes it.

use crate::browser::{document, preferences};
use crate::i18n::Text;

/// Also read by `theme.js`.
const KEY: &str = "tidemark-theme";

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// What the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub(crate) const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// Its name for people.
    pub(crate) const fn text(self) -> Text {
        match self {
            Theme::System => Text::ThemeSystem,
            Theme::Light => Text::ThemeLight,
            Theme::Dark => Text::ThemeDark,
        }
    }

    /// The next one.
    pub(crate) const fn next(self) -> Self {
        match self {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        }
    }

    /// The kept choice.
    pub(super) fn kept() -> Self {
        let name = preferences::read(KEY).unwrap_or_default();
        Theme::ALL.into_iter().find(|theme| theme.name() == Some(&name)).unwrap_or_default()
    }

    /// Shows and keeps it.
    pub(super) fn apply(self) {
        let Some(root) = document().document_element() else { return };
        // Refused only for a name that is no attribute.
        let _ = match self.name() {
            Some(name) => root.set_attribute("data-theme", name),
            None => root.remove_attribute("data-theme"),
        };
        match self.name() {
            Some(name) => preferences::keep(KEY, name),
            None => preferences::forget(KEY),
        }
    }

    const fn name(self) -> Option<&'static str> {
        match self {
            Theme::System => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        }
    }
}
