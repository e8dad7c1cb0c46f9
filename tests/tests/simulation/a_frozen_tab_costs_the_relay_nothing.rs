//! "I left it in a background tab for a minute of a wild market. The relay did not notice, and the
//! tab was right again at once."

use std::time::Duration;

use tidemark_shared::protocol::{Encoding, Priority};
use tidemark_shared::session::Input;
use tidemark_tests::simulation::client::Client;
use tidemark_tests::simulation::judge::Promise;
use tidemark_tests::simulation::link::Quality;
use tidemark_tests::simulation::relay::OWED_BYTES_MAX;
use tidemark_tests::simulation::sabotage::Sabotage;
use tidemark_tests::simulation::transcript::Transcript;
use tidemark_tests::simulation::world::World;

/// Many times what the connection may be owed.
const MESSAGES: u64 = 10_000;

#[test]
fn a_tab_that_reads_nothing_is_owed_one_frame_however_much_is_published() {
    let promise = Promise { count: 1_000, age: Duration::from_secs(900) };
    let quality = Quality { delay_ms: (5, 60), bytes_per_ms: 1_000, window: 4_096 };
    let mut world = World::new(1, promise, Transcript::hashed(), Sabotage::None);
    world.clients.push(Client::new(1, Encoding::Json, promise, quality));
    world.subscribe(0, "price:AAPL", None);
    world.subscribe(0, "bars:1m:AAPL", None);
    world.feed(0, Input::Start);
    assert!(world.run_until_so(Duration::from_secs(5), World::is_everybody_live));
    world.freeze(0);
    for _ in 0..MESSAGES / 20 {
        world.publish("price:AAPL", 10, Priority::Normal);
        world.publish("bars:1m:AAPL", 10, Priority::Normal);
        world.run(Duration::from_millis(50));
    }
    let written = world.ledger.topics().count() as u64 * MESSAGES / 2 * 100;
    assert!(written > 10 * OWED_BYTES_MAX as u64);
    world.thaw(0, Some(Input::Resumed));
    assert!(world.run_until_so(Duration::from_secs(10), |world| world.has_converged(0)));
    assert_eq!(world.all_alarms(), Vec::<String>::new());
    assert!(world.owed_bytes_max <= OWED_BYTES_MAX);
    let seen = world.clients[0].judge.seen;
    assert!(seen.skipped > MESSAGES / 4 && seen.expired == 1, "{seen:?}");
}
