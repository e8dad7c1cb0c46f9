//! Who wants which topics, and who has been told what. Pure: what is to be done comes out.
//!
//! The leading tab's connection brings each topic once; here it is passed on to those who want
//! it, each from where it stands.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    Beat, Delivery as Way, Event, Pattern, Position, Sequence, ServerMessage, Skipped,
    SubscribeTopic, Subscribed, Topic, WhyNotRecovered, WireError,
};
use tidemark_shared::session::{Delivery, Input};

use crate::tabs::word::TabId;

/// The topics of this tab and of those that follow it.
#[derive(Default)]
pub(in crate::tabs) struct Switchboard {
    known: HashMap<Topic, Known>,
    refused: BTreeMap<Pattern, WireError>,
    /// What this tab's own screen wants.
    own: BTreeSet<Pattern>,
    followers: BTreeMap<TabId, Follower>,
    outputs: VecDeque<Out>,
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(in crate::tabs) enum Out {
    /// Tell the connection.
    Session(Input),
    /// Tell this tab's screen.
    Deliver(Delivery),
    /// Tell one tab.
    Down(TabId, ServerMessage),
    /// Tell all tabs.
    Cast(ServerMessage),
    /// Tell all tabs how fresh a topic is; many of these are one message.
    Beat(Beat),
}

/// A topic as far as this tab has read it.
#[derive(Default)]
struct Known {
    position: Option<Position>,
    newest: Option<Event>,
    as_of: Option<UnixMillis>,
}

#[derive(Default)]
struct Follower {
    wants: BTreeSet<Pattern>,
    /// Topics that it is reading.
    told: BTreeSet<Topic>,
}

impl Switchboard {
    /// The next thing to do.
    pub(in crate::tabs) fn poll_output(&mut self) -> Option<Out> {
        self.outputs.pop_front()
    }

    /// Whether other tabs follow this one.
    pub(in crate::tabs) fn has_followers(&self) -> bool {
        !self.followers.is_empty()
    }

    /// Whether a tab follows this one.
    pub(in crate::tabs) fn knows(&self, tab: TabId) -> bool {
        self.followers.contains_key(&tab)
    }

    /// This tab's screen wants something that it has up to `resume`.
    pub(in crate::tabs) fn want(&mut self, pattern: Pattern, resume: Option<Position>) {
        let is_had = self.is_had(&pattern);
        self.own.insert(pattern.clone());
        if !is_had {
            self.subscribe(pattern, resume);
            return;
        }
        for topic in self.topics_of(&pattern) {
            let Some(known) = self.known.get(&topic) else { continue };
            if known.newest.is_some() && known.position != resume {
                let event = known.newest.clone();
                let snapshot = Delivery::Snapshot { event, topic, lost: None };
                self.outputs.push_back(Out::Deliver(snapshot));
            }
        }
    }

    /// This tab's screen wants something no more.
    pub(in crate::tabs) fn unwant(&mut self, pattern: &Pattern) {
        self.own.remove(pattern);
        self.give_back(pattern.clone());
    }

    /// This tab has another connection now, to the relay or to another tab: all that its screen
    /// wants is asked for again, and nobody follows it yet.
    pub(in crate::tabs) fn begin_anew(&mut self) {
        self.followers.clear();
        self.refused.clear();
        self.outputs.clear();
        for pattern in self.own.clone() {
            let resume = match &pattern {
                // Of an empty log nobody knows the epoch.
                Pattern::One(topic) => self.position(topic).filter(|at| at.epoch.0 != 0),
                Pattern::All(_) => None,
            };
            self.subscribe(pattern, resume);
        }
        let own = std::mem::take(&mut self.own);
        self.known.retain(|topic, _| is_wanted(&own, topic));
        self.own = own;
    }

    /// Another tab begins to follow this one, or begins anew.
    pub(in crate::tabs) fn greet(&mut self, tab: TabId) {
        self.leave(tab);
        self.followers.insert(tab, Follower::default());
    }

    /// Another tab follows no more.
    pub(in crate::tabs) fn leave(&mut self, tab: TabId) {
        let Some(follower) = self.followers.remove(&tab) else { return };
        follower.wants.into_iter().for_each(|pattern| self.give_back(pattern));
    }

    /// Another tab wants something.
    pub(in crate::tabs) fn want_for(&mut self, tab: TabId, wish: SubscribeTopic) {
        let SubscribeTopic { topic: pattern, position, .. } = wish;
        let is_had = self.is_had(&pattern);
        let Some(follower) = self.followers.get_mut(&tab) else { return };
        follower.wants.insert(pattern.clone());
        if let Pattern::One(topic) = &pattern {
            follower.told.remove(topic);
        }
        if !is_had {
            self.subscribe(pattern.clone(), position);
        }
        if let Some(error) = self.refused.get(&pattern) {
            let error = error.clone();
            let refusal = ServerMessage::Error { error, topic: Some(pattern) };
            self.outputs.push_back(Out::Down(tab, refusal));
            return;
        }
        for topic in self.topics_of(&pattern) {
            self.answer(tab, &topic, position);
        }
    }

