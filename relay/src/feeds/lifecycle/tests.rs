use proptest::prelude::*;

use super::*;

const SILENCE_MAX: Duration = Duration::from_secs(10);

fn feed(seed: u64) -> Lifecycle {
    Lifecycle::new(Patience::default(), SILENCE_MAX, seed)
}

fn at(seconds: u64) -> Moment {
    Moment::START + Duration::from_secs(seconds)
}

/// Sits out the wait that the feed is in, and says how long it was.
fn sit_out(feed: &mut Lifecycle, now: &mut Moment) -> Duration {
    let until = feed.next_deadline().unwrap();
    let waited = until.since(*now);
    *now = until;
    assert_eq!(feed.handle_timer(*now), Step::Open);
    waited
}

#[test]
fn waits_grow_and_the_fifth_failure_opens_the_breaker() {
    let mut feed = feed(1);
    let mut now = at(0);
    assert_eq!(feed.wanted(now), Step::Open);
    for ceiling_s in [1, 2, 4, 8] {
        assert_eq!(feed.lost(Fault::Passing, now), Step::Close);
        assert_eq!(feed.state(), FeedState::Backoff);
        assert!(sit_out(&mut feed, &mut now) <= Duration::from_secs(ceiling_s));
    }
    feed.lost(Fault::Passing, now);
    assert_eq!(feed.state(), FeedState::Broken);
    assert_eq!(feed.next_attempt(), Some(now + Duration::from_secs(60)));
    // Half-open: one try, and when that fails, another minute.
    assert_eq!(sit_out(&mut feed, &mut now), Duration::from_secs(60));
    feed.lost(Fault::Passing, now);
    assert_eq!(feed.state(), FeedState::Broken);
}

#[test]
fn a_connection_that_was_stable_starts_from_the_shortest_wait_again() {
    let mut feed = feed(2);
    let mut now = at(0);
    feed.wanted(now);
    for _ in 0..4 {
        feed.lost(Fault::Passing, now);
        sit_out(&mut feed, &mut now);
    }
    feed.heard(now);
    feed.lost(Fault::Passing, now + Duration::from_secs(60));
    assert_eq!(feed.state(), FeedState::Backoff);
}

#[test]
fn a_venue_that_accepts_and_cuts_at_once_is_left_alone() {
    let mut feed = feed(3);
    let mut now = at(0);
    feed.wanted(now);
    for _ in 0..4 {
        feed.heard(now);
        feed.lost(Fault::Passing, now);
        sit_out(&mut feed, &mut now);
    }
    feed.heard(now);
    now = now + Duration::from_secs(59);
    feed.lost(Fault::Passing, now);
    assert_eq!(feed.state(), FeedState::Broken);
}

#[test]
fn silence_is_shown_first_and_cut_later() {
    let mut feed = feed(4);
    feed.wanted(at(0));
    feed.heard(at(1));
    assert_eq!(feed.next_deadline(), Some(at(11)));
    assert_eq!(feed.handle_timer(at(11)), Step::Stay);
    assert_eq!(feed.state(), FeedState::Stalled);
    feed.heard(at(12));
    assert_eq!(feed.state(), FeedState::Live);
    feed.handle_timer(at(22));
    assert_eq!(feed.handle_timer(at(32)), Step::Close);
    assert_eq!(feed.state(), FeedState::Backoff);
}

#[test]
fn a_lasting_fault_is_not_tried_again() {
    let mut feed = feed(5);
    feed.wanted(at(0));
    assert_eq!(feed.lost(Fault::Lasting, at(1)), Step::Close);
    assert_eq!(feed.state(), FeedState::Stopped);
    assert_eq!(feed.wanted(at(2)), Step::Stay);
    assert_eq!(feed.next_deadline(), None);
}

#[test]
fn wanting_again_does_not_jump_the_wait() {
    let mut feed = feed(6);
    feed.wanted(at(0));
    feed.lost(Fault::Passing, at(0));
    feed.unwanted();
    assert_eq!(feed.wanted(at(0)), Step::Stay);
    assert_eq!(feed.state(), FeedState::Backoff);
}

#[derive(Clone, Copy, Debug)]
enum Happening {
    Wanted,
    Unwanted,
    Heard,
    Lost,
    Nothing,
}

/// A busy machine takes an input first and looks at an overdue timer later.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Timer {
    InTime,
    AfterTheInput,
}

/// Counts connections, and how long a broken breaker was left alone.
#[derive(Default)]
struct Watch {
    open: i32,
    broken_since: Option<Moment>,
}

impl Watch {
    fn fire_due_timers(&mut self, feed: &mut Lifecycle, mut now: Moment, until: Moment) {
        let mut timers = 0;
        while let Some(due) = feed.next_deadline().filter(|due| *due <= until) {
            now = now.max(due);
            let step = feed.handle_timer(now);
            self.see(step, feed, now);
            timers += 1;
            assert!(timers < 200, "the timer spins");
        }
    }

    fn see(&mut self, step: Step, feed: &Lifecycle, now: Moment) {
        match step {
            Step::Open => {
                self.open += 1;
                if let Some(since) = self.broken_since.take() {
                    assert!(now.since(since) >= Patience::default().broken_for);
                }
            }
            Step::Close => self.open -= 1,
            Step::Stay => {}
        }
        assert!((0..=1).contains(&self.open), "one connection at most, and closed once");
        if feed.state() == FeedState::Broken {
            self.broken_since.get_or_insert(now);
        }
    }
}

proptest! {
    #[test]
    fn there_is_one_connection_at_most_and_a_broken_venue_is_left_alone(
        seed in any::<u64>(),
        steps in prop::collection::vec((
            prop::sample::select(vec![
                Happening::Wanted, Happening::Unwanted, Happening::Heard, Happening::Lost,
                Happening::Nothing,
            ]),
            0_u64..20_000,
            prop::sample::select(vec![Timer::InTime, Timer::AfterTheInput]),
        ), 1..200),
    ) {
        let mut feed = feed(seed);
        let mut watch = Watch::default();
        let mut now = Moment::START;
        for (happening, wait_ms, timer) in steps {
            let until = now + Duration::from_millis(wait_ms);
            if timer == Timer::InTime {
                watch.fire_due_timers(&mut feed, now, until);
            }
            now = until;
            let step = match happening {
                Happening::Wanted => feed.wanted(now),
                Happening::Unwanted => feed.unwanted(),
                Happening::Heard => {
                    feed.heard(now);
                    Step::Stay
                }
                Happening::Lost => feed.lost(Fault::Passing, now),
                Happening::Nothing => Step::Stay,
            };
            watch.see(step, &feed, now);
            watch.fire_due_timers(&mut feed, now, now);
        }
    }
}
