//! "My sign-in runs out: I am told before, renewing it costs no connection, and whatever I do or
//! don't, no message is lost or comes twice."

use std::time::Duration;

use tidemark_shared::protocol::ErrorCode;
use tidemark_shared::session::{Delivery, Input, Note, Settings, State};

use crate::simulation::World;
use crate::simulation::model_relay::Renewal;
use crate::simulation::relay_end::RelayEnd;

const TOPICS: [&str; 3] = ["price:AAPL", "bars:1m:AAPL", "feed:simulator"];

#[test]
fn it_is_told_before_and_renewed_on_the_same_connection() {
    let mut world = signed_in_for(60);
    let ends_at = world.status().ends_at;
    assert!(ends_at.is_some() && !world.status().asks_for_sign_in);
    assert!(world.run_until_so(60_000, |world| world.status().asks_for_sign_in));
    assert_eq!(world.status().ends_at, ends_at);
    assert_eq!(world.state(), State::Live, "a warning disturbs nothing");
    world.input(Input::SignIn { token: Some("newer".into()) });
    assert!(world.run_until_so(1_000, |world| !world.status().asks_for_sign_in));
    assert!(world.status().ends_at > ends_at);
    assert_eq!(world.relay.refreshes, [Some("newer".into())]);
    goes_on(&mut world);
    assert_eq!(world.links_opened(), 1);
    assert_eq!(world.relay.ended, 0);
}

#[test]
fn after_its_end_everything_goes_on_from_where_it_stood() {
    let mut world = signed_in_for(60);
    assert!(world.run_until_so(70_000, |world| world.relay.ended == 1));
    world.run_ms(1_000);
    // Written while nobody was signed in: it comes late, and is not lost.
    TOPICS.iter().for_each(|topic| world.publish(topic, 5));
    world.run_ms(1_000);
    world.input(Input::SignIn { token: None });
    goes_on(&mut world);
    assert_eq!(world.relay.refreshes, [None], "a cookie's session has no token");
    assert_eq!(world.links_opened(), 1);
    let refused = |delivery: &Delivery| matches!(delivery, Delivery::Refused { .. });
    assert!(!world.deliveries.iter().any(refused), "what waits for a sign-in is not refused");
}

#[test]
fn one_that_does_not_count_changes_nothing_and_is_told() {
    let mut world = signed_in_for(60);
    world.relay.renewal = Renewal::Refused;
    let ends_at = world.status().ends_at;
    world.input(Input::SignIn { token: Some("somebody else's".into()) });
    assert!(world.run_until_so(1_000, |world| world.status().sign_in_refused.is_some()));
    let refused = |note: &Note| matches!(note, Note::SignInRefused { error } if error.code == ErrorCode::Unauthorized);
    assert!(world.notes.iter().any(refused));
    assert_eq!((world.status().ends_at, world.state()), (ends_at, State::Live));
    goes_on(&mut world);
    world.relay.renewal = Renewal::Counts;
    world.input(Input::SignIn { token: Some("mine".into()) });
    assert!(world.run_until_so(1_000, |world| world.status().sign_in_refused.is_none()));
    assert_eq!(world.links_opened(), 1);
}

#[test]
fn nobody_signs_in_again_and_the_relay_is_not_hammered() {
    let mut world = signed_in_for(60);
    assert!(world.run_until_so(80_000, |world| world.state() == State::NeedsAuth));
    world.relay.refusal = Some((4504, "sign in again"));
    let opened = world.links_opened();
    world.run_ms(29_000);
    assert_eq!(world.links_opened(), opened, "it came back without a sign-in");
    world.relay.refusal = None;
    world.input(Input::SignIn { token: Some("newer".into()) });
    assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
    goes_on(&mut world);
}

#[test]
fn one_that_comes_while_the_connection_is_being_opened_counts_too() {
    let mut world = World::new(1, Settings::default(), &TOPICS);
    world.relay.sign_in_lasts = Some(Duration::from_secs(60));
    TOPICS.iter().for_each(|topic| world.subscribe(topic));
    world.input(Input::Start);
    assert!(world.run_until_so(1_000, |world| world.state() == State::Greeting));
    world.input(Input::SignIn { token: Some("newer".into()) });
    assert!(world.run_until_so(1_000, |world| !world.relay.refreshes.is_empty()));
    assert_eq!(world.relay.tokens, [None]);
    assert_eq!(world.relay.refreshes, [Some("newer".into())]);
    goes_on(&mut world);
}

#[test]
fn a_token_that_fits_no_frame_is_not_sent() {
    let mut world = signed_in_for(60);
    world.input(Input::SignIn { token: Some("x".repeat(65 * 1_024)) });
    assert!(world.status().sign_in_refused.is_some());
    goes_on(&mut world);
    assert!(world.relay.refreshes.is_empty());
    assert_eq!(world.links_opened(), 1);
}

fn signed_in_for(seconds: u64) -> World {
    let mut world = World::new(1, Settings::default(), &TOPICS);
    world.relay.sign_in_lasts = Some(Duration::from_secs(seconds));
    world.subscribe("price:AAPL");
    world.subscribe("bars:1m:AAPL");
    world.subscribe("feed:*");
    world.input(Input::Start);
    assert!(world.run_until_so(5_000, |world| world.state() == State::Live));
    goes_on(&mut world);
    world
}

/// Every topic is read to its end, and nothing was lost, repeated or reordered on the way.
fn goes_on(world: &mut World) {
    TOPICS.iter().for_each(|topic| world.publish_together(topic, 3));
    let has_all = world.run_until_so(5_000, |world| {
        TOPICS.iter().all(|name| {
            let topic = name.parse().unwrap();
            let head = world.relay.head(&topic);
            head.is_some_and(|head| world.checker.has_all_of(&topic, head))
        })
    });
    assert!(has_all, "something is missing: {:?}", world.status());
    world.assert_no_alarm();
    let counters = world.status().counters;
    assert_eq!((counters.holes, counters.duplicates), (0, 0), "{:?}", world.notes);
}
