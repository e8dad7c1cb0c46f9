//! What is remembered of the user's choices.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tidemark_shared::documents::Entity;
use tidemark_shared::market::{Bar, Instrument, Interval};
use tidemark_shared::protocol::Topic;
use wasm_bindgen_futures::spawn_local;

use super::{App, Known};
use crate::browser::{preferences, window};
use crate::bus::{AppEvent, StorageState};
use crate::i18n::Language;
use crate::store::{Keep, KeepError, Shelf};
use crate::watchlist::Watchlist;

use leptos::prelude::*;

const LANGUAGE_KEY: &str = "tidemark-language";

/// Bars of a chart that are kept: what fills a screen.
const BARS_KEPT: usize = 300;

/// What the user chose at the last visit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    /// The watchlist, of pages of before there were documents.
    pub(crate) watchlist: Option<Watchlist>,
    /// The list that is shown.
    pub(crate) list: Option<Entity>,
    /// The chart's instrument.
    pub(crate) selected: Option<Instrument>,
    /// The chart's interval.
    pub(crate) interval: Option<Interval>,
}

const CHOSEN: &str = "chosen";
const KNOWN: &str = "known";

impl Chosen {
    /// Reads what was chosen, and what is known; nothing when it cannot be read any more.
    pub(super) async fn load(place: &dyn Keep) -> Result<(Self, Known), KeepError> {
        let kept = place.read(Shelf::Choices).await?;
        let chosen = parsed(&kept, CHOSEN).unwrap_or_default();
        Ok((chosen, parsed(&kept, KNOWN).unwrap_or_default()))
    }

    /// Reads what a page of before this one kept.
    pub(super) fn of_legacy(text: &str) -> Self {
        serde_json::from_slice(text.as_bytes()).unwrap_or_default()
    }
}

impl App {
    /// Keeps what is chosen now.
    pub(super) fn keep_choices(self) {
        let chosen = Chosen {
            watchlist: None,
            list: Some(self.lists.chosen.get_untracked()),
            selected: self.selected.get_untracked(),
            interval: Some(self.interval.get_untracked()),
        };
        self.keep(Shelf::Choices, CHOSEN, &chosen);
    }

    /// Keeps what is known of instruments.
    pub(super) fn keep_known(self) {
        self.keep(Shelf::Choices, KNOWN, &self.known());
    }

    /// Keeps the newest bars of a chart, in place of the last chart's.
    pub(crate) fn keep_bars(self, topic: &Topic, bars: &[Bar]) {
        let newest = bars.get(bars.len().saturating_sub(BARS_KEPT)..).unwrap_or_default();
        self.keep(Shelf::Bars, "chart", &(topic, newest));
    }

    /// The bars of a chart of the last visit.
    pub(crate) async fn kept_bars(self, topic: &Topic) -> Option<Vec<Bar>> {
        let place = self.parts().place.clone();
        let kept = place.read(Shelf::Bars).await.ok()?;
        let (of, bars): (Topic, Vec<Bar>) = parsed(&kept, "chart")?;
        (of == *topic).then_some(bars)
    }

    /// Writes down the newest events.
    pub(super) fn flush(self) {
        if self.parts().is_leaving.get() {
            return;
        }
        spawn_local(async move {
            let outcome = self.parts().keeper.flush().await;
            self.storage_answered(outcome);
        });
    }

    /// Changes the language, and keeps it.
    pub(crate) fn speak(self, language: Language) {
        preferences::keep(LANGUAGE_KEY, language.tag());
        self.language.set(language);
    }

    fn keep(self, shelf: Shelf, name: &'static str, value: &impl Serialize) {
        if self.parts().is_leaving.get() {
            return;
        }
        let Ok(text) = serde_json::to_string(value) else { return };
        spawn_local(async move {
            let place = self.parts().place.clone();
            let outcome = place.write(shelf, vec![(name.to_owned(), Some(text))]).await;
            self.storage_answered(outcome);
        });
    }

    /// A write that fails is told once, not every second.
    fn storage_answered(self, outcome: Result<(), KeepError>) {
        let before = self.storage.get_untracked();
        let now = match outcome {
            Ok(()) if before == StorageState::Opening => StorageState::Durable,
            Ok(()) => before,
            Err(_) => StorageState::MemoryOnly,
        };
        if now != before {
            self.storage.set(now);
            self.publish(AppEvent::Storage(now));
        }
    }
}

/// The language to begin with: the kept one, else the browser's.
pub(crate) fn first_language() -> Language {
    let kept = preferences::read(LANGUAGE_KEY).and_then(|tag| Language::of_tag(&tag));
    kept.or_else(|| Language::of_tag(&window().navigator().language()?)).unwrap_or_default()
}

fn parsed<T: DeserializeOwned>(kept: &[(String, String)], name: &str) -> Option<T> {
    let (_, text) = kept.iter().find(|(known, _)| known == name)?;
    serde_json::from_slice(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_of_an_older_page_are_read_as_far_as_they_go() {
        let old = [(CHOSEN.to_owned(), r#"{"interval":"5m","gone":1}"#.to_owned())];
        let chosen: Chosen = parsed(&old, CHOSEN).unwrap();
        assert_eq!(chosen.interval, Some(Interval::Minutes5));
        assert_eq!(chosen.watchlist, None);
        let broken = [(CHOSEN.to_owned(), "{".to_owned())];
        assert_eq!(parsed::<Chosen>(&broken, CHOSEN), None);
    }
}
