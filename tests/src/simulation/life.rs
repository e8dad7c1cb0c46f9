//! A random life: everything that can go wrong does, then the network heals, and the promises are
//! held against what came of it.

use std::time::Duration;

use tidemark_shared::protocol::{Encoding, Priority};
use tidemark_shared::session::{Input, Transport};

use super::client::{Client, Weather};
use super::dice::Dice;
use super::judge::{Promise, Seen};
use super::link::{Quality, Way};
use super::market::TOPICS;
use super::relay::{Down, SHARDS};
use super::sabotage::Sabotage;
use super::transcript::Transcript;
use super::world::World;

/// So long after everything works again, everybody must be live: three transports of which each may
/// hang twice, with the longest backoff between.
const LIVE_WITHIN: Duration = Duration::from_secs(300);

/// Two heartbeats: what is missing after them would be missing for ever.
const CONVERGED_WITHIN: Duration = Duration::from_secs(70);

/// What applications ask for. One of them nobody serves.
const WISHES: [&str; 10] = [
    "price:AAPL",
    "price:BTC-USD",
    "market:overview",
    "bars:1m:AAPL",
    "bars:1s:BTC-USD",
    "system:notifications",
    "feed:*",
    "feed:simulator",
    "feed:late",
    "price:NOSUCH",
];

/// How a life went.
#[derive(Debug)]
pub struct Life {
    /// What was wrong. Nothing, it is hoped.
    pub alarms: Vec<String>,
    /// The same for the same seed.
    pub number: u64,
    /// All that happened, if it was to be told.
    pub text: String,
    /// What all applications were given.
    pub seen: Vec<Seen>,
    /// The most that any connection was owed, in bytes.
    pub owed_bytes_max: usize,
}

/// Lives through one seed.
#[must_use]
pub fn live(seed: u64, transcript: Transcript, sabotage: Sabotage) -> Life {
    let mut dice = Dice::new(seed ^ 0xc0de);
    let promise = Promise {
        count: dice.pick(&[2, 8, 64, 1_000]),
        age: dice.pick(&[Duration::from_secs(5), Duration::from_secs(900)]),
    };
    let mut world = World::new(seed, promise, transcript, sabotage);
    for shard in 0..SHARDS {
        world.relay.set_delay(shard, dice.between_ms(0, 30));
    }
    for number in 0..dice.below(4) + 2 {
        let seed = seed.wrapping_mul(31).wrapping_add(number);
        let encoding = encoding(sabotage, &mut dice);
        let client = Client::new(seed, encoding, promise, quality(&mut dice));
        world.clients.push(client);
        let client = world.clients.len() - 1;
        for _ in 0..dice.below(4) + 1 {
            subscribe(&mut world, client, &mut dice);
        }
        world.feed(client, Input::Start);
    }
    for _ in 0..dice.below(40) + 15 {
        disturb(&mut world, &mut dice);
        let pause = dice.pick(&[0, 20, 200, 2_000, 2_000, 40_000]);
        world.run(Duration::from_millis(dice.below(pause + 1)));
    }
    settle(&mut world);
    Life {
        alarms: world.all_alarms(),
        number: world.transcript.number(),
        text: world.transcript.text().to_owned(),
        seen: world.clients.iter().map(|client| client.judge.seen).collect(),
        owed_bytes_max: world.owed_bytes_max,
    }
}

fn encoding(sabotage: Sabotage, dice: &mut Dice) -> Encoding {
    match sabotage {
        Sabotage::None => dice.pick(&[Encoding::Json, Encoding::Binary]),
        // The wire's saboteur looks for events, and reads JSON only.
        _ => Encoding::Json,
    }
}

fn quality(dice: &mut Dice) -> Quality {
    Quality {
        delay_ms: dice.pick(&[(1, 3), (5, 60), (100, 900)]),
        bytes_per_ms: dice.pick(&[2, 50, 10_000]),
        window: dice.pick(&[300, 2_000, 64 * 1024]),
    }
}

