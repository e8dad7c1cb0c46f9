//! One topic as this client reads it, and the proof that nothing of it was missed.

use crate::clock::Moment;
use crate::protocol::{Delivery, Event, Position, Sequence, Skipped, Subscribed, WhyNotRecovered};

/// After so many repairs in a row that brought no event, the log cannot be read on from here: the
/// topic is asked for afresh, and the application is told. It ends the argument with a relay whose
/// log itself has a hole.
const REPAIRS_MAX: u32 = 3;

/// Where the application stands in a topic, and where the topic stands on this connection.
#[derive(Debug)]
pub(super) struct Cursor {
    /// The last message that the application has; none before the first answer.
    position: Option<Position>,
    standing: Standing,
    /// Whether it was asked for by its own name, not only by a pattern.
    by_name: bool,
    /// Repairs since the last event.
    repairs: u32,
}

/// Where a topic stands on this connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not asked for yet.
    Unasked,
    /// Asked for, to go on after this place. Whatever comes before the answer is of no use.
    Asked(Option<Position>),
    /// Answered: events come. The log's end was at `head` when it was answered.
    Reading {
        /// At this number it has caught up.
        head: Sequence,
    },
    /// The relay said no, perhaps only until some time.
    Refused {
        /// When to ask again.
        again_at: Option<Moment>,
    },
}

/// What to do with something that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is the next. `late`: it had been written before the topic was asked for.
    Next {
        /// Whether it had been missed.
        late: bool,
    },
    /// It was had before.
    Duplicate,
    /// Something before it is missing; the topic is to be asked for again.
    Hole {
        /// The number that should have come.
        expected: Sequence,
        /// The number that came.
        got: Sequence,
    },
    /// It belongs to a reading that has been given up.
    Ignored,
}

/// What an answer to a subscription says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// It goes on where the application stands.
    Recovered,
    /// It starts from a snapshot; if messages were lost, it says why.
    Restarted {
        /// Why messages are missing.
        lost: Option<WhyNotRecovered>,
    },
    /// The relay says that it recovered, at another place than it was asked for.
    Wrong,
    /// Nobody asked, and it is not where the application stands.
    Hole {
        /// The number that should come next.
        expected: Sequence,
        /// The number that would come next.
        got: Sequence,
    },
}

impl Cursor {
    pub(super) const fn new(position: Option<Position>) -> Self {
        Cursor { position, standing: Standing::Unasked, by_name: false, repairs: 0 }
    }

    pub(super) const fn position(&self) -> Option<Position> {
        self.position
    }

    pub(super) const fn standing(&self) -> Standing {
        self.standing
    }

    /// When to ask again for what was refused.
    pub(super) const fn again_at(&self) -> Option<Moment> {
        match self.standing {
            Standing::Refused { again_at } => again_at,
            _ => None,
        }
    }

    /// Whether giving it back has to name it.
    pub(super) const fn is_asked_by_name(&self) -> bool {
        self.by_name
    }

    /// Whether the application has all that the relay had when it answered.
    pub(super) fn is_caught_up(&self) -> bool {
        match self.standing {
            Standing::Unasked | Standing::Asked(_) => false,
            Standing::Reading { head } => self.position.is_some_and(|had| had.sequence >= head),
            Standing::Refused { .. } => true,
        }
    }

    /// It is being asked for by name. Tells from where.
    pub(super) fn ask(&mut self) -> Option<Position> {
        let from = self.position.filter(|_| self.repairs <= REPAIRS_MAX);
        self.standing = Standing::Asked(from);
        self.by_name = true;
        from
    }

    /// It must be asked for (again).
    pub(super) const fn forget_standing(&mut self) {
        self.standing = Standing::Unasked;
    }

    /// The connection is gone.
    pub(super) const fn link_lost(&mut self) {
        self.standing = Standing::Unasked;
        self.by_name = false;
    }

