//! What one animation frame shows, however many messages came since the last one.

use leptos::prelude::*;
use tidemark_shared::market::FeedStatus;
use tidemark_shared::protocol::{Event, Payload};
use tidemark_shared::session::{State, Status};

use super::App;
use crate::browser::clock;
use crate::bus::AppEvent;

impl App {
    /// Shows what has come since the last frame.
    pub(super) fn show_frame(self) {
        let parts = self.parts();
        let status = parts.new_status.borrow_mut().take();
        if let Some(status) = status {
            self.show_status(status);
        }
        let drained = parts.pending.borrow_mut().take();
        let mut rows = 0;
        for (topic, event) in &drained.latest {
            match (&event.payload, topic.symbol()) {
                (Payload::Quote(_), Some(symbol)) => {
                    parts.rows.receive(&symbol, event);
                    rows += 1;
                }
                (Payload::Feed(status), _) => self.show_feed(status.clone()),
                (Payload::Overview(overview), _) => self.overview.set(Some(overview.clone())),
                _ => {}
            }
        }
        for (topic, as_of) in &drained.fresh {
            if let Some(symbol) = topic.symbol() {
                parts.rows.confirm(&symbol, *as_of);
            }
        }
        if let Some(on_bar) = &*parts.on_bar.borrow() {
            drained.bars.iter().for_each(|event| on_bar(event));
        }
        if rows > 0 {
            self.publish(AppEvent::Painted { rows });
        }
    }

    /// Shows what the last visit left.
    pub(super) fn restore(self, events: Vec<Event>) {
        let parts = self.parts();
        for event in events {
            parts.saved.borrow_mut().insert(event.topic.clone(), event.position);
            match (&event.payload, event.topic.symbol()) {
                (Payload::Quote(_), Some(symbol)) => parts.rows.restore(&symbol, &event),
                (Payload::Overview(overview), _) => self.overview.set(Some(overview.clone())),
                // A feed's state of the last visit would only mislead.
                _ => {}
            }
        }
    }

    /// Shows the connection's status.
    fn show_status(self, status: Status) {
        let was_live = self.status.with_untracked(|before| before.state == State::Live);
        let is_live = status.state == State::Live;
        self.status.set(status);
        if is_live && !was_live {
            self.became_live();
        }
    }

    /// Moves the page's clock on and gives everybody what waits.
    pub(super) fn tick(self) {
        let now = clock::now();
        let offset_ms = self.status.with_untracked(|status| status.clock_offset_ms);
        self.now.set(tidemark_shared::clock::UnixMillis(now.unix.0.saturating_add(offset_ms)));
        self.parts().bus.flush_due(now.moment);
    }

    fn show_feed(self, status: FeedStatus) {
        let before =
            self.feeds.with_untracked(|feeds| feeds.get(&status.feed).map(|known| known.state));
        if before != Some(status.state) {
            self.publish(AppEvent::Feed { feed: status.feed.clone(), state: status.state });
        }
        self.feeds.update(|feeds| _ = feeds.insert(status.feed.clone(), status));
    }
}
