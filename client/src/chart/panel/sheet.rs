//! The chart's state behind the component: what changes it, and what is drawn of it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use leptos::html::Canvas;
use leptos::prelude::*;
use tidemark_shared::market::Bar;
use tidemark_shared::protocol::{Event, Payload, Topic};
use tidemark_shared::session::AskFailed;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::CanvasRenderingContext2d;

use crate::app::App;
use crate::board::Reach;
use crate::browser::frame::FrameLoop;
use crate::browser::timer::Interval;
use crate::browser::{clock, is_hidden, window};
use crate::chart::paint::paint;
use crate::chart::palette::Palette;
use crate::chart::pointer::{Gesture, Pointers};
use crate::chart::readout::Readout;
use crate::chart::scene::{Scene, Sitting, plot_width};
use crate::chart::state::{ChartState, History, Subject};
use crate::chart::time_axis::Locale;
use crate::i18n::Digits;

/// How often late bars are asked for: half of the shortest interval that takes a minute.
const LATE_BARS_EVERY: Duration = Duration::from_secs(30);

/// A handle to the chart: cheap to copy into every closure.
#[derive(Clone, Copy)]
pub(super) struct Sheet {
    app: App,
    canvas: NodeRef<Canvas>,
    /// The figures of the chosen bar, else of the newest.
    pub(super) readout: RwSignal<Option<Readout>>,
    /// The chosen bar as a sentence, for screen readers.
    pub(super) summary: RwSignal<String>,
    pub(super) history: RwSignal<History>,
    pub(super) is_empty: RwSignal<bool>,
    pub(super) shows_newest: RwSignal<bool>,
    inner: StoredValue<Rc<Inner>, LocalStorage>,
}

struct Inner {
    state: RefCell<ChartState>,
    pointers: RefCell<Pointers>,
    palette: RefCell<Option<Palette>>,
    context: RefCell<Option<CanvasRenderingContext2d>>,
    frames: RefCell<Option<FrameLoop>>,
}

impl Sheet {
    pub(super) fn new(app: App, canvas: NodeRef<Canvas>) -> Self {
        let inner = Inner {
            state: RefCell::new(ChartState::new()),
            pointers: RefCell::default(),
            palette: RefCell::default(),
            context: RefCell::default(),
            frames: RefCell::default(),
        };
        let sheet = Sheet {
            app,
            canvas,
            readout: RwSignal::new(None),
            summary: RwSignal::default(),
            history: RwSignal::default(),
            is_empty: RwSignal::new(true),
            shows_newest: RwSignal::new(true),
            inner: StoredValue::new_local(Rc::new(inner)),
        };
        *sheet.inner().frames.borrow_mut() = Some(FrameLoop::new(move || sheet.draw()));
        sheet.follow();
        sheet
    }

    pub(super) fn resize(self, width: f64, height: f64) {
        self.change(|state| state.resize(width, height));
        let Some(canvas) = self.canvas.get_untracked() else { return };
        let density = window().device_pixel_ratio();
        // Casts from float saturate: no canvas is that large.
        canvas.set_width((width * density).round() as u32);
        canvas.set_height((height * density).round() as u32);
        // A canvas that waits a frame after it was resized is seen empty.
        self.draw();
    }

    pub(super) fn press(self, id: i32, (x, y): (f64, f64)) {
        self.inner().pointers.borrow_mut().press(id, x, y);
    }

    pub(super) fn travel(self, id: i32, (x, y): (f64, f64)) {
        let gesture = self.inner().pointers.borrow_mut().travel(id, x, y);
        if let Some(gesture) = gesture {
            self.gesture(gesture);
        }
    }

    pub(super) fn release(self, id: i32, (x, y): (f64, f64)) {
        let was_panning = self.inner().pointers.borrow().is_panning();
        self.inner().pointers.borrow_mut().release(id);
        if !was_panning {
            self.gesture(Gesture::Point { x, y });
            self.describe();
        }
    }

    pub(super) fn leave(self) {
        self.change(ChartState::unchoose);
    }

