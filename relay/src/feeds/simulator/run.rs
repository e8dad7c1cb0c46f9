//! Runs the made-up market on tokio.

use std::time::Duration;

use tidemark_shared::market::{FeedState, Symbol};

use super::stream::Stream;
use crate::feeds::config::SimulatorConfig;
use crate::feeds::interest::Interest;
use crate::feeds::port::{Port, Stopped, Wake};
use crate::feeds::status::StatusBoard;
use crate::feeds::{Report, Update};

/// How often the market is looked at: faster than people see.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Runs the simulator until the relay stops.
pub(in crate::feeds) async fn run(
    feed: String,
    settings: SimulatorConfig,
    mut interest: Interest,
    mut port: Port,
) -> Stopped {
    let mut now = port.clock.now();
    let mut board = StatusBoard::new(&feed, now);
    let mut stream = Stream::new(feed, settings, now.unix);
    let mut started: Vec<Symbol> = interest.symbols().cloned().collect();
    loop {
        let mut updates: Vec<Update> = stream.advance(now.unix);
        for symbol in interest.expire(now.moment) {
            stream.stop(&symbol);
        }
        for symbol in started.drain(..) {
            updates.extend(stream.start(&symbol, now.unix));
        }
        let state = if interest.is_empty() { FeedState::Idle } else { FeedState::Live };
        board.state(state, None, now);
        board.symbols(interest.len());
        if state == FeedState::Live {
            board.heard(now);
        }
        let mut reports: Vec<Report> = Vec::with_capacity(updates.len() + 2);
        for update in updates {
            board.message();
            reports.push(Report::Update(update));
        }
        reports.extend(board.due(now.moment));
        reports.extend(board.alive_due(interest.symbols(), now.moment));
        for report in reports {
            if let Err(stopped) = port.report(report).await {
                return stopped;
            }
        }
        let next_look = (!interest.is_empty()).then(|| now.moment + LOOK_EVERY);
        let woken = port.wake(next_look.or(board.next_deadline())).await;
        now = port.clock.now();
        match woken {
            Ok(Wake::Demand(demand)) => started.extend(interest.handle(&demand, now.moment)),
            Ok(Wake::Due) => {}
            Err(stopped) => return stopped,
        }
    }
}
