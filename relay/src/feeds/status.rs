//! What is told of a feed's state: a change of state at once, new figures once a second.

use std::time::Duration;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::market::{FeedState, FeedStatus, Symbol};
use tidemark_shared::session::Now;

use super::Report;

/// Figures change with every message; people read them once a second at most.
const FIGURES_EVERY: Duration = Duration::from_secs(1);

/// How often the venue's signs of life are passed on while the state stays the same.
const ALIVE_EVERY: Duration = Duration::from_secs(5);

/// Longest error kept for people.
const ERROR_CHARS_MAX: usize = 300;

/// The state of one feed, and when to tell it.
#[derive(Debug)]
pub(super) struct StatusBoard {
    status: FeedStatus,
    told: Option<(FeedStatus, Moment)>,
    told_alive: Option<(UnixMillis, Moment)>,
}

impl StatusBoard {
    /// A feed that does nothing yet.
    #[must_use]
    pub(super) fn new(feed: &str, now: Now) -> Self {
        let status = FeedStatus {
            feed: feed.to_owned(),
            state: FeedState::Idle,
            since: now.unix,
            last_heard: None,
            next_attempt: None,
            last_error: None,
            symbols: 0,
            messages: 0,
            dead_letters: 0,
            gaps: 0,
        };
        StatusBoard { status, told: None, told_alive: None }
    }

    /// The state is this now.
    pub(super) fn state(&mut self, state: FeedState, next_attempt: Option<UnixMillis>, now: Now) {
        if self.status.state != state {
            self.status.state = state;
            self.status.since = now.unix;
        }
        self.status.next_attempt = next_attempt;
    }

    /// The venue was heard.
    pub(super) fn heard(&mut self, now: Now) {
        self.status.last_heard = Some(now.unix);
    }

    /// A message was taken from the venue.
    pub(super) fn message(&mut self) {
        self.status.messages += 1;
    }

    /// A message was set aside.
    pub(super) fn dead_letter(&mut self) {
        self.status.dead_letters += 1;
    }

    /// Trades are missing.
    pub(super) fn gap(&mut self) {
        self.status.gaps += 1;
    }

    /// Something went wrong.
    pub(super) fn error(&mut self, reason: &str) {
        self.status.last_error = Some(reason.chars().take(ERROR_CHARS_MAX).collect());
    }

    /// So many symbols are collected now.
    pub(super) fn symbols(&mut self, count: usize) {
        self.status.symbols = u32::try_from(count).unwrap_or(u32::MAX);
    }

    /// Holes told so far.
    #[cfg(test)]
    pub(super) const fn gaps(&self) -> u64 {
        self.status.gaps
    }

    /// The status, if it is to be told now.
    pub(super) fn due(&mut self, now: Moment) -> Option<Report> {
        let due = match &self.told {
            None => true,
            Some((told, _)) if told.state != self.status.state => true,
            Some((told, at)) => *told != self.status && now.since(*at) >= FIGURES_EVERY,
        };
        due.then(|| {
            self.told = Some((self.status.clone(), now));
            Report::Status(self.status.clone())
        })
    }

    /// A sign of life of `symbols`, if one is to be told now.
    pub(super) fn alive_due<'a>(
        &mut self,
        symbols: impl Iterator<Item = &'a Symbol>,
        now: Moment,
    ) -> Option<Report> {
        let heard = self.status.last_heard.filter(|_| self.status.state == FeedState::Live)?;
        if let Some((told, at)) = self.told_alive
            && (told == heard || now.since(at) < ALIVE_EVERY)
        {
            return None;
        }
        let symbols: Vec<Symbol> = symbols.cloned().collect();
        self.told_alive = Some((heard, now));
        (!symbols.is_empty()).then(|| Report::Alive {
            feed: self.status.feed.clone(),
            symbols,
            heard,
        })
    }

    /// When something is to be told next, if ever.
    #[must_use]
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        let figures = self.told.as_ref().filter(|(told, _)| *told != self.status);
        let live = self.status.last_heard.filter(|_| self.status.state == FeedState::Live);
        let alive = self.told_alive.filter(|(told, _)| live.is_some_and(|heard| heard != *told));
        let figures_due = figures.map(|(_, at)| *at + FIGURES_EVERY);
        figures_due.into_iter().chain(alive.map(|(_, at)| at + ALIVE_EVERY)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(millis: u64) -> Now {
        let moment = Moment::START + Duration::from_millis(millis);
        Now { moment, unix: UnixMillis(0) + Duration::from_millis(millis) }
    }

    #[test]
    fn a_state_is_told_at_once_and_figures_once_a_second() {
        let mut board = StatusBoard::new("binance", now(0));
        assert!(board.due(now(0).moment).is_some());
        assert!(board.due(now(5_000).moment).is_none());
        let mut told = 0;
        for millis in 5_000..8_000 {
            board.message();
            told += usize::from(board.due(now(millis).moment).is_some());
        }
        assert_eq!(told, 3);
        board.state(FeedState::Connecting, None, now(8_000));
        assert!(board.due(now(8_000).moment).is_some());
    }

    #[test]
    fn signs_of_life_come_every_five_seconds_and_only_when_there_were_any() {
        let symbols = ["AAPL".parse().unwrap()];
        let mut board = StatusBoard::new("binance", now(0));
        board.state(FeedState::Live, None, now(0));
        assert!(board.alive_due(symbols.iter(), now(0).moment).is_none());
        board.heard(now(1_000));
        assert!(board.alive_due(symbols.iter(), now(1_000).moment).is_some());
        assert!(board.alive_due(symbols.iter(), now(9_000).moment).is_none());
        board.heard(now(9_500));
        assert!(board.alive_due(symbols.iter(), now(9_500).moment).is_some());
        board.heard(now(9_600));
        assert!(board.alive_due(symbols.iter(), now(9_600).moment).is_none());
    }
}
