//! The upstream feeds: who brings the prices, and how each is doing.

use leptos::prelude::*;
use tidemark_shared::market::{FeedState, FeedStatus};

use super::icon::{Shape, icon};
use crate::app::App;
use crate::board::{Reach, is_down};
use crate::i18n::{Text, age, integer, wording};

#[component]
pub(super) fn FeedPanel() -> impl IntoView {
    let app = App::get();
    let feeds = move || app.feeds.with(|feeds| feeds.values().cloned().collect::<Vec<_>>());
    let head = move |class: &'static str, text: Text| {
        view! { <th class=class scope="col">{app.said(text)}</th> }
    };
    view! {
        <section
            class="panel feed-panel"
            data-panel="feeds"
            class:is-stale=move || app.reach.get() == Reach::Lost
            aria-label=app.said(Text::Feeds)
        >
            <div class="panel-head">
                <h2>{app.said(Text::Feeds)}</h2>
                <span class="quiet">{move || app.feeds.with(|feeds| feeds.len())}</span>
            </div>
            <div class="panel-body">
                <table class="plain-table">
                    <thead>
                        <tr>
                            {head("name", Text::FeedName)}
                            {head("name", Text::FeedState)}
                            {head("", Text::LastHeard)}
                            {head("", Text::FeedSymbols)}
                            {head("", Text::FeedMessages)}
                            {head("", Text::DeadLetters)}
                            {head("", Text::Gaps)}
                        </tr>
                    </thead>
                    <tbody>
                        {move || feeds().into_iter().map(|feed| row(app, feed)).collect_view()}
                    </tbody>
                </table>
                <Show when=move || app.feeds.with(|feeds| feeds.is_empty())>
                    <p class="quiet pad">{app.said(Text::FeedsWaiting)}</p>
                </Show>
            </div>
        </section>
    }
}

fn row(app: App, feed: FeedStatus) -> impl IntoView {
    let heard = move || {
        let (now, language) = (app.now.get(), app.language.get());
        feed.last_heard.map(|heard| age(now.since(heard), language)).unwrap_or_else(|| "–".into())
    };
    let state = feed.state;
    view! {
        <tr data-feed=feed.feed.clone() title=feed.last_error.clone()>
            <th scope="row" class="name">{feed.feed.clone()}</th>
            <td class="name">
                <span class=format!("feed-state {}", mood(state))>
                    {icon(shape(state))}
                    {move || app.say(wording::feed(state))}
                </span>
            </td>
            <td>{heard}</td>
            <td>{integer(u64::from(feed.symbols))}</td>
            <td>{integer(feed.messages)}</td>
            <td class:is-bad=feed.dead_letters != 0>{integer(feed.dead_letters)}</td>
            <td class:is-bad=feed.gaps != 0>{integer(feed.gaps)}</td>
        </tr>
    }
}

const fn mood(state: FeedState) -> &'static str {
    match state {
        FeedState::Live => "good",
        FeedState::Idle => "calm",
        FeedState::Connecting => "busy",
        _ if is_down(state) => "bad",
        _ => "busy",
    }
}

const fn shape(state: FeedState) -> Shape {
    match state {
        FeedState::Live => Shape::Pulse,
        FeedState::Idle => Shape::Pause,
        FeedState::Connecting | FeedState::Backoff => Shape::Refresh,
        FeedState::Stalled => Shape::Warning,
        FeedState::Broken | FeedState::Stopped => Shape::Plug,
    }
}
