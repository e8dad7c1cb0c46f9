//! What the user sees. Components read the [`App`]'s signals and call its methods.
//!
//! | file | |
//! | --- | --- |
//! | [`header`], [`overview`], [`link_badge`] | the strip at the top |
//! | [`banner`], [`crash`] | what stands in the way, said across the page |
//! | [`search`], [`watch_panel`], [`watch_row`], [`price_cells`] | the watchlist |
//! | [`quote_panel`] | the selected instrument's figures |
//! | [`link_panel`], [`feed_panel`], [`log_panel`] | how everything is doing |
//! | [`toast_stack`], [`help`], [`announcer`] | messages, shortcuts, the voice for screen readers |
//! | [`shortcuts`], [`title`] | keys, and the tab's title |
//! | [`sign_in`] | signing in, and what is said when a sign-in ends |
//! | [`admin`] | looking after the relay: connections, users, bans |
//! | [`own`] | the user's own data: lists, notes, rules, queue, conflicts, account |
//! | [`freshness_badge`], [`icon`] | small pieces |
//!
//! What must never be here: a subscription, a request, a write.

mod admin;
mod announcer;
mod banner;
mod crash;
mod feed_panel;
mod freshness_badge;
mod header;
mod help;
mod icon;
mod link_badge;
mod link_panel;
mod log_panel;
mod overview;
mod own;
mod price_cells;
mod quote_panel;
mod search;
mod shortcuts;
mod sign_in;
mod title;
mod toast_stack;
mod watch_panel;
mod watch_row;

pub(crate) use crash::tell_of_panics;
pub(crate) use icon::{Shape, icon};
use leptos::prelude::*;

use crate::app::{App, Start};
use crate::browser::document;
use crate::chart::ChartPanel;
use crate::i18n::Text;

/// Puts the page in the place of its start screen.
pub(crate) fn mount(start: Start) {
    let place = document().get_element_by_id("page");
    let place = place.or_else(|| document().body().map(Into::into));
    let Some(place) = place.and_then(|place| wasm_bindgen::JsCast::dyn_into(place).ok()) else {
        return;
    };
    let place: web_sys::HtmlElement = place;
    place.set_text_content(None);
    let page = leptos::mount::mount_to(place, move || match start {
        Start::Page(opened) => {
            App::start(*opened);
            view! { <Screen /> }.into_any()
        }
        Start::SignIn(known) => view! { <sign_in::Threshold known /> }.into_any(),
    });
    // Lives as long as the page.
    page.forget();
}

/// The parts that share a narrow screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Watchlist,
    Chart,
    Status,
}

/// The panels that share the room for status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StatusPanel {
    Link,
    Feeds,
    Log,
}

#[component]
fn Screen() -> impl IntoView {
    let part = RwSignal::new(Part::Watchlist);
    shortcuts::listen();
    title::follow();
    let app = App::get();
    own::listen_to_told(app);
    view! {
        <a class="skip" href="#watchlist">{app.said(Text::SkipToWatchlist)}</a>
        <header::Header />
        <banner::Banners />
        <main class="desk" data-part=move || format!("{:?}", part.get()).to_ascii_lowercase()>
            <watch_panel::WatchPanel on_open=move || part.set(Part::Chart) />
            <section class="panel subject" aria-label=app.said(Text::Chart)>
                <quote_panel::QuotePanel />
                <own::OwnStrip />
                <ChartPanel />
            </section>
            <StatusArea />
        </main>
        <PartBar part />
        <toast_stack::ToastStack />
        <announcer::Announcer />
        <help::Help />
        <own::Sheets />
    }
}

/// How everything is doing: three panels beside each other, or tabs where there is no room.
#[component]
fn StatusArea() -> impl IntoView {
    let app = App::get();
    let shown = RwSignal::new(StatusPanel::Link);
    let tab = move |panel: StatusPanel, text: Text| {
        view! {
            <button
                type="button"
                role="tab"
                aria-selected=move || (shown.get() == panel).to_string()
                on:click=move |_| shown.set(panel)
            >
                {app.said(text)}
            </button>
        }
    };
    view! {
        <section class="status" data-shown=move || format!("{:?}", shown.get()).to_ascii_lowercase()
            aria-label=app.said(Text::Status)>
            <div class="tabs" role="tablist">
                {tab(StatusPanel::Link, Text::Connection)}
                {tab(StatusPanel::Feeds, Text::Feeds)}
                {tab(StatusPanel::Log, Text::Log)}
            </div>
            <link_panel::LinkPanel />
            <feed_panel::FeedPanel />
            <log_panel::LogPanel />
        </section>
    }
}

/// Chooses the part on a narrow screen.
#[component]
fn PartBar(part: RwSignal<Part>) -> impl IntoView {
    let app = App::get();
    let button = move |to: Part, text: Text, icon: icon::Shape| {
        view! {
            <button
                type="button"
                aria-current=move || (part.get() == to).then_some("page")
                on:click=move |_| part.set(to)
            >
                {icon::icon(icon)}
                <span>{app.said(text)}</span>
            </button>
        }
    };
    view! {
        <nav class="parts" aria-label="Tidemark">
            {button(Part::Watchlist, Text::Watchlist, icon::Shape::List)}
            {button(Part::Chart, Text::Chart, icon::Shape::Candles)}
            {button(Part::Status, Text::Status, icon::Shape::Pulse)}
        </nav>
    }
}
