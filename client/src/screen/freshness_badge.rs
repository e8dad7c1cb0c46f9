//! How much a value can be trusted, by shape, word and colour.

use leptos::prelude::*;

use super::icon::{Shape, icon};
use crate::app::App;
use crate::board::Freshness;
use crate::i18n::{Text, fill, wording};

/// The name under which the style sheet knows it.
pub(super) const fn class_of(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Live => "live",
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
    let why = fill(sentence.say(app.language.get()), &[("feed", feed)]);
    view! {
        <span class=format!("fresh {}", class_of(freshness)) title=why>
            {icon(shape_of(freshness))}
            <span>{app.say(word)}</span>
        </span>
    }
}

/// The sentence that explains it.
pub(super) fn sentence(app: App, freshness: Freshness, feed: &str) -> String {
    let (_, sentence): (Text, Text) = wording::freshness(freshness);
    fill(app.say(sentence), &[("feed", feed)])
}

const fn shape_of(freshness: Freshness) -> Shape {
    match freshness {
        Freshness::Live => Shape::Pulse,
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