    /// Another tab wants something no more.
    pub(in crate::tabs) fn unwant_for(&mut self, tab: TabId, pattern: &Pattern) {
        let Some(follower) = self.followers.get_mut(&tab) else { return };
        follower.wants.remove(pattern);
        let Follower { wants, told } = follower;
        told.retain(|topic| is_wanted(wants, topic));
        self.give_back(pattern.clone());
    }

    /// The connection brings something. Answers whether this tab's screen wants it.
    pub(in crate::tabs) fn deliver(&mut self, delivery: &Delivery) -> bool {
        match delivery {
            Delivery::Event(event) => {
                let before = self.known.entry(event.topic.clone()).or_default().position;
                self.read(&event.topic, event.position, Some(event));
                self.pass_on(before, event);
                is_wanted(&self.own, &event.topic)
            }
            Delivery::Snapshot { event, topic, lost } => {
                let nowhere = Position::default();
                let position = event.as_ref().map_or(nowhere, |event| event.position);
                self.read(topic, position, event.as_ref());
                self.refused.remove(&Pattern::One(topic.clone()));
                self.begin_topic(topic, *lost);
                is_wanted(&self.own, topic)
            }
            Delivery::Skipped { topic, from, to } => {
                if let Some(known) = self.known.get_mut(topic) {
                    known.position = known.position.map(|at| Position::new(at.epoch, *to));
                }
                let skipped = Skipped { topic: topic.clone(), from: *from, to: *to };
                self.cast(topic, ServerMessage::Skipped(skipped));
                is_wanted(&self.own, topic)
            }
            Delivery::Fresh { topic, as_of } => {
                let known = self.known.entry(topic.clone()).or_default();
                known.as_of = Some(*as_of);
                if let (true, Some(at)) = (self.is_followed(topic), self.position(topic)) {
                    let (topic, as_of) = (topic.clone(), Some(*as_of));
                    self.outputs.push_back(Out::Beat(Beat { topic, sequence: at.sequence, as_of }));
                }
                is_wanted(&self.own, topic)
            }
            Delivery::Refused { topic, error } => {
                self.refused.insert(topic.clone(), error.clone());
                for (tab, follower) in &self.followers {
                    if follower.wants.contains(topic) {
                        let (error, topic) = (error.clone(), Some(topic.clone()));
                        let refusal = ServerMessage::Error { error, topic };
                        self.outputs.push_back(Out::Down(*tab, refusal));
                    }
                }
                self.own.contains(topic)
            }
        }
    }

    fn read(&mut self, topic: &Topic, position: Position, newest: Option<&Event>) {
        let known = self.known.entry(topic.clone()).or_default();
        known.position = Some(position);
        known.newest = newest.cloned();
    }

    /// Passes an event on; where this tab's machine has left out what is stale, others must not
    /// take that for a hole.
    fn pass_on(&mut self, before: Option<Position>, event: &Event) {
        if !self.is_followed(&event.topic) {
            return;
        }
        let (topic, at) = (&event.topic, event.position);
        let before = before.filter(|before| before.epoch == at.epoch);
        match before.map(|before| before.sequence.next()) {
            Some(next) if next == at.sequence => {}
            Some(next) if next < at.sequence && topic.class().delivery() == Way::Latest => {
                let to = Sequence(at.sequence.0.saturating_sub(1));
                let skipped = Skipped { topic: topic.clone(), from: next, to };
                self.cast(topic, ServerMessage::Skipped(skipped));
            }
            _ => {
                self.begin_topic(topic, Some(WhyNotRecovered::Gap));
                return;
            }
        }
        self.cast(topic, ServerMessage::Event(event.clone()));
    }

    /// A topic begins, or begins anew: for those who wait for it, and for those who read it.
    fn begin_topic(&mut self, topic: &Topic, lost: Option<WhyNotRecovered>) {
        let Some(known) = self.known.get(topic) else { return };
        let Some(position) = known.position else { return };
        let told = told(topic, position, known, lost);
        for (tab, follower) in &mut self.followers {
            if !is_wanted(&follower.wants, topic) {
                continue;
            }
            let message = match follower.told.insert(topic.clone()) {
                true => ServerMessage::Subscribed(Subscribed { lost: None, ..told.clone() }),
                false => ServerMessage::Reset(told.clone()),
            };
            self.outputs.push_back(Out::Down(*tab, message));
        }
    }

