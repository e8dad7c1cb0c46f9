//! Connections, and what is asked over them.

use std::time::Duration;

use tidemark_shared::documents::{Delta, Pushed};
use tidemark_shared::outbox::{Failure, Input, PullId, PushId};
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::{Event, World};
use crate::week::judge::Decided;
use crate::week::relay::{Committed, Waiting};
use crate::week::sabotage::Sabotage;
use crate::week::tab::{Asking, LinkKey, Question, TabKey};

/// As long as the connection's machine waits for an answer, over all its reconnects.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// One connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) device: usize,
    pub(super) tab: TabKey,
    /// Whether anything gets through, though its page may not know yet that nothing does.
    pub(super) is_alive: bool,
}

/// Something that the relay says.
#[derive(Clone, Debug)]
pub enum Answer {
    /// What became of writes.
    Pushed(Asking, PushId, Result<Pushed, WireError>),
    /// Which documents there are.
    Pulled(Asking, PullId, Result<Delta, WireError>),
    /// News, unasked for.
    News(Delta),
}

impl World {
    /// A machine asks the relay.
    pub(super) fn ask(&mut self, device: usize, tab: TabKey, question: Question) {
        let asking = Asking(self.count());
        let link = self.devices[device].way_of(tab);
        if let Some(asker) = self.tab_mut(tab) {
            asker.asked.insert(asking, question.clone());
        }
        self.schedule(ANSWER_WITHIN, Event::Overdue { tab, asking });
        if let Some(link) = link {
            self.send(link, tab, asking, question);
        }
    }

    /// A page tries to reach the relay, soon.
    pub(super) fn knock(&mut self, tab: TabKey) {
        let after = self.dice.between_ms(50, 4_000);
        self.schedule(after, Event::Knock { tab });
    }

    /// All pages that hold a connection and have none try to reach the relay.
    pub(super) fn knock_all(&mut self) {
        let tabs = self.devices.iter().flat_map(|device| &device.tabs);
        let without = tabs.filter(|tab| tab.is_holding && tab.link.is_none());
        let keys: Vec<TabKey> = without.map(|tab| tab.key).collect();
        keys.into_iter().for_each(|tab| self.knock(tab));
    }

    pub(super) fn knocks(&mut self, key: TabKey) {
        let Some((device, _)) = self.place_of(key) else { return };
        let is_reachable = self.relay.is_up && self.devices[device].network.is_up;
        let number = LinkKey(self.key());
        let Some(tab) = self.tab_mut(key) else { return };
        if !is_reachable || !tab.is_holding || !tab.is_awake() || tab.link.is_some() {
            return;
        }
        tab.link = Some(number);
        self.links.insert(number, Link { device, tab: key, is_alive: true });
        self.note(format_args!("{key:?} is connected: {number:?}"));
        let has = &mut self.devices[device];
        has.offset_ms = -has.skew_ms;
        self.relink(device);
        self.ask_again(device);
    }

    /// A connection is cut. Its page finds out later.
    pub fn cut(&mut self, link: LinkKey, notices_within_ms: u64) {
        if let Some(link) = self.links.get_mut(&link) {
            link.is_alive = false;
        }
        let after = self.dice.between_ms(0, notices_within_ms);
        self.schedule(after, Event::Lost { link });
    }

    /// All connections of a device, or of all.
    pub fn links_of(&self, device: Option<usize>) -> Vec<LinkKey> {
        let links = self.links.iter().filter(|(_, link)| link.is_alive);
        let own = links.filter(|(_, link)| device.is_none_or(|device| device == link.device));
        own.map(|(key, _)| *key).collect()
    }

    pub(super) fn notices_loss(&mut self, key: LinkKey) {
        let Some(link) = self.links.remove(&key) else { return };
        self.note(format_args!("{key:?} is gone"));
        let Some(tab) = self.tab_mut(link.tab) else { return };
        if tab.link == Some(key) {
            tab.link = None;
        }
        self.relink(link.device);
        self.knock(link.tab);
    }

