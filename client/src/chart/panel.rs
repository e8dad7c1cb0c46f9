//! The chart's component: intervals, readout, canvas, and the wiring between them.

use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use tidemark_shared::market::Interval;
use web_sys::{KeyboardEvent, WheelEvent};

use super::pointer::{Gesture, place_of};
use super::readout::Readout;
use super::state::History;
use crate::app::{App, Shown, shown};
use crate::board::Reach;
use crate::browser::size::SizeWatch;
use crate::i18n::{Text, fill};

mod sheet;

use sheet::Sheet;

/// A notch of a mouse wheel zooms by so much.
const WHEEL_FACTOR: f64 = 1.1;

/// A press of a key zooms by so much.
const KEY_FACTOR: f64 = 1.25;

#[component]
pub(crate) fn ChartPanel() -> impl IntoView {
    let app = App::get();
    let area = NodeRef::<Div>::new();
    let canvas = NodeRef::<Canvas>::new();
    let sheet = Sheet::new(app, canvas);
    let size = StoredValue::new_local(None::<SizeWatch>);
    Effect::new(move || {
        if let Some(area) = area.get() {
            let watch = SizeWatch::new(&area, move |width, height| sheet.resize(width, height));
            size.set_value(Some(watch));
        }
    });
    let has_subject = move || app.selected.with(Option::is_some);
    view! {
        <div class="chart" class:is-hidden=move || !has_subject()>
            <div class="chart-head">
                <Intervals />
                <ReadoutLine readout=sheet.readout />
                <Tools sheet />
            </div>
            <div
                class="chart-area"
                class:is-stale=move || app.reach.get() == Reach::Lost
                node_ref=area
            >
                <canvas
                    node_ref=canvas
                    tabindex="0"
                    role="img"
                    aria-label=move || label(app)
                    aria-describedby="chart-summary"
                    on:pointerdown=move |event| {
                        sheet.press(event.pointer_id(), place_of(&event));
                        if let Some(canvas) = canvas.get_untracked() {
                            // Refused for a pointer that is gone again.
                            let _ = canvas.set_pointer_capture(event.pointer_id());
                        }
                    }
                    on:pointermove=move |event| sheet.travel(event.pointer_id(), place_of(&event))
                    on:pointerup=move |event| sheet.release(event.pointer_id(), place_of(&event))
                    on:pointercancel=move |event| sheet.release(event.pointer_id(), place_of(&event))
                    on:pointerleave=move |event| {
                        // A finger that is lifted leaves, too, and its bar is to stay chosen.
                        if event.pointer_type() == "mouse" {
                            sheet.leave();
                        }
                    }
                    on:wheel=move |event| wheel(sheet, &event)
                    on:keydown=move |event| key(sheet, &event)
                ></canvas>
                <Show when=move || app.reach.get() == Reach::Lost && !sheet.is_empty.get()>
                    <p class="chart-stale">{app.said(Text::FreshRelayLost)}</p>
                </Show>
                {move || notice(app, sheet).map(|text| view! { <p class="chart-notice">{text}</p> })}
            </div>
            <p class="unseen" id="chart-summary" aria-live="polite">
                {move || sheet.summary.get()}
            </p>
        </div>
    }
}

#[component]
fn Intervals() -> impl IntoView {
    let app = App::get();
    let buttons = Interval::ALL.map(|interval| {
        view! {
            <button
                type="button"
                aria-pressed=move || (app.interval.get() == interval).to_string()
                on:click=move |_| app.interval.set(interval)
            >
                {interval.as_str()}
            </button>
        }
    });
    view! {
        <div class="switch" role="group" aria-label=app.said(Text::Interval)>{buttons}</div>
    }
}

#[component]
fn ReadoutLine(readout: RwSignal<Option<Readout>>) -> impl IntoView {
    let app = App::get();
    let figure = move |name: Text, read: fn(&Readout) -> &String| {
        let value = text(readout, read);
        view! { <span><i>{app.said(name)}</i>{value}</span> }
    };
    let direction = move || match readout.with(|readout| readout.as_ref().map(|all| all.is_rising))
    {
        Some(true) => "rising",
        Some(false) => "falling",
        None => "",
    };
    view! {
        <div class="readout" class:is-hidden=move || readout.with(Option::is_none)>
            <time>{text(readout, |all| &all.time)}</time>
            {figure(Text::Open, |all| &all.open)}
            {figure(Text::High, |all| &all.high)}
            {figure(Text::Low, |all| &all.low)}
            {figure(Text::CloseOfBar, |all| &all.close)}
            <span class=direction>{text(readout, |all| &all.change)}</span>
            {figure(Text::Volume, |all| &all.volume)}
        </div>
    }
}

fn text(readout: RwSignal<Option<Readout>>, read: fn(&Readout) -> &String) -> Shown {
    shown(move || readout.with(|readout| readout.as_ref().map(|all| read(all).clone())))
}

#[component]
fn Tools(sheet: Sheet) -> impl IntoView {
    let app = App::get();
    let button = move |sign: &'static str, name: Text, action: fn(Sheet)| {
        view! {
            <button
                type="button"
                class="plain"
                title=app.said(name)
                aria-label=app.said(name)
                on:click=move |_| action(sheet)
            >
                {sign}
            </button>
        }
    };
    view! {
        <div class="tools">
            {button("−", Text::ZoomOut, |sheet| sheet.zoom_middle(1.0 / KEY_FACTOR))}
            {button("+", Text::ZoomIn, |sheet| sheet.zoom_middle(KEY_FACTOR))}
            <span class="newest" class:is-hidden=move || sheet.shows_newest.get()>
                {button("⇥", Text::ChartLatest, Sheet::show_newest)}
            </span>
        </div>
    }
}

fn label(app: App) -> String {
    let symbol = app.selected.with(|item| item.as_ref().map(|item| item.symbol.to_string()));
    let interval = app.interval.get();
    let values =
        [("symbol", symbol.as_deref().unwrap_or_default()), ("interval", interval.as_str())];
    fill(app.say(Text::ChartLabel), &values)
}

/// What stands across an empty chart.
fn notice(app: App, sheet: Sheet) -> Option<&'static str> {
    let is_empty = sheet.is_empty.get();
    match (is_empty, sheet.history.get(), app.reach.get()) {
        (false, ..) => None,
        (true, _, Reach::Lost) => Some(app.say(Text::ChartNoHistory)),
        (true, History::Loading, _) => Some(app.say(Text::ChartLoading)),
        (true, ..) => Some(app.say(Text::ChartEmpty)),
    }
}

fn wheel(sheet: Sheet, event: &WheelEvent) {
    event.prevent_default();
    let (across, along) = (event.delta_x(), event.delta_y());
    if across.abs() > along.abs() {
        sheet.gesture(Gesture::Pan { distance_px: -across });
    } else if along != 0.0 {
        let factor = if along < 0.0 { WHEEL_FACTOR } else { 1.0 / WHEEL_FACTOR };
        sheet.gesture(Gesture::Pinch { factor, anchor_px: f64::from(event.offset_x()) });
    }
}

fn key(sheet: Sheet, event: &KeyboardEvent) {
    let places = if event.shift_key() { 10 } else { 1 };
    match event.key().as_str() {
        "ArrowLeft" => sheet.step(-places),
        "ArrowRight" => sheet.step(places),
        "+" | "=" => sheet.zoom_middle(KEY_FACTOR),
        "-" | "_" => sheet.zoom_middle(1.0 / KEY_FACTOR),
        "End" => sheet.show_newest(),
        "Escape" => sheet.leave(),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}