    pub(super) const fn refused(&mut self, again_at: Option<Moment>) {
        self.standing = Standing::Refused { again_at };
    }

    /// `subscribed` came.
    pub(super) fn answered(&mut self, told: &Subscribed) -> Answered {
        let answered = match (self.standing, self.position) {
            (Standing::Asked(Some(asked)), _) if told.lost.is_none() => {
                if told.position != asked {
                    return Answered::Wrong;
                }
                Answered::Recovered
            }
            // Only a reading that could not be repaired is asked for without its position.
            (Standing::Asked(None), Some(_)) => {
                Answered::Restarted { lost: told.lost.or(Some(WhyNotRecovered::Gap)) }
            }
            (_, None) => Answered::Restarted { lost: None },
            (Standing::Asked(Some(_)), Some(_)) => Answered::Restarted { lost: told.lost },
            (_, Some(had)) if had == told.position => Answered::Recovered,
            (_, Some(had)) => {
                self.give_up_reading();
                let (expected, got) = (had.sequence.next(), told.position.sequence.next());
                return Answered::Hole { expected, got };
            }
        };
        self.restart_at(told);
        answered
    }

    /// `reset` came. Tells whether it concerns this reading.
    pub(super) fn reset(&mut self, told: &Subscribed) -> bool {
        let reading = matches!(self.standing, Standing::Reading { .. });
        if reading {
            self.restart_at(told);
        }
        reading
    }

    /// An event came.
    pub(super) fn event(&mut self, at: Position) -> Taken {
        let (Standing::Reading { head }, Some(had)) = (self.standing, self.position) else {
            return Taken::Ignored;
        };
        if at.epoch == had.epoch && at.sequence <= had.sequence {
            return Taken::Duplicate;
        }
        if at.epoch != had.epoch || at.sequence != had.sequence.next() {
            return self.hole(had, at.sequence);
        }
        self.position = Some(at);
        self.repairs = 0;
        Taken::Next { late: at.sequence <= head }
    }

    /// The relay jumped over messages. Only a topic of which nothing but the newest message
    /// counts may be skipped in.
    pub(super) fn skipped(&mut self, skipped: &Skipped) -> Taken {
        let (Standing::Reading { head }, Some(had)) = (self.standing, self.position) else {
            return Taken::Ignored;
        };
        let Skipped { topic, from, to } = skipped;
        let may_skip = topic.class().delivery() == Delivery::Latest;
        if !may_skip || *from != had.sequence.next() || to < from {
            return self.hole(had, *from);
        }
        self.position = Some(Position::new(had.epoch, *to));
        self.repairs = 0;
        Taken::Next { late: *from <= head }
    }

    /// A heartbeat says what the relay has sent. More than what came means that the end is lost.
    pub(super) fn beat(&mut self, sent: Sequence) -> Taken {
        match (self.standing, self.position) {
            (Standing::Reading { .. }, Some(had)) if sent > had.sequence => self.hole(had, sent),
            (Standing::Reading { .. }, Some(_)) => Taken::Next { late: false },
            _ => Taken::Ignored,
        }
    }

    fn hole(&mut self, had: Position, got: Sequence) -> Taken {
        self.give_up_reading();
        Taken::Hole { expected: had.sequence.next(), got }
    }

    const fn give_up_reading(&mut self) {
        self.repairs = self.repairs.saturating_add(1);
        self.standing = Standing::Unasked;
    }

    fn restart_at(&mut self, told: &Subscribed) {
        if self.position != Some(told.position) {
            self.repairs = 0;
        }
        self.position = Some(told.position);
        self.standing = Standing::Reading { head: told.head };
    }
}

/// Whether a snapshot is what it claims to be: the newest event at the position that it came with.
pub(super) fn has_sound_snapshot(told: &Subscribed) -> bool {
    let sound = |event: &Event| event.topic == told.topic && event.position == told.position;
    told.snapshot.as_ref().is_none_or(sound)
}
