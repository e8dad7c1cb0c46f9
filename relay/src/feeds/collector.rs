//! The machine that runs one venue feed: demand, connections and frames go in; what to send, what
//! to open and close, and what to report come out. No sockets and no clock.
//!
//! Venues cut connections after a day, and announce maintenance. Then a second connection is opened
//! and subscribed first, both run side by side for a moment, and the [tape](super::tape) sees to it
//! that no trade counts twice: nothing is missed by a planned change.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::market::{FeedState, Symbol};
use tidemark_shared::session::{LinkId, Now};

use super::dead_letter::DeadLetter;
use super::interest::Interest;
use super::lifecycle::{Lifecycle, Patience, Step};
use super::line::Line;
use super::status::StatusBoard;
use super::tape::{Tape, Verdict};
use super::venue::{BadMessage, Fault, Output, Venue};
use super::{Change, Origin, Report, Update};
use crate::publication::Demand;

/// How long the old and the new connection run side by side in a planned change: longer than the
/// difference in delay between two connections to the same venue.
const OVERLAP: Duration = Duration::from_secs(2);

/// Most trades held of the new connection meanwhile: the busiest second there ever was, twice.
const HELD_MAX: usize = 20_000;

/// After a planned change that failed, the old connection is good for another attempt this later.
const CHANGE_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// What happens to a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Demand for a symbol of this feed changed.
    Demand(Demand),
    /// A connection stands.
    Opened(LinkId),
    /// A text frame came.
    Text {
        /// On which connection.
        link: LinkId,
        /// What it says.
        text: String,
    },
    /// A binary frame came, which no venue sends.
    Binary {
        /// On which connection.
        link: LinkId,
        /// How long it is.
        length_bytes: usize,
    },
    /// A ping or pong came.
    Ping(LinkId),
    /// A connection is gone, or could not be opened.
    Lost {
        /// Which.
        link: LinkId,
        /// Whether another one can help.
        fault: Fault,
        /// For people.
        reason: String,
    },
    /// The deadline is reached.
    Timer,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Open a connection.
    Open {
        /// Its number.
        link: LinkId,
        /// Where to.
        url: String,
    },
    /// Send a text frame.
    Send {
        /// On which connection.
        link: LinkId,
        /// The frame.
        text: String,
    },
    /// Close a connection, or give up opening it.
    Close(LinkId),
    /// Tell the pipeline.
    Report(Report),
    /// Keep a message that could not be read.
    Bury(DeadLetter),
}

/// Runs one venue feed.
pub(super) struct Collector {
    feed: String,
    template: Box<dyn Venue>,
    patience: Patience,
    interest: Interest,
    /// What the venue will not serve. Asked for again when it is wanted anew.
    refused: BTreeSet<Symbol>,
    lifecycle: Lifecycle,
    board: StatusBoard,
    tape: Tape,
    current: Option<Line>,
    successor: Option<Successor>,
    change_due: Option<Moment>,
    links: u64,
    actions: VecDeque<Action>,
}

/// The second connection of a planned change.
struct Successor {
    line: Line,
    /// Trades that it brought, until it takes over.
    held: Vec<Output>,
    phase: SuccessorPhase,
}

enum SuccessorPhase {
    /// Not ready yet; given up at this time.
    Preparing { until: Moment },
    /// Side by side with the old connection until this time.
    Overlapping { until: Moment },
}

impl Collector {
    /// A feed that nobody wants yet, unless its interest says otherwise. `seed` decides its jitter.
    #[must_use]
    pub(super) fn new(
        feed: impl Into<String>,
        venue: Box<dyn Venue>,
        interest: Interest,
        patience: Patience,
        seed: u64,
        now: Now,
    ) -> Self {
        let feed = feed.into();
        let lifecycle = Lifecycle::new(patience, venue.rules().silence_max, seed);
        let board = StatusBoard::new(&feed, now);
        let mut collector = Collector {
            feed,
            template: venue,
            patience,
            interest,
            refused: BTreeSet::new(),
            lifecycle,
            board,
            tape: Tape::default(),
            current: None,
            successor: None,
            change_due: None,
            links: 0,
            actions: VecDeque::new(),
        };
        collector.settle(now);
        collector
    }

