//! How much a value can be trusted, by shape, word and colour.

use leptos::prelude::*;

use super::icon::{Shape, icon};
use crate::app::App;
use crate::board::Freshness;
use crate::i18n::{Text, age, fill, wording};

/// The name under which the style sheet knows it.
pub(super) const fn class_of(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Live => "live",
        Freshness::Delayed => "delayed",
        Freshness::Waiting => "waiting",
        Freshness::Saved => "saved",
        Freshness::RelayLost => "relay-lost",
        Freshness::FeedDown => "feed-down",
        Freshness::Closed => "closed",
        Freshness::Halted => "halted",
        Freshness::Old => "old",
        Freshness::Refused => "refused",
    }
}

/// A badge with icon and word.
pub(super) fn badge(app: App, freshness: Freshness, feed: &str) -> impl IntoView + use<> {
    let (word, sentence) = wording::freshness(freshness);
    let late = late(app);
    let values = [("feed", feed), ("time", late.as_str())];
    let why = fill(sentence.say(app.language.get()), &values);
    let word = fill(app.say(word), &values);
    view! {
        <span class=format!("fresh {}", class_of(freshness)) title=why>
            {icon(shape_of(freshness))}
            <span>{word}</span>
        </span>
    }
}

/// The sentence that explains it.
pub(super) fn sentence(app: App, freshness: Freshness, feed: &str) -> String {
    let (_, sentence): (Text, Text) = wording::freshness(freshness);
    fill(app.say(sentence), &[("feed", feed), ("time", &late(app))])
}

/// How late prices are, in words.
fn late(app: App) -> String {
    app.delayed.get().map(|late| age(late, app.language.get())).unwrap_or_default()
}

const fn shape_of(freshness: Freshness) -> Shape {
    match freshness {
        Freshness::Live => Shape::Pulse,
        Freshness::Delayed => Shape::Clock,
        Freshness::Waiting => Shape::Waiting,
        Freshness::Saved => Shape::Clock,
        Freshness::RelayLost => Shape::BrokenLink,
        Freshness::FeedDown => Shape::Plug,
        Freshness::Closed => Shape::Moon,
        Freshness::Halted => Shape::Pause,
        Freshness::Old => Shape::Warning,
        Freshness::Refused => Shape::Cross,
    }
}