    /// Pages are told whether the relay is reached.
    pub(super) fn relink(&mut self, device: usize) {
        let keys: Vec<TabKey> = self.devices[device].tabs.iter().map(|tab| tab.key).collect();
        for key in keys {
            let is_linked = self.devices[device].way_of(key).is_some();
            let Some(tab) = self.tab_mut(key) else { continue };
            if tab.is_linked != is_linked {
                tab.is_linked = is_linked;
                let input = if is_linked { Input::LinkUp } else { Input::LinkDown };
                self.schedule(Duration::from_millis(2), Event::Tell { tab: key, input });
            }
        }
    }

    pub(super) fn at_relay(
        &mut self,
        link: LinkKey,
        tab: TabKey,
        asking: Asking,
        question: Question,
    ) {
        if !self.relay.is_up {
            return;
        }
        let is_busy = !self.is_fair && self.dice.once_in(50);
        let busy = || WireError {
            retry_after_ms: Some(1_000),
            ..WireError::new(ErrorCode::Unavailable, "too much at once; nothing was done")
        };
        match question {
            Question::Push(id, _) if is_busy => {
                self.answer(link, tab, Answer::Pushed(asking, id, Err(busy())));
            }
            Question::Pull(id, _) if is_busy => {
                self.answer(link, tab, Answer::Pulled(asking, id, Err(busy())));
            }
            Question::Push(id, push) => {
                if self.sabotage == Sabotage::AnswerBeforeCommit {
                    let now = self.relay_unix();
                    let foretold = self.relay.foretell(&push, now);
                    if let Ok(pushed) = &foretold {
                        self.judge.answered(&push.group, pushed);
                    }
                    self.answer(link, tab, Answer::Pushed(asking, id, foretold));
                }
                if self.relay.waiting() == 0 {
                    let after = self.dice.between_ms(1, 25);
                    self.schedule(after, Event::Commit);
                }
                self.relay.push(Waiting { link, tab, asking, id, push });
            }
            Question::Pull(id, after) => {
                let delta = self.relay.documents(after);
                self.answer(link, tab, Answer::Pulled(asking, id, Ok(delta)));
            }
        }
    }

    pub(super) fn relay_commits(&mut self) {
        let now = self.relay_unix();
        let committed = self.relay.commit(now);
        self.note(format_args!("the relay has committed {committed:?}"));
        let deltas: Vec<&Delta> = committed.iter().flat_map(|done| &done.deltas).collect();
        let decided: Vec<Decided<'_>> = committed.iter().flat_map(decisions).collect();
        let relay = &self.relay;
        self.judge.committed(&decided, &deltas, &|entity| relay.history(entity));
        for Committed { waiting, answer, deltas, .. } in committed {
            for delta in deltas {
                self.publish(&delta);
            }
            if let Ok(pushed) = &answer {
                self.judge.answered(&waiting.push.group, pushed);
            }
            if self.sabotage != Sabotage::AnswerBeforeCommit {
                let answer = Answer::Pushed(waiting.asking, waiting.id, answer);
                self.answer(waiting.link, waiting.tab, answer);
            }
        }
    }

    pub(super) fn at_tab(&mut self, link: LinkKey, tab: TabKey, answer: Answer) {
        match answer {
            Answer::News(delta) => self.hear_news(link, tab, &delta),
            Answer::Pushed(asking, id, answer) => {
                let answer = answer.map_err(Failure::Refused);
                self.hear(tab, asking, Input::Pushed { id, answer });
            }
            Answer::Pulled(asking, id, answer) => {
                let answer = answer.map_err(Failure::Refused);
                self.hear(tab, asking, Input::Pulled { id, answer });
            }
        }
    }

    pub(super) fn overdue(&mut self, key: TabKey, asking: Asking) {
        let Some(question) = self.tab_mut(key).and_then(|tab| tab.asked.remove(&asking)) else {
            return;
        };
        let input = match question {
            Question::Push(id, _) => Input::Pushed { id, answer: Err(Failure::Unanswered) },
            Question::Pull(id, _) => Input::Pulled { id, answer: Err(Failure::Unanswered) },
        };
        self.tell(key, input);
    }

