//! The strip at the top: name, market, connection, settings.

use leptos::prelude::*;

use super::icon::{Shape, icon};
use super::link_badge::LinkBadge;
use super::overview::OverviewStrip;
use super::own::Badges;
use crate::app::{App, Sheet, Theme};
use crate::entrance::Mode;
use crate::i18n::{Language, Text};

#[component]
pub(super) fn Header() -> impl IntoView {
    let app = App::get();
    let theme_name =
        move || format!("{}: {}", app.say(Text::Theme), app.say(app.theme.get().text()));
    let theme_icon = move || {
        icon(match app.theme.get() {
            Theme::System => Shape::Half,
            Theme::Light => Shape::Sun,
            Theme::Dark => Shape::Moon,
        })
    };
    let is_demo = app.entry.mode == Mode::Demo;
    let languages = Language::ALL.map(|language| {
        view! {
            <button
                type="button"
                lang=language.tag()
                title=language.own_name()
                aria-label=language.own_name()
                aria-pressed=move || (app.language.get() == language).to_string()
                on:click=move |_| app.choose_language(language)
            >
                {language.tag().to_ascii_uppercase()}
            </button>
        }
    });
    view! {
        <header class="top">
            <h1 class="brand">{icon(Shape::Tide)}<span>"Tidemark"</span></h1>
            {is_demo.then(|| view! {
                <button
                    type="button"
                    class="demo"
                    data-testid="demo"
                    title=app.said(Text::AccountDemo)
                    on:click=move |_| app.sheet.set(Some(Sheet::Account))
                >
                    {app.said(Text::Demo)}
                </button>
            })}
            <OverviewStrip />
            <LinkBadge />
            <Badges />
            <div class="settings">
                <div class="switch" role="group" aria-label=app.said(Text::LanguageName)>
                    {languages}
                </div>
                <button
                    type="button"
                    class="plain"
                    title=theme_name
                    aria-label=theme_name
                    on:click=move |_| app.choose_theme(app.theme.get_untracked().next())
                >
                    {theme_icon}
                </button>
                <button
                    type="button"
                    class="plain help-button"
                    title=app.said(Text::Help)
                    aria-label=app.said(Text::Help)
                    on:click=move |_| app.help_open.set(true)
                >
                    {icon(Shape::Help)}
                </button>
            </div>
        </header>
    }
}