fn disturb(world: &mut World, dice: &mut Dice) {
    let client = dice.between(0, world.clients.len() - 1);
    match dice.below(30) {
        0..=7 => publish(world, dice),
        8 | 9 => burst(world, dice),
        10 | 11 => subscribe(world, client, dice),
        12 => {
            let wishes = world.wishes(client);
            if !wishes.is_empty() {
                world.unsubscribe(client, &dice.pick(&wishes).to_string());
            }
        }
        13 | 14 => world.cut(client),
        15 => {
            let ways: &[&[Way]] = &[&[Way::Down], &[Way::Up], &[Way::Down, Way::Up]];
            world.cut_silently(client, dice.pick(ways));
        }
        16 => {
            let weather = dice.pick(&[Weather::Refusing, Weather::BlackHole]);
            world.set_weather(client, weather);
        }
        17 => world.set_weather(client, Weather::Fair),
        18 | 19 => {
            let transport = dice.pick(&Transport::ALL);
            if !world.clients[client].blocked.remove(&transport) {
                world.clients[client].blocked.insert(transport);
            }
        }
        20 => world.relay_down(dice.pick(&[Down::Stopped, Down::Stopped, Down::Crashed])),
        21 => freeze(world, client, dice),
        22 => {
            world.sleep(client, dice.between_ms(1_000, 600_000));
            let said = dice.pick(&[None, Some(())]);
            world.thaw(client, said.map(|()| Input::Resumed));
        }
        23 => world.clients[client].skew_ms += dice.pick(&[-3_600_000, -10_000, 500, 90_000]),
        24 => world.reload(client),
        25 => {
            let inputs = [Input::Offline, Input::Online, Input::Hidden, Input::Shown];
            world.feed(client, dice.pick(&inputs));
        }
        26 => world.feed(client, Input::ReconnectNow),
        27 => world.clients[client].quality = quality(dice),
        28 => {
            let shard = dice.between(0, SHARDS - 1);
            let most = dice.pick(&[0, 30, 3_000]);
            world.relay.set_delay(shard, dice.between_ms(0, most));
        }
        _ => world.clients[client].timer_late_ms = dice.pick(&[0, 10, 1_500, 6_000]),
    }
    // It is down for the time of a disturbance or a few.
    if dice.once_in(3) {
        world.relay_up();
    }
}

fn publish(world: &mut World, dice: &mut Dice) {
    let priorities = [Priority::Low, Priority::Normal, Priority::High, Priority::Critical];
    for _ in 0..dice.below(10) + 1 {
        world.publish(dice.pick(&TOPICS), 1, dice.pick(&priorities));
        let pause = dice.pick(&[0, 5, 100]);
        world.run(Duration::from_millis(pause));
    }
}

fn burst(world: &mut World, dice: &mut Dice) {
    let count = dice.pick(&[5, 20, 100]);
    world.publish(dice.pick(&TOPICS), dice.below(count) + 1, Priority::Normal);
}

fn subscribe(world: &mut World, client: usize, dice: &mut Dice) {
    let rate = dice.pick(&[None, None, None, Some(1), Some(20)]);
    world.subscribe(client, dice.pick(&WISHES), rate);
}

fn freeze(world: &mut World, client: usize, dice: &mut Dice) {
    if dice.once_in(2) {
        world.feed(client, Input::Frozen);
    }
    world.freeze(client);
    for _ in 0..dice.below(4) {
        burst(world, dice);
        world.run(dice.between_ms(0, 40_000));
    }
    let said = dice.pick(&[None, Some(())]);
    world.thaw(client, said.map(|()| Input::Resumed));
}

fn settle(world: &mut World) {
    world.relay_up();
    (0..world.clients.len()).for_each(|client| world.heal(client));
    if !world.run_until_so(LIVE_WITHIN, World::is_everybody_live) {
        let states = world.clients.iter().map(|client| client.session.status());
        let alarm = format!("not everybody is live: {:?}", states.collect::<Vec<_>>());
        world.alarms.push(alarm);
    }
    TOPICS.iter().for_each(|topic| world.publish(topic, 3, Priority::Normal));
    let has_converged =
        |world: &World| (0..world.clients.len()).all(|client| world.has_converged(client));
    if !world.run_until_so(CONVERGED_WITHIN, has_converged) {
        for client in 0..world.clients.len() {
            let missing = format!("{:?}", world.missing(client));
            if !world.has_converged(client) {
                let state = world.clients[client].session.status().state;
                let alarm = format!("client {client} is {state:?} and has not got {missing}");
                world.alarms.push(alarm);
            }
        }
    }
}