    pub(super) fn gesture(self, gesture: Gesture) {
        self.change(|state| {
            match gesture {
                Gesture::Point { x, y } => state.point_at(x, y),
                Gesture::Pan { distance_px } => state.viewport.pan(distance_px),
                Gesture::Pinch { factor, anchor_px } => state.viewport.zoom(factor, anchor_px),
            }
            state.point_again();
        });
        self.load_older();
    }

    pub(super) fn zoom_middle(self, factor: f64) {
        let anchor_px = plot_width(self.inner().state.borrow().width_px) / 2.0;
        self.gesture(Gesture::Pinch { factor, anchor_px });
    }

    pub(super) fn show_newest(self) {
        self.change(|state| {
            state.unchoose();
            state.viewport.show_newest();
        });
    }

    pub(super) fn step(self, places: isize) {
        self.change(|state| state.step(places));
        self.describe();
        self.load_older();
    }

    fn inner(self) -> Rc<Inner> {
        self.inner.with_value(Rc::clone)
    }

    fn change(self, change: impl FnOnce(&mut ChartState)) {
        let inner = self.inner();
        change(&mut inner.state.borrow_mut());
        if let Some(frames) = &*inner.frames.borrow() {
            frames.ask();
        }
    }

    /// Follows what the user selects, how it looks, and what comes live.
    fn follow(self) {
        let app = self.app;
        let subject = Memo::new(move |_| {
            let interval = app.interval.get();
            let symbol = app.selected.with(|item| item.as_ref().map(|item| item.symbol.clone()));
            symbol.map(|symbol| Subject { symbol, interval })
        });
        Effect::new(move || self.show(subject.get()));
        Effect::new(move |before: Option<Reach>| {
            let reach = app.reach.get();
            if reach == Reach::Reached && before == Some(Reach::Lost) {
                self.load_newest();
            }
            reach
        });
        Effect::new(move || {
            app.theme.track();
            app.language.track();
            app.reach.track();
            self.inner().palette.borrow_mut().take();
            self.change(|_| {});
        });
        // The line of the newest price moves with the price, not only with the bars.
        Effect::new(move || {
            if let Some(symbol) = app.selected.with(|item| item.as_ref().map(|i| i.symbol.clone()))
            {
                app.row(&symbol).ticker.track();
                self.change(|_| {});
            }
        });
        // Bars of late prices do not come by themselves.
        let asking = Interval::every(LATE_BARS_EVERY, move || {
            if app.delayed.get_untracked().is_some() && !is_hidden() {
                self.load_newest();
            }
        });
        // Lives as long as the page.
        std::mem::forget(asking);
        self.app.follow_system_theme(move || {
            self.inner().palette.borrow_mut().take();
            self.change(|_| {});
        });
        self.app.listen_to_bars(
            move |event| self.take_live(event),
            move |topic| {
                if self.is_about(topic) {
                    self.load_newest();
                }
            },
        );
    }

    fn show(self, subject: Option<Subject>) {
        self.change(|state| state.show(subject.clone()));
        self.history.set(History::Loading);
        self.is_empty.set(true);
        self.readout.set(None);
        let Some(subject) = subject else { return };
        let topic = Topic::bars(&subject.symbol, subject.interval);
        spawn_local(async move {
            if let Some(bars) = self.app.kept_bars(&topic).await
                && self.is_about(&topic)
            {
                self.take_history(&bars);
            }
        });
        self.load_newest();
    }

    fn take_live(self, event: &Event) {
        if let (Payload::Bar(bar), true) = (&event.payload, self.is_about(&event.topic)) {
            self.change(|state| state.take_live(bar));
            self.is_empty.set(false);
        }
    }

    fn load_newest(self) {
        let Some(subject) = self.inner().state.borrow().subject.clone() else { return };
        if self.app.reach.get_untracked() == Reach::Reached {
            spawn_local(async move {
                let answer = self.app.bars(subject.symbol.clone(), subject.interval, None).await;
                self.answered(&subject, answer, true);
            });
        }
    }

    fn load_older(self) {
        let inner = self.inner();
        let (subject, before) = {
            let state = inner.state.borrow();
            if !state.wants_older() {
                return;
            }
            let oldest = state.series.bars().first().map(|bar| bar.start);
            let (Some(subject), Some(oldest)) = (state.subject.clone(), oldest) else { return };
            (subject, oldest)
        };
        self.set_history(History::Loading);
        spawn_local(async move {
            let answer =
                self.app.bars(subject.symbol.clone(), subject.interval, Some(before)).await;
            self.answered(&subject, answer, false);
        });
    }

