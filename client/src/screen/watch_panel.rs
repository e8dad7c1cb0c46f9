//! The watchlist: a table of which only the rows in view are made.

use leptos::html::Div;
use leptos::prelude::*;
use tidemark_shared::market::Symbol;
use web_sys::KeyboardEvent;

use super::own::ListBar;
use super::search::SearchBox;
use super::watch_row::WatchRow;
use crate::app::App;
use crate::browser::size::SizeWatch;
use crate::i18n::{Text, fill};
use crate::watchlist::{Step, Window};

/// Height of a row; the style sheet has the same.
const ROW_PX: f64 = 44.0;

/// Height of the table's head; the style sheet has the same.
const HEAD_PX: f64 = 28.0;

/// Where the keyboard shortcut and the skip link put the focus.
pub(super) const LIST_ID: &str = "watchlist";

#[component]
pub(super) fn WatchPanel(on_open: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let app = App::get();
    let area = NodeRef::<Div>::new();
    let scrolled = RwSignal::new(0.0);
    let seen = RwSignal::new(800.0);
    let dragged = RwSignal::new(None::<Symbol>);
    let size = StoredValue::new_local(None::<SizeWatch>);
    Effect::new(move || {
        if let Some(area) = area.get() {
            let watch = SizeWatch::new(&area, move |_, height| seen.set(height));
            size.set_value(Some(watch));
        }
    });
    let count = Memo::new(move |_| app.watchlist.with(|list| list.items().len()));
    let window = Memo::new(move |_| Window::onto(count.get(), ROW_PX, scrolled.get(), seen.get()));
    let rows = move || {
        let rows = window.with(|window| window.rows.clone());
        app.watchlist.with(|list| list.items().get(rows).unwrap_or_default().to_vec())
    };
    scroll_to_selected(app, area);
    let active = move || {
        let symbol = app.selected.with(|item| item.as_ref().map(|item| item.symbol.clone()))?;
        let at = app.watchlist.with(|list| list.index_of(&symbol))?;
        window.with(|window| window.rows.contains(&at)).then(|| row_id(&symbol))
    };
    view! {
        <section class="panel watch" aria-label=app.said(Text::Watchlist)>
            <div class="panel-head">
                <h2 class="unseen">{app.said(Text::Watchlist)}</h2>
                <ListBar />
                <span class="quiet">{count}</span>
                <SearchBox />
            </div>
            <div
                class="rows"
                id=LIST_ID
                tabindex="0"
                role="grid"
                aria-label=app.said(Text::Watchlist)
                aria-rowcount=move || count.get() + 1
                aria-activedescendant=active
                node_ref=area
                on:scroll=move |_| {
                    if let Some(area) = area.get_untracked() {
                        scrolled.set(f64::from(area.scroll_top()));
                    }
                }
                on:keydown=move |event| key(app, &event, on_open)
            >
                <table role="presentation">
                    <Head />
                    <tbody role="rowgroup">
                        <tr class="spacer" role="presentation"
                            style:height=move || pixels(window.with(|window| window.above_px))></tr>
                        <For each=rows key=|item| (item.symbol.clone(), item.name.clone()) let:item>
                            <WatchRow item dragged on_open />
                        </For>
                        <tr class="spacer" role="presentation"
                            style:height=move || pixels(window.with(|window| window.below_px))></tr>
                    </tbody>
                </table>
                <Show when=move || count.get() == 0>
                    <div class="empty">
                        <b>{app.said(Text::ListEmpty)}</b>
                        <p>{app.said(Text::ListEmptyHint)}</p>
                    </div>
                </Show>
            </div>
        </section>
    }
}

/// The id of an instrument's row.
pub(super) fn row_id(symbol: &Symbol) -> String {
    format!("row-{symbol}")
}

#[component]
fn Head() -> impl IntoView {
    let app = App::get();
    let head = move |class: &'static str, text: Text| {
        view! { <th class=class scope="col" role="columnheader">{app.said(text)}</th> }
    };
    view! {
        <thead role="rowgroup">
            <tr role="row">
                {head("c-symbol", Text::Symbol)}
                {head("c-trend", Text::Trend)}
                {head("c-last", Text::Last)}
                {head("c-percent", Text::ChangePercent)}
                {head("c-book", Text::BidAsk)}
                {head("c-volume", Text::Volume)}
                {head("c-range", Text::DayRange)}
                {head("c-age", Text::Age)}
            </tr>
        </thead>
    }
}

fn key(app: App, event: &KeyboardEvent, on_open: impl Fn()) {
    match (event.key().as_str(), event.alt_key()) {
        ("ArrowUp", false) => app.select_beside(Step::Up),
        ("ArrowDown", false) => app.select_beside(Step::Down),
        ("ArrowUp", true) => reorder(app, Step::Up),
        ("ArrowDown", true) => reorder(app, Step::Down),
        ("Delete" | "Backspace", false) => match app.selected_symbol_untracked() {
            Some(symbol) => app.remove(&symbol),
            None => return,
        },
        ("Enter", false) => on_open(),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

fn reorder(app: App, step: Step) {
    app.shift_selected(step);
    app.announce_place();
}

impl App {
    /// Tells a screen reader where the selected row is now.
    fn announce_place(self) {
        let Some(symbol) = self.selected_symbol_untracked() else { return };
        let Some(at) = self.watchlist.with_untracked(|list| list.index_of(&symbol)) else { return };
        let number = (at + 1).to_string();
        let text = Text::Moved.say(self.language.get_untracked());
        let text = fill(text, &[("symbol", symbol.as_str()), ("n", &number)]);
        super::announcer::announce(&text);
    }
}

/// The selected row is always in view.
fn scroll_to_selected(app: App, area: NodeRef<Div>) {
    Effect::new(move || {
        let symbol = app.selected.with(|item| item.as_ref().map(|item| item.symbol.clone()));
        let at = symbol.and_then(|symbol| app.watchlist.with(|list| list.index_of(&symbol)));
        let (Some(at), Some(area)) = (at, area.get_untracked()) else { return };
        let top = at as f64 * ROW_PX;
        let view_top = f64::from(area.scroll_top());
        let view_px = f64::from(area.client_height()) - HEAD_PX;
        if top < view_top {
            area.set_scroll_top(top as i32);
        } else if top + ROW_PX > view_top + view_px {
            area.set_scroll_top((top + ROW_PX - view_px) as i32);
        }
    });
}

fn pixels(height: f64) -> String {
    format!("{height}px")
}
