//! One connection to a venue, as the collector sees it: what was said on it, what waits to be said.

use std::collections::{BTreeSet, VecDeque};

use tidemark_shared::clock::Moment;
use tidemark_shared::market::Symbol;
use tidemark_shared::session::{LinkId, Now};

use super::pace::Pace;
use super::venue::{Output, Venue};

/// One connection, from the wish to open it to its end.
pub(super) struct Line {
    /// Its number.
    pub(super) link: LinkId,
    /// The venue's protocol on it.
    pub(super) venue: Box<dyn Venue>,
    /// Since when it is open.
    pub(super) opened: Option<Moment>,
    /// What the venue accepted on it.
    pub(super) accepted: BTreeSet<Symbol>,
    to_subscribe: BTreeSet<Symbol>,
    to_unsubscribe: BTreeSet<Symbol>,
    queue: VecDeque<String>,
    pace: Pace,
}

impl Line {
    /// A connection that is being opened.
    pub(super) fn new(link: LinkId, venue: Box<dyn Venue>) -> Self {
        let pace = Pace::new(venue.rules().send_spacing);
        Line {
            link,
            venue,
            opened: None,
            accepted: BTreeSet::new(),
            to_subscribe: BTreeSet::new(),
            to_unsubscribe: BTreeSet::new(),
            queue: VecDeque::new(),
            pace,
        }
    }

    /// A symbol is wanted. What is wanted while sending has to wait goes out in one request.
    pub(super) fn want(&mut self, symbol: Symbol) {
        if !self.to_unsubscribe.remove(&symbol) {
            self.to_subscribe.insert(symbol);
        }
    }

    /// A symbol is wanted no more.
    pub(super) fn unwant(&mut self, symbol: Symbol) {
        if !self.to_subscribe.remove(&symbol) && self.opened.is_some() {
            self.to_unsubscribe.insert(symbol);
        }
    }

    /// Queues what the venue wants to say.
    pub(super) fn queue(&mut self, text: String) {
        self.queue.push_back(text);
    }

    /// The next frame to send, if one may be sent now.
    pub(super) fn poll_send(&mut self, now: Now) -> Option<String> {
        self.opened?;
        if !self.has_something_to_say() || now.moment < self.pace.next() {
            return None;
        }
        if self.queue.is_empty() {
            self.ask(now);
        }
        let text = self.queue.pop_front()?;
        self.pace.sent(now.moment);
        Some(text)
    }

    /// When something is due on this connection, if ever.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        let sending =
            (self.opened.is_some() && self.has_something_to_say()).then(|| self.pace.next());
        sending.into_iter().chain(self.venue.next_deadline()).min()
    }

    fn has_something_to_say(&self) -> bool {
        !(self.queue.is_empty() && self.to_subscribe.is_empty() && self.to_unsubscribe.is_empty())
    }

    fn ask(&mut self, now: Now) {
        let mut out = Vec::new();
        let given_back: Vec<Symbol> =
            std::mem::take(&mut self.to_unsubscribe).into_iter().collect();
        if !given_back.is_empty() {
            self.accepted.retain(|symbol| !given_back.contains(symbol));
            self.venue.unsubscribe(&given_back, now, &mut out);
        }
        let wanted: Vec<Symbol> = std::mem::take(&mut self.to_subscribe).into_iter().collect();
        if !wanted.is_empty() {
            self.venue.subscribe(&wanted, now, &mut out);
        }
        self.queue.extend(out.into_iter().filter_map(|output| match output {
            Output::Send(text) => Some(text),
            _ => None, // asking makes a venue say something, nothing else
        }));
    }
}