    fn answered(self, subject: &Subject, answer: Result<Vec<Bar>, AskFailed>, is_newest: bool) {
        let is_asked_for = self.inner().state.borrow().subject.as_ref() == Some(subject);
        if !is_asked_for {
            return;
        }
        match answer {
            Ok(bars) => {
                self.take_history(&bars);
                if is_newest && self.app.delayed.get_untracked().is_some() {
                    // The last one was still forming when it was asked for before.
                    self.change(|state| bars.iter().for_each(|bar| state.take_live(bar)));
                }
                self.set_history(match App::may_have_older(bars.len()) {
                    true => History::Loaded,
                    false => History::Complete,
                });
                if is_newest {
                    let topic = Topic::bars(&subject.symbol, subject.interval);
                    self.app.keep_bars(&topic, self.inner().state.borrow().series.bars());
                }
            }
            Err(_) => self.set_history(History::Failed),
        }
    }

    fn take_history(self, bars: &[Bar]) {
        self.change(|state| state.take_history(bars));
        self.is_empty.set(self.inner().state.borrow().series.bars().is_empty());
    }

    fn set_history(self, history: History) {
        self.inner().state.borrow_mut().history = history;
        self.history.set(history);
    }

    fn is_about(self, topic: &Topic) -> bool {
        let inner = self.inner();
        let state = inner.state.borrow();
        let subject = state.subject.as_ref();
        subject.is_some_and(|subject| Topic::bars(&subject.symbol, subject.interval) == *topic)
    }

    fn locale(self) -> Locale {
        Locale { zone_minutes: clock::zone_minutes, language: self.app.language.get_untracked() }
    }

    fn digits(self) -> Digits {
        self.app.selected.with_untracked(|item| item.as_ref().map_or(Digits::AsGiven, Digits::of))
    }

    fn describe(self) {
        let text = self.current_readout().map(|readout| readout.sentence(self.locale()));
        self.summary.set(text.unwrap_or_default());
    }

    fn current_readout(self) -> Option<Readout> {
        let inner = self.inner();
        let state = inner.state.borrow();
        let interval = state.subject.as_ref()?.interval;
        Some(Readout::of(state.bar_in_focus()?, interval, self.digits(), self.locale()))
    }

    fn draw(self) {
        let inner = self.inner();
        let readout = self.current_readout();
        if self.readout.with_untracked(|shown| *shown != readout) {
            self.readout.set(readout);
        }
        let shows_newest = inner.state.borrow().viewport.shows_newest();
        if self.shows_newest.get_untracked() != shows_newest {
            self.shows_newest.set(shows_newest);
        }
        let Some(canvas) = self.canvas.get_untracked() else { return };
        let mut palette = inner.palette.borrow_mut();
        let palette = palette.get_or_insert_with(|| Palette::of(&canvas));
        let mut context = inner.context.borrow_mut();
        if context.is_none() {
            let made = canvas.get_context("2d").ok().flatten();
            *context = made.and_then(|made| made.dyn_into().ok());
        }
        if let Some(context) = &*context {
            let scene = self.scene(&inner.state.borrow());
            paint(context, &scene, palette, window().device_pixel_ratio());
        }
    }

    fn scene(self, state: &ChartState) -> Scene {
        let last_price = state.subject.as_ref().and_then(|subject| {
            let row = self.app.row(&subject.symbol);
            row.ticker.with_untracked(|ticker| Some(ticker.quote.as_ref()?.price.to_f64()))
        });
        Scene::of(&Sitting {
            series: &state.series,
            viewport: &state.viewport,
            interval: state
                .subject
                .as_ref()
                .map_or(self.app.interval.get_untracked(), |s| s.interval),
            width_px: state.width_px,
            height_px: state.height_px,
            cursor: state.cursor.map(|index| (index, state.pointer.map(|(_, y)| y))),
            last_price,
            digits: self.digits(),
            locale: self.locale(),
        })
    }
}
