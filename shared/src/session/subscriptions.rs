//! What the application wants, and where each topic of it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::cursor::{Answered, Cursor, Standing, Taken};
use crate::clock::Moment;
use crate::protocol::{
    Class, ErrorCode, Pattern, Position, SubscribeTopic, Subscribed, TOPICS_PER_REQUEST_MAX, Topic,
    WireError,
};

/// Most topics that are followed at once. Patterns bring topics that nobody here named: a relay
/// must not be able to fill the browser's memory with them.
const TOPICS_MAX: usize = 16 * 1_024;

/// Longest JSON of one wish beside its topic's name: two numbers of 20 digits, one of 10, and
/// the names of the fields.
const WISH_BYTES_MAX: usize = 128;

/// A relay that asks for a faster repetition of a refused wish is taken to mean this.
const AGAIN_AFTER_MIN: Duration = Duration::from_secs(1);

/// The topics and patterns that are wanted.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    wishes: BTreeMap<Pattern, Wish>,
    cursors: BTreeMap<Topic, Cursor>,
    /// To be given back on this connection.
    unwanted: BTreeSet<Pattern>,
    /// Answers that are still to come on this connection. Only the last one of a topic counts:
    /// those before it belong to wishes that were taken back meanwhile.
    answers_due: BTreeMap<Pattern, u32>,
    /// Whether anything may be unasked: looking for it costs a walk over all topics.
    may_be_unasked: bool,
    /// When the first refused topic may be asked for again.
    retry_at: Option<Moment>,
    /// A topic that was still behind when it was last looked for one.
    behind: Option<Topic>,
}

#[derive(Debug, Default)]
struct Wish {
    rate_per_s_max: Option<u32>,
    /// Of a pattern: whether it was sent on this connection. Topics have their cursor for that.
    asked: bool,
    /// Of a pattern: whether it, or a topic that it had brought, has to be asked for again when a
    /// newer sign-in counts.
    waits_for_sign_in: bool,
}

/// What `subscribed` means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An answer to a wish that is still held.
    Answer(Answered),
    /// Nobody waits for it any more.
    Nothing,
    /// The relay brings more topics than any application follows.
    TooMany,
}

impl Subscriptions {
    /// The application wants something. Asking again for what is wanted changes nothing, except
    /// that what was refused is asked for again.
    pub(super) fn want(
        &mut self,
        pattern: Pattern,
        resume: Option<Position>,
        rate_per_s_max: Option<u32>,
    ) {
        self.unwanted.remove(&pattern);
        self.may_be_unasked = true;
        if let Pattern::One(topic) = &pattern {
            let fresh = || Cursor::new(resume);
            let cursor = self.cursors.entry(topic.clone()).or_insert_with(fresh);
            if matches!(cursor.standing(), Standing::Refused { .. }) {
                cursor.forget_standing();
            }
        }
        let fresh = || Wish { rate_per_s_max, asked: false, waits_for_sign_in: false };
        self.wishes.entry(pattern).or_insert_with(fresh);
    }

    /// The application wants something no more.
    pub(super) fn unwant(&mut self, pattern: &Pattern) {
        let Some(wish) = self.wishes.remove(pattern) else { return };
        if wish.asked {
            self.unwanted.insert(pattern.clone());
        }
        let wishes = &self.wishes;
        let dropped = self
            .cursors
            .extract_if(.., |topic, _| pattern.matches(topic) && !is_wanted(wishes, topic));
        for (topic, cursor) in dropped {
            if cursor.is_asked_by_name() {
                self.unwanted.insert(Pattern::One(topic));
            }
        }
        // Whether a relay that is given `feed:*` back goes on with a `feed:x` that was asked for
        // beside it is its own affair: asking again makes sure, and changes nothing if it does.
        if let Pattern::All(class) = pattern {
            let kept = self.cursors.iter_mut().filter(|(topic, _)| topic.class() == *class);
            kept.for_each(|(_, cursor)| cursor.forget_standing());
            self.may_be_unasked = true;
        }
    }

    /// What to give back now.
    pub(super) fn take_unwanted(&mut self) -> Vec<Pattern> {
        std::mem::take(&mut self.unwanted).into_iter().collect()
    }

