//! A random life: everything that can go wrong does, then the network heals, and the promises
//! are held against what came of it.

use std::time::Duration;

use tidemark_shared::protocol::{Closing, Encoding, Position, Topic};
use tidemark_shared::session::{Input, Settings, State, Transport};

use super::model_relay::{Pace, Renewal};
use super::network::{Block, Weather};
use super::relay_end::RelayEnd;
use super::{Dice, World};

const TOPICS: [&str; 6] = [
    "price:AAPL",
    "price:BTC-USD",
    "bars:1m:AAPL",
    "system:notifications",
    "feed:simulator",
    "feed:binance",
];

/// So long after the network healed, everybody must be live: the longest backoff, three transports
/// of which each may hang twice, and a candidate in the way.
const HEALED_MS_MAX: u64 = 240_000;

/// Lives through one seed. Panics, with the world's last words, when a promise is broken.
pub fn live_through(seed: u64) -> World {
    let mut dice = Dice::new(seed ^ 0xc0de);
    let settings = Settings {
        encoding: *dice.pick(&[Encoding::Json, Encoding::Binary]),
        ..Settings::default()
    };
    let mut world = World::new(seed, settings, &TOPICS[..5]);
    world.relay.retained_max = *dice.pick(&[2, 8, 64]);
    world.relay.pace = Pace::Lazy;
    world.timer_late_ms = *dice.pick(&[0, 10, 1_500, 6_000]);
    world.clock_skew_ms = *dice.pick(&[0, -90_000, 3_600_000]);
    world.input(Input::Start);
    let mut asked = 0;
    for _ in 0..dice.below(60) + 10 {
        asked += u64::from(disturb(&mut world, &mut dice));
        let pause = *dice.pick(&[0, 20, 200, 3_000, 20_000, 50_000]);
        world.run_ms(dice.below(pause + 1));
    }
    heal(&mut world);
    settle(&mut world, seed);
    assert_eq!(world.answers.len() as u64, asked, "a question has no answer");
    world
}

/// Whether a question was asked.
fn disturb(world: &mut World, dice: &mut Dice) -> bool {
    let topic = *dice.pick(&TOPICS);
    match dice.below(29) {
        0..=5 => world.publish(topic, dice.below(30)),
        6 | 7 => world.publish_together(topic, dice.below(10)),
        8 | 9 => world.subscribe(topic),
        10 => world.subscribe("feed:*"),
        11 if dice.once_in(2) => world.unsubscribe("feed:*"),
        11 => world.unsubscribe(topic),
        12 => world.cut(),
        13 => world.cut_silently(),
        14 => world.network.weather = *dice.pick(&[Weather::Refusing, Weather::BlackHole]),
        15 | 16 => world.network.weather = Weather::Fair,
        17 => {
            let block = *dice.pick(&[Block::Refused, Block::Hangs, Block::Swallows]);
            world.network.blocked.insert(*dice.pick(&Transport::ALL), block);
        }
        18 => world.restart_relay(),
        19 => {
            world.input(dice.pick(&[Input::Offline, Input::Online, Input::Hidden]).clone());
        }
        20 => freeze(world, dice),
        21 => {
            world.sleep(dice.between_ms(1_000, 3_600_000));
            let said = *dice.pick(&[None, Some(())]);
            world.run_again(said.map(|()| Input::Resumed));
        }
        22 => world.input(dice.pick(&[Input::ReconnectNow, Input::Shown, Input::Start]).clone()),
        23 => {
            world.ask();
            return true;
        }
        24 => {
            let after_ms = dice.below(10_000);
            let reason = "restart".to_owned();
            world.relay.close_all(&Closing { code: 4000, reason, reconnect: true, after_ms });
            world.publish(topic, 1);
        }
        25 => {
            let lasts = dice.pick(&[None, Some(1), Some(25), Some(300)]).map(Duration::from_secs);
            world.relay.sign_in_lasts = lasts;
            world.relay.renewal = *dice.pick(&[Renewal::Counts, Renewal::Refused]);
        }
        26 | 27 => world.input(Input::SignIn { token: None }),
        _ => {
            world.relay.add_topic(&"feed:binance".parse().unwrap());
            world.clock_skew_ms += *dice.pick(&[0, 10_000, -10_000]);
        }
    }
    false
}

fn freeze(world: &mut World, dice: &mut Dice) {
    world.input(Input::Frozen);
    world.stop_running();
    world.run_ms(dice.below(120_000));
    let said = *dice.pick(&[None, Some(())]);
    world.run_again(said.map(|()| Input::Resumed));
}

fn heal(world: &mut World) {
    world.network.weather = Weather::Fair;
    world.network.blocked.clear();
    world.timer_late_ms = 0;
    world.relay.sign_in_lasts = None;
    world.relay.renewal = Renewal::Counts;
    world.input(Input::Resumed);
    world.input(Input::Online);
    world.input(Input::SignIn { token: None });
    world.relay.add_topic(&"feed:binance".parse().unwrap());
}

fn settle(world: &mut World, seed: u64) {
    let is_live = world.run_until_so(HEALED_MS_MAX, |world| world.state() == State::Live);
    assert!(is_live, "seed {seed}: not live, but {:?}: {:?}", world.state(), world.status());
    TOPICS.iter().for_each(|topic| world.publish_together(topic, 5));
    // Two heartbeats: what is still missing then is lost.
    let has_all = world.run_until_so(70_000, |world| missing(world).is_empty());
    assert!(has_all, "seed {seed}: missing {:?}", missing(world));
    world.run_until(world.time() + Duration::from_secs(70));
    // It may just be moving to a better transport.
    let is_live = world.run_until_so(5_000, |world| world.state() == State::Live);
    assert!(is_live, "seed {seed}: does not stay live, but is {:?}", world.state());
    world.assert_no_alarm();
    let counters = world.status().counters;
    assert_eq!((counters.holes, counters.duplicates), (0, 0), "seed {seed}: {:?}", world.notes);
    let open = world.network.open.len();
    assert!(open <= 2, "seed {seed}: {open} connections are open");
}

fn missing(world: &World) -> Vec<(Topic, Option<Position>)> {
    let topics = TOPICS.iter().map(|name| name.parse::<Topic>().unwrap());
    let wanted = topics.filter(|topic| world.checker.is_wanted(topic));
    wanted
        .map(|topic| (world.relay.head(&topic), topic))
        .filter(|(head, topic)| !head.is_some_and(|head| world.checker.has_all_of(topic, head)))
        .map(|(head, topic)| (topic, head))
        .collect()
}