    /// Tells a tab where a topic goes on for it. What nobody knows yet is told when it comes.
    fn answer(&mut self, tab: TabId, topic: &Topic, asked: Option<Position>) {
        let Some(known) = self.known.get_mut(topic) else { return };
        let Some(at) = known.position else { return };
        let mut messages = Vec::new();
        match asked {
            // What it has, this tab's connection may still be catching up with: it will come
            // again, and is recognised.
            Some(asked) if asked.epoch == at.epoch && asked.sequence >= at.sequence => {
                messages.push(ServerMessage::Subscribed(told(topic, asked, known, None)));
            }
            Some(asked) if asked.epoch == at.epoch && is_replaceable(topic, at, known) => {
                let head = at.sequence;
                let goes_on = told(topic, asked, known, None);
                let goes_on = Subscribed { head, snapshot: None, ..goes_on };
                messages.push(ServerMessage::Subscribed(goes_on));
                let (from, to) = (asked.sequence.next(), Sequence(head.0.saturating_sub(1)));
                if from <= to {
                    let skipped = Skipped { topic: topic.clone(), from, to };
                    messages.push(ServerMessage::Skipped(skipped));
                }
                messages.extend(known.newest.clone().map(ServerMessage::Event));
            }
            None if known.newest.is_none() && at.sequence > Sequence::START => {
                // It was resumed and nothing has come since: only the relay has its newest event.
                known.position = None;
                let pattern = Pattern::One(topic.clone());
                let again = Input::Unsubscribe { topic: pattern.clone() };
                self.outputs.push_back(Out::Session(again));
                self.subscribe(pattern, None);
                return;
            }
            _ => {
                let lost = asked.map(|asked| match asked.epoch == at.epoch {
                    true => WhyNotRecovered::Expired,
                    false => WhyNotRecovered::NewEpoch,
                });
                messages.push(ServerMessage::Subscribed(told(topic, at, known, lost)));
            }
        }
        if let Some(follower) = self.followers.get_mut(&tab) {
            follower.told.insert(topic.clone());
        }
        self.outputs.extend(messages.into_iter().map(|message| Out::Down(tab, message)));
    }

    fn subscribe(&mut self, topic: Pattern, resume: Option<Position>) {
        if let (Pattern::One(one), Some(_)) = (&topic, resume) {
            self.known.entry(one.clone()).or_default().position = resume;
        }
        let wish = Input::Subscribe { topic, resume, rate_per_s_max: None };
        self.outputs.push_back(Out::Session(wish));
    }

    fn give_back(&mut self, pattern: Pattern) {
        if self.is_had(&pattern) {
            return;
        }
        self.refused.remove(&pattern);
        for topic in self.topics_of(&pattern) {
            if !is_wanted(&self.own, &topic) && !self.is_followed(&topic) {
                self.known.remove(&topic);
            }
        }
        self.outputs.push_back(Out::Session(Input::Unsubscribe { topic: pattern }));
    }

    fn cast(&mut self, topic: &Topic, message: ServerMessage) {
        if self.is_followed(topic) {
            self.outputs.push_back(Out::Cast(message));
        }
    }

    fn position(&self, topic: &Topic) -> Option<Position> {
        self.known.get(topic)?.position
    }

    /// Whether the connection has been asked for it.
    fn is_had(&self, pattern: &Pattern) -> bool {
        let mut followers = self.followers.values();
        self.own.contains(pattern) || followers.any(|follower| follower.wants.contains(pattern))
    }

    fn is_followed(&self, topic: &Topic) -> bool {
        self.followers.values().any(|follower| is_wanted(&follower.wants, topic))
    }

    fn topics_of(&self, pattern: &Pattern) -> Vec<Topic> {
        match pattern {
            Pattern::One(topic) => vec![topic.clone()],
            Pattern::All(_) => {
                self.known.keys().filter(|topic| pattern.matches(topic)).cloned().collect()
            }
        }
    }
}

fn is_wanted(wants: &BTreeSet<Pattern>, topic: &Topic) -> bool {
    !wants.is_empty()
        && (wants.contains(&Pattern::One(topic.clone()))
            || wants.contains(&Pattern::All(topic.class())))
}

/// Whether its newest event stands for all that came before it.
fn is_replaceable(topic: &Topic, at: Position, known: &Known) -> bool {
    let has_newest = known.newest.as_ref().is_some_and(|newest| newest.position == at);
    has_newest && topic.class().delivery() == Way::Latest
}

fn told(
    topic: &Topic,
    position: Position,
    known: &Known,
    lost: Option<WhyNotRecovered>,
) -> Subscribed {
    // A snapshot is the newest event at the position, or none.
    let snapshot = known.newest.as_ref().filter(|newest| newest.position == position);
    Subscribed {
        topic: topic.clone(),
        position,
        head: position.sequence,
        lost,
        alias: 0,
        as_of: known.as_of,
        snapshot: snapshot.cloned(),
    }
}

#[cfg(test)]
mod tests;