    /// The next part of what to ask for now, of at most `bytes_max` as JSON. Topics come before
    /// patterns, so that a relay knows their positions before a pattern covers them.
    pub(super) fn take_unasked(&mut self, bytes_max: usize) -> Vec<SubscribeTopic> {
        if !self.may_be_unasked {
            return Vec::new();
        }
        let mut room = Room { bytes: bytes_max, topics: TOPICS_PER_REQUEST_MAX };
        let mut asked = Vec::new();
        for (topic, cursor) in &mut self.cursors {
            if cursor.standing() != Standing::Unasked {
                continue;
            }
            if !room.take(topic.as_str().len()) {
                return asked;
            }
            let pattern = Pattern::One(topic.clone());
            let rate_per_s_max = rate_of(&self.wishes, &pattern, topic.class());
            *self.answers_due.entry(pattern.clone()).or_default() += 1;
            asked.push(SubscribeTopic { topic: pattern, position: cursor.ask(), rate_per_s_max });
        }
        for (pattern, wish) in &mut self.wishes {
            if wish.asked || !matches!(pattern, Pattern::All(_)) {
                continue;
            }
            if !room.take(pattern.to_string().len()) {
                return asked;
            }
            wish.asked = true;
            let rate_per_s_max = wish.rate_per_s_max;
            asked.push(SubscribeTopic { topic: pattern.clone(), position: None, rate_per_s_max });
        }
        self.may_be_unasked = false;
        asked
    }

    /// `subscribed` came.
    pub(super) fn answered(&mut self, told: &Subscribed) -> Meaning {
        if !self.is_last_answer(&Pattern::One(told.topic.clone())) {
            return Meaning::Nothing;
        }
        if let Some(cursor) = self.cursors.get_mut(&told.topic) {
            let answered = cursor.answered(told);
            let is_elsewhere = matches!(answered, Answered::Hole { .. });
            self.may_be_unasked |= is_elsewhere;
            // One topic asked for by a pattern and by name is answered twice, and nobody can tell
            // which answer is which. It is asked for again, but no defect of the relay's.
            if is_elsewhere && self.wishes.contains_key(&Pattern::All(told.topic.class())) {
                return Meaning::Nothing;
            }
            return Meaning::Answer(answered);
        }
        if !self.wishes.contains_key(&Pattern::All(told.topic.class())) {
            return Meaning::Nothing;
        }
        if self.cursors.len() >= TOPICS_MAX {
            return Meaning::TooMany;
        }
        let mut cursor = Cursor::new(None);
        let answer = cursor.answered(told);
        self.cursors.insert(told.topic.clone(), cursor);
        Meaning::Answer(answer)
    }

    /// The relay refused a wish. Tells whether it is still held.
    pub(super) fn refused(&mut self, pattern: &Pattern, error: &WireError, now: Moment) -> bool {
        if !self.is_last_answer(pattern) {
            return false;
        }
        let Pattern::One(topic) = pattern else {
            let wish = self.wishes.get_mut(pattern);
            return wish.map(|wish| wish.waits_for_sign_in = true).is_some();
        };
        let Some(cursor) = self.cursors.get_mut(topic) else { return false };
        let wait = error.retry_after_ms.map(Duration::from_millis);
        let again_at = wait.map(|wait| now + wait.max(AGAIN_AFTER_MIN));
        cursor.refused(again_at);
        self.retry_at = [self.retry_at, again_at].into_iter().flatten().min();
        if self.wishes.contains_key(pattern) {
            return true;
        }
        // A pattern had brought it.
        match self.wishes.get_mut(&Pattern::All(topic.class())) {
            // It goes on where it stands, and so does the pattern.
            Some(wish) if error.code == ErrorCode::Unauthorized => wish.waits_for_sign_in = true,
            // It is no more: nobody here asks for it by name.
            _ => _ = self.cursors.remove(topic),
        }
        true
    }

    /// Something of a topic came; its cursor says what to do with it.
    pub(super) fn read(&mut self, topic: &Topic, read: impl FnOnce(&mut Cursor) -> Taken) -> Taken {
        let taken = self.cursors.get_mut(topic).map_or(Taken::Ignored, read);
        self.may_be_unasked |= matches!(taken, Taken::Hole { .. });
        taken
    }