    /// Takes in what happened.
    pub(super) fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Demand(demand) => self.demand(&demand, now),
            Input::Opened(link) => self.opened(link, now),
            Input::Text { link, text } => self.text(link, &text, now),
            Input::Binary { link, length_bytes } => self.binary(link, length_bytes, now),
            Input::Ping(link) => self.heard(link, now),
            Input::Lost { link, fault, reason } => self.lost(link, fault, &reason, now),
            Input::Timer => self.timer(now),
        }
        self.settle(now);
    }

    /// The next thing to do; to be called until there is none.
    pub(super) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Input::Timer`] is due, if ever.
    #[must_use]
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        let successor = self.successor.as_ref().map(|successor| match successor.phase {
            SuccessorPhase::Preparing { until } | SuccessorPhase::Overlapping { until } => until,
        });
        let lines = [self.current.as_ref(), self.successor.as_ref().map(|s| &s.line)];
        [self.interest.next_deadline(), self.lifecycle.next_deadline(), self.board.next_deadline()]
            .into_iter()
            .chain(lines.into_iter().map(|line| line.and_then(Line::next_deadline)))
            .chain([successor, self.change_due.filter(|_| self.successor.is_none())])
            .flatten()
            .min()
    }

    fn demand(&mut self, demand: &Demand, now: Now) {
        let Some(symbol) = self.interest.handle(demand, now.moment) else { return };
        self.refused.remove(&symbol);
        for line in self.lines() {
            line.want(symbol.clone());
        }
    }

    fn opened(&mut self, link: LinkId, now: Now) {
        let wanted: Vec<Symbol> = self.servable().cloned().collect();
        let Some(line) = self.line(link) else { return };
        line.opened = Some(now.moment);
        for symbol in wanted {
            line.want(symbol);
        }
        if self.is_current(link) {
            self.change_due =
                self.template.rules().lifetime_max.map(|lifetime| now.moment + lifetime);
        }
    }

    fn text(&mut self, link: LinkId, text: &str, now: Now) {
        let mut said = Vec::new();
        let Some(line) = self.line(link) else { return };
        let read = line.venue.handle(text, now, &mut said);
        self.board.message();
        if let Err(reason) = read {
            self.bury(&reason, text, now);
        }
        let tells =
            |output: &Output| matches!(output, Output::Acknowledged(_) | Output::Happened { .. });
        // A connection is live when the venue has shown that it serves us, not when it says no.
        if self.is_up() || said.iter().any(tells) {
            self.heard(link, now);
        }
        for output in said {
            self.apply(link, output, now);
        }
    }

    fn binary(&mut self, link: LinkId, length_bytes: usize, now: Now) {
        if self.line(link).is_some() {
            self.board.message();
            self.bury(&BadMessage::Binary { length_bytes }, "", now);
        }
    }

    fn heard(&mut self, link: LinkId, now: Now) {
        if self.is_current(link) {
            self.lifecycle.heard(now.moment);
            self.board.heard(now);
        }
    }

    fn lost(&mut self, link: LinkId, fault: Fault, reason: &str, now: Now) {
        if self.successor.as_ref().is_some_and(|successor| successor.line.link == link) {
            self.board.error(reason);
            self.abandon_successor(now);
        } else if self.is_current(link) {
            self.board.error(reason);
            let ready = self.successor.as_ref().is_some_and(|s| s.line.opened.is_some());
            if ready && fault == Fault::Passing {
                self.switch(now);
            } else {
                let step = self.lifecycle.lost(fault, now.moment);
                self.follow(step);
            }
        }
    }

    fn timer(&mut self, now: Now) {
        let stopped = self.interest.expire(now.moment);
        for symbol in stopped {
            self.tape.forget(&symbol);
            self.refused.remove(&symbol);
            for line in self.lines() {
                line.unwant(symbol.clone());
            }
        }
        let before = self.lifecycle.state();
        let step = self.lifecycle.handle_timer(now.moment);
        match (step, before) {
            (Step::Close, FeedState::Connecting) => self.board.error("no connection in time"),
            (Step::Close, _) => self.board.error("the venue was silent for too long"),
            _ => {}
        }
        self.follow(step);
        for link in self.links_now() {
            let mut said = Vec::new();
            if let Some(line) = self.line(link)
                && line.venue.next_deadline().is_some_and(|due| due <= now.moment)
            {
                line.venue.handle_timer(now, &mut said);
            }
            for output in said {
                self.apply(link, output, now);
            }
        }
        match self.successor.as_ref().map(|successor| &successor.phase) {
            Some(SuccessorPhase::Overlapping { until }) if *until <= now.moment => self.switch(now),
            Some(SuccessorPhase::Preparing { until }) if *until <= now.moment => {
                self.abandon_successor(now);
            }
            None if self.change_due.is_some_and(|due| due <= now.moment) => self.begin_change(now),
            _ => {}
        }
    }

    /// Does what a venue wants done on one of its connections.
    fn apply(&mut self, link: LinkId, output: Output, now: Now) {
        match output {
            Output::Send(text) => {
                if let Some(line) = self.line(link) {
                    line.queue(text);
                }
            }
            Output::Acknowledged(symbols) => {
                if let Some(line) = self.line(link) {
                    line.accepted.extend(symbols);
                }
            }
            Output::Refused { symbol, reason } => {
                self.board.error(&format!("{symbol}: {reason}"));
                self.refused.insert(symbol);
            }
            Output::Silent(symbol) => {
                self.board.error(&format!("{symbol}: accepted, but nothing came of it so far"));
            }
            Output::Moving => {
                if self.is_current(link) && self.successor.is_none() {
                    self.change_due = Some(now.moment);
                }
            }
            Output::Failed { fault, reason } => self.lost(link, fault, &reason, now),
            Output::Happened { .. } | Output::Numbered { .. } if self.is_current(link) => {
                self.tell(output, now);
            }
            Output::Happened { change: Change::Trade { .. }, .. } | Output::Numbered { .. } => {
                self.hold(link, output, now);
            }
            // Quotes of a second connection say what the first one says too.
            Output::Happened { .. } => {}
        }
    }

    fn tell(&mut self, output: Output, now: Now) {
        match output {
            Output::Happened { symbol, at, origin, change } if self.interest.contains(&symbol) => {
                if let Change::Trade { id: Some(id), .. } = change {
                    let verdict = match origin {
                        Origin::Live => self.tape.trade(&symbol, id),
                        Origin::Snapshot => self.tape.shown(&symbol, id),
                    };
                    match verdict {
                        Verdict::Next => {}
                        Verdict::AfterHole => self.board.gap(),
                        Verdict::Repeated => return,
                    }
                }
                self.actions.push_back(Action::Report(Report::Update(Update {
                    symbol,
                    feed: self.feed.clone(),
                    venue_time: at.unwrap_or(now.unix),
                    received: now.unix,
                    origin,
                    change,
                })));
            }
            Output::Numbered { symbol, last_trade }
                if self.tape.announced(&symbol, last_trade) == Verdict::AfterHole =>
            {
                self.board.gap();
            }
            _ => {}
        }
    }

    fn hold(&mut self, link: LinkId, output: Output, now: Now) {
        let Some(successor) = &mut self.successor else { return };
        if successor.line.link != link {
            return;
        }
        successor.held.push(output);
        if successor.held.len() >= HELD_MAX {
            self.switch(now);
        }
    }

    fn begin_change(&mut self, now: Now) {
        self.change_due = None;
        if self.current.is_none() {
            return;
        }
        let until = now.moment + self.patience.connect_within;
        let line = self.open_line();
        let phase = SuccessorPhase::Preparing { until };
        self.successor = Some(Successor { line, held: Vec::new(), phase });
    }

    fn abandon_successor(&mut self, now: Now) {
        if let Some(successor) = self.successor.take() {
            self.actions.push_back(Action::Close(successor.line.link));
            self.change_due = Some(now.moment + CHANGE_AGAIN_AFTER);
        }
    }

    /// The second connection becomes the first.
    fn switch(&mut self, now: Now) {
        let Some(Successor { line, held, .. }) = self.successor.take() else { return };
        let lifetime = self.template.rules().lifetime_max;
        self.change_due = lifetime.zip(line.opened).map(|(lifetime, opened)| opened + lifetime);
        if let Some(old) = self.current.replace(line) {
            self.actions.push_back(Action::Close(old.link));
        }
        self.lifecycle.heard(now.moment);
        for output in held {
            self.tell(output, now);
        }
    }

    /// What follows from every input: the wish for a connection, what may be sent, what is told.
    fn settle(&mut self, now: Now) {
        let nothing_to_serve = self.servable().next().is_none();
        let step = match nothing_to_serve {
            false => self.lifecycle.wanted(now.moment),
            true => self.lifecycle.unwanted(),
        };
        self.follow(step);
        self.overlap_when_ready(now);
        for link in self.links_now() {
            while let Some(text) = self.line(link).and_then(|line| line.poll_send(now)) {
                self.actions.push_back(Action::Send { link, text });
            }
        }
        let next_attempt = self.lifecycle.next_attempt().map(|due| unix(due, now));
        self.board.state(self.lifecycle.state(), next_attempt, now);
        self.board.symbols(self.interest.len());
        self.actions.extend(self.board.due(now.moment).map(Action::Report));
        let accepted = self.current.iter().flat_map(|line| &line.accepted);
        let alive = self.board.alive_due(accepted, now.moment);
        self.actions.extend(alive.map(Action::Report));
    }

    fn overlap_when_ready(&mut self, now: Now) {
        let Some(successor) = &mut self.successor else { return };
        let accepted = &successor.line.accepted;
        let missing = self
            .interest
            .symbols()
            .any(|symbol| !accepted.contains(symbol) && !self.refused.contains(symbol));
        if matches!(successor.phase, SuccessorPhase::Preparing { .. }) && !missing {
            successor.phase = SuccessorPhase::Overlapping { until: now.moment + OVERLAP };
        }
    }

    fn follow(&mut self, step: Step) {
        match step {
            Step::Stay => {}
            Step::Open => self.current = Some(self.open_line()),
            Step::Close => {
                self.change_due = None;
                let successor = self.successor.take().map(|successor| successor.line);
                for line in self.current.take().into_iter().chain(successor) {
                    self.actions.push_back(Action::Close(line.link));
                }
            }
        }
    }

    fn open_line(&mut self) -> Line {
        self.links += 1;
        let link = LinkId(self.links);
        let venue = self.template.another();
        self.actions.push_back(Action::Open { link, url: venue.endpoint().to_owned() });
        Line::new(link, venue)
    }

    fn bury(&mut self, reason: &BadMessage, text: &str, now: Now) {
        self.board.dead_letter();
        self.actions.push_back(Action::Bury(DeadLetter::new(now.unix, reason, text)));
    }

    fn servable(&self) -> impl Iterator<Item = &Symbol> {
        self.interest.symbols().filter(|symbol| !self.refused.contains(*symbol))
    }

    fn is_up(&self) -> bool {
        matches!(self.lifecycle.state(), FeedState::Live | FeedState::Stalled)
    }

    fn is_current(&self, link: LinkId) -> bool {
        self.current.as_ref().is_some_and(|line| line.link == link)
    }

    fn line(&mut self, link: LinkId) -> Option<&mut Line> {
        self.lines().find(|line| line.link == link)
    }

    fn lines(&mut self) -> impl Iterator<Item = &mut Line> {
        self.current.iter_mut().chain(self.successor.iter_mut().map(|s| &mut s.line))
    }

    fn links_now(&self) -> impl Iterator<Item = LinkId> + use<> {
        let current = self.current.as_ref().map(|line| line.link);
        current.into_iter().chain(self.successor.as_ref().map(|s| s.line.link))
    }
}

fn unix(due: Moment, now: Now) -> UnixMillis {
    now.unix + due.since(now.moment)
}

#[cfg(test)]
mod tests;
