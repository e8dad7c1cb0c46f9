//! How much a value on the screen can be trusted. A dead feed, a lost relay and a closed market
//! are three different things, and look so.

use std::time::Duration;

use tidemark_shared::market::{FeedState, Phase};
use tidemark_shared::session::State;

use super::Origin;

/// Silence after which a value is doubted although everything is connected: two heartbeats of 30 s
/// have not confirmed it, each up to 5 s late, and 5 s for the way.
const OLD_AFTER: Duration = Duration::from_secs(75);

/// How much a value can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Freshness {
    /// True now.
    Live,
    /// True some minutes ago, as it should be for this user.
    Delayed,
    /// There is none yet.
    Waiting,
    /// From the last visit.
    Saved,
    /// The relay cannot be reached: true when the connection broke.
    RelayLost,
    /// The relay is reached, but the feed is down.
    FeedDown,
    /// The market is closed.
    Closed,
    /// Trading is halted.
    Halted,
    /// Nobody confirms it, and nobody says why.
    Old,
    /// The relay has no source for it.
    Refused,
}

/// Whether the relay is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everything that the relay has is here.
    Reached,
    /// Not, or not yet.
    Lost,
}

impl Reach {
    /// What a state of the connection means for values.
    pub(crate) const fn of(state: State) -> Self {
        match state {
            State::Live | State::Suspect => Reach::Reached,
            _ => Reach::Lost,
        }
    }
}

/// Whether a feed in this state brings nothing.
pub(crate) const fn is_down(state: FeedState) -> bool {
    matches!(
        state,
        FeedState::Stalled | FeedState::Backoff | FeedState::Broken | FeedState::Stopped
    )
}

/// What is known about a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// What its market is doing.
    pub(crate) phase: Phase,
    /// How old it is.
    pub(crate) age: Duration,
    /// Whether the relay is reached.
    pub(crate) reach: Reach,
    /// Whether its feed is down.
    pub(crate) feed_down: bool,
    /// How late prices are for this user.
    pub(crate) delayed: Option<Duration>,
}

impl Evidence {
    /// The judgement. What is nearer to the user comes first: without the relay, nothing is known
    /// about feeds; without the feed, nothing about the market.
    pub(crate) fn judge(self) -> Freshness {
        match (self.origin, self.reach) {
            (Origin::Refused, _) => return Freshness::Refused,
            (Origin::Nothing, _) => return Freshness::Waiting,
            (Origin::Saved, _) => return Freshness::Saved,
            (Origin::Received, Reach::Lost) => return Freshness::RelayLost,
            (Origin::Received, Reach::Reached) => {}
        }
        // What is late on purpose is not old for that.
        let age = self.age.saturating_sub(self.delayed.unwrap_or_default());
        match self.phase {
            _ if self.feed_down => Freshness::FeedDown,
            Phase::Closed => Freshness::Closed,
            Phase::Halted => Freshness::Halted,
            Phase::Open | Phase::Pre | Phase::Post if age >= OLD_AFTER => Freshness::Old,
            _ if self.delayed.is_some() => Freshness::Delayed,
            Phase::Open | Phase::Pre | Phase::Post => Freshness::Live,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: Evidence = Evidence {
        origin: Origin::Received,
        phase: Phase::Open,
        age: Duration::from_secs(1),
        reach: Reach::Reached,
        feed_down: false,
        delayed: None,
    };

    #[test]
    fn each_kind_of_stale_has_its_own_name() {
        let long = Duration::from_secs(3_600);
        let cases = [
            (LIVE, Freshness::Live),
            (Evidence { reach: Reach::Lost, ..LIVE }, Freshness::RelayLost),
            (Evidence { feed_down: true, ..LIVE }, Freshness::FeedDown),
            (Evidence { phase: Phase::Closed, age: long, ..LIVE }, Freshness::Closed),
            (Evidence { phase: Phase::Halted, age: long, ..LIVE }, Freshness::Halted),
            (Evidence { age: long, ..LIVE }, Freshness::Old),
            (Evidence { origin: Origin::Saved, ..LIVE }, Freshness::Saved),
            (Evidence { origin: Origin::Nothing, ..LIVE }, Freshness::Waiting),
            (Evidence { origin: Origin::Refused, ..LIVE }, Freshness::Refused),
        ];
        for (evidence, judgement) in cases {
            assert_eq!(evidence.judge(), judgement, "{evidence:?}");
        }
    }

    #[test]
    fn without_the_relay_nothing_is_said_about_feeds_and_markets() {
        let lost = Evidence { reach: Reach::Lost, feed_down: true, phase: Phase::Closed, ..LIVE };
        assert_eq!(lost.judge(), Freshness::RelayLost);
        let down = Evidence { feed_down: true, phase: Phase::Closed, ..LIVE };
        assert_eq!(down.judge(), Freshness::FeedDown);
    }

    #[test]
    fn a_late_price_is_late_and_not_old() {
        let late = Some(Duration::from_secs(900));
        let seen = |seconds| Evidence { age: Duration::from_secs(seconds), delayed: late, ..LIVE };
        assert_eq!(seen(1).judge(), Freshness::Delayed);
        assert_eq!(seen(930).judge(), Freshness::Delayed);
        assert_eq!(seen(980).judge(), Freshness::Old);
        let closed = Evidence { phase: Phase::Closed, ..seen(5_000) };
        assert_eq!(closed.judge(), Freshness::Closed);
    }

    #[test]
    fn catching_up_is_not_yet_reached() {
        assert_eq!(Reach::of(State::Live), Reach::Reached);
        for state in [State::Connecting, State::CatchingUp, State::Backoff, State::Offline] {
            assert_eq!(Reach::of(state), Reach::Lost, "{state:?}");
        }
    }
}