    /// `reset` came. Tells whether it concerns a topic that is being read.
    pub(super) fn reset(&mut self, told: &Subscribed) -> bool {
        self.cursors.get_mut(&told.topic).is_some_and(|cursor| cursor.reset(told))
    }

    /// Whether any wish goes on from a place that the application had reached.
    pub(super) fn resumes(&self) -> bool {
        self.cursors.values().any(|cursor| cursor.position().is_some())
    }

    /// Whether every topic has been answered, and read up to where it ended then.
    pub(super) fn is_caught_up(&mut self) -> bool {
        // Topics are mostly answered in the order of their names: the search goes on where it
        // ended, so that catching up with thousands of topics takes one walk and not thousands.
        let is_behind = |(_, cursor): &(&Topic, &Cursor)| !cursor.is_caught_up();
        let found = match &self.behind {
            Some(behind) => self.cursors.range(behind.clone()..).find(is_behind),
            None => None,
        };
        let found = found.or_else(|| self.cursors.iter().find(is_behind));
        self.behind = found.map(|(topic, _)| topic.clone());
        self.behind.is_none()
    }

    /// Whether the relay owes an answer.
    pub(super) fn is_waiting(&self) -> bool {
        !self.answers_due.is_empty()
    }

    /// The connection is gone: everything is to be asked for again, from where it stands.
    pub(super) fn link_lost(&mut self) {
        self.unwanted.clear();
        self.answers_due.clear();
        self.retry_at = None;
        self.may_be_unasked = true;
        self.cursors.values_mut().for_each(Cursor::link_lost);
        for wish in self.wishes.values_mut() {
            (wish.asked, wish.waits_for_sign_in) = (false, false);
        }
    }

    /// Asks again for what the relay refused only until now.
    pub(super) fn retry_refused(&mut self, now: Moment) {
        if self.retry_at.is_none_or(|at| at > now) {
            return;
        }
        for cursor in self.cursors.values_mut() {
            if matches!(cursor.standing(), Standing::Refused { again_at: Some(at) } if at <= now) {
                cursor.forget_standing();
            }
        }
        self.may_be_unasked = true;
        self.retry_at = self.cursors.values().filter_map(Cursor::again_at).min();
    }

    /// A newer sign-in counts: what was refused is asked for again, from where it stands.
    pub(super) fn signed_in(&mut self) {
        for cursor in self.cursors.values_mut() {
            if matches!(cursor.standing(), Standing::Refused { .. }) {
                cursor.forget_standing();
            }
        }
        for wish in self.wishes.values_mut().filter(|wish| wish.waits_for_sign_in) {
            (wish.asked, wish.waits_for_sign_in) = (false, false);
        }
        self.retry_at = None;
        self.may_be_unasked = true;
    }

    /// When the first refused topic may be asked for again.
    pub(super) const fn retry_at(&self) -> Option<Moment> {
        self.retry_at
    }

    fn is_last_answer(&mut self, pattern: &Pattern) -> bool {
        let Some(due) = self.answers_due.get_mut(pattern) else { return true };
        *due = due.saturating_sub(1);
        if *due > 0 {
            return false;
        }
        self.answers_due.remove(pattern);
        true
    }
}

/// What still fits into one request.
struct Room {
    bytes: usize,
    topics: usize,
}

impl Room {
    fn take(&mut self, name_bytes: usize) -> bool {
        let bytes = name_bytes + WISH_BYTES_MAX;
        if self.topics == 0 || self.bytes < bytes {
            return false;
        }
        self.bytes -= bytes;
        self.topics -= 1;
        true
    }
}

fn is_wanted(wishes: &BTreeMap<Pattern, Wish>, topic: &Topic) -> bool {
    wishes.contains_key(&Pattern::One(topic.clone()))
        || wishes.contains_key(&Pattern::All(topic.class()))
}

fn rate_of(wishes: &BTreeMap<Pattern, Wish>, name: &Pattern, class: Class) -> Option<u32> {
    let wish = wishes.get(name).or_else(|| wishes.get(&Pattern::All(class)));
    wish.and_then(|wish| wish.rate_per_s_max)
}