    /// What was not answered over an earlier connection is asked again.
    fn ask_again(&mut self, device: usize) {
        let tabs = self.devices[device].tabs.iter();
        let open = tabs.flat_map(|tab| {
            tab.asked.iter().map(|(asking, question)| (tab.key, *asking, question.clone()))
        });
        let open: Vec<(TabKey, Asking, Question)> = open.collect();
        for (tab, asking, question) in open {
            if let Some(link) = self.devices[device].way_of(tab) {
                self.send(link, tab, asking, question);
            }
        }
    }

    fn send(&mut self, link: LinkKey, tab: TabKey, asking: Asking, question: Question) {
        for after in self.journeys(link) {
            let question = question.clone();
            self.schedule(after, Event::AtRelay { link, tab, asking, question });
        }
    }

    fn answer(&mut self, link: LinkKey, tab: TabKey, answer: Answer) {
        for after in self.journeys(link) {
            self.schedule(after, Event::AtTab { link, tab, answer: answer.clone() });
        }
    }

    fn publish(&mut self, delta: &Delta) {
        let links = self.links.iter().filter(|(_, link)| link.is_alive);
        let links: Vec<(LinkKey, TabKey)> = links.map(|(key, link)| (*key, link.tab)).collect();
        for (link, tab) in links {
            let mut delta = delta.clone();
            if self.sabotage == Sabotage::SwallowDeltas && self.dice.once_in(3) {
                delta.documents.clear();
            }
            self.answer(link, tab, Answer::News(delta));
        }
    }

    /// How long something is under way, as often as it arrives.
    fn journeys(&mut self, link: LinkKey) -> Vec<Duration> {
        let Some(Link { device, is_alive: true, .. }) = self.links.get(&link) else {
            return Vec::new();
        };
        let network = self.devices[*device].network;
        let (least, most) = network.delay_ms;
        let happens = |world: &mut World, one_in: u64| {
            !world.is_fair && one_in > 0 && world.dice.once_in(one_in)
        };
        if happens(self, network.loses_one_in) {
            self.cut(link, 30_000);
            return Vec::new();
        }
        let mut journeys = vec![self.dice.between_ms(least, most)];
        if happens(self, network.repeats_one_in) {
            journeys.push(self.dice.between_ms(least, most * 20));
        }
        journeys
    }

    fn hear(&mut self, key: TabKey, asking: Asking, input: Input) {
        let Some(tab) = self.tab_mut(key) else { return };
        let is_awaited = tab.asked.remove(&asking).is_some();
        // An answer to nothing is mostly dropped on the way; the machine has to stand the rest.
        if is_awaited || (!self.is_fair && self.dice.once_in(2)) {
            self.tell(key, input);
        }
    }

    fn hear_news(&mut self, link: LinkKey, tab: TabKey, delta: &Delta) {
        let Some(Link { device, .. }) = self.links.get(&link) else { return };
        let others = self.devices[*device].tabs.iter().filter(|other| other.link.is_none());
        let others: Vec<TabKey> = others.map(|other| other.key).collect();
        self.tell(tab, Input::News(delta.clone()));
        for other in others {
            let after = self.dice.between_ms(0, 20);
            self.schedule(after, Event::Tell { tab: other, input: Input::News(delta.clone()) });
        }
    }
}

fn decisions(committed: &Committed) -> impl Iterator<Item = Decided<'_>> {
    let receipts = committed.answer.iter().flat_map(|pushed| &pushed.receipts);
    let receipts = receipts.take(committed.receipts);
    let push = &committed.waiting.push;
    let group = &push.group;
    let pairs = push.mutations.iter().zip(receipts);
    pairs.map(move |(mutation, receipt)| Decided { group, mutation, receipt })
}
