//! Which transport to try: down when one seems blocked, up again when a better one may work.

use std::time::Duration;

use super::{Settings, Transport};
use crate::clock::Moment;

/// Failures in a row, before any `welcome`, after which a transport counts as blocked. One is
/// every network's right; a second one while the platform sees a network is a pattern.
const FAILURES_MAX: u32 = 2;

/// The transports, best first, and the place on them.
#[derive(Debug)]
pub(super) struct Ladder {
    transports: Vec<Transport>,
    rung: usize,
    failures: u32,
    upgrade_first: Duration,
    upgrade_max: Duration,
    upgrade_wait: Duration,
    upgrade_at: Option<Moment>,
    /// The rung that the next candidate tries: all better ones get their turn.
    candidate_rung: usize,
}

impl Ladder {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut transports = settings.transports.clone();
        transports.sort();
        transports.dedup();
        if transports.is_empty() {
            transports.push(Transport::WebSocket);
        }
        Ladder {
            transports,
            rung: 0,
            failures: 0,
            upgrade_first: settings.upgrade_after,
            upgrade_max: settings.upgrade_after_max.max(settings.upgrade_after),
            upgrade_wait: settings.upgrade_after,
            upgrade_at: None,
            candidate_rung: 0,
        }
    }

    /// The transport for the next attempt: the last one that worked, or the one fallen back to.
    pub(super) fn current(&self) -> Transport {
        self.transports.get(self.rung).copied().unwrap_or(Transport::WebSocket)
    }

    /// An attempt failed before the relay said anything. Tells what was fallen back from and to.
    pub(super) fn failed(&mut self) -> Option<(Transport, Transport)> {
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURES_MAX || self.transports.len() < 2 {
            return None;
        }
        let from = self.current();
        self.failures = 0;
        self.rung = (self.rung + 1) % self.transports.len();
        Some((from, self.current()))
    }

    /// The relay said `welcome` on a transport.
    pub(super) fn worked(&mut self, transport: Transport, now: Moment) {
        self.failures = 0;
        if let Some(rung) = self.transports.iter().position(|known| *known == transport) {
            self.rung = rung;
        }
        if self.rung == 0 {
            self.upgrade_wait = self.upgrade_first;
            self.upgrade_at = None;
        } else {
            self.upgrade_at = Some(now + self.upgrade_wait);
        }
    }

    /// When a better transport is worth another try, while a worse one works.
    pub(super) const fn upgrade_at(&self) -> Option<Moment> {
        self.upgrade_at
    }

    /// The better transport to try now.
    pub(super) fn start_upgrade(&mut self) -> Option<Transport> {
        self.upgrade_at = None;
        let better = self.transports.get(..self.rung)?;
        let candidate = better.get(self.candidate_rung).or(better.first()).copied()?;
        self.candidate_rung = (self.candidate_rung + 1) % better.len();
        Some(candidate)
    }

    /// The better transport does not work yet: the next try waits twice as long.
    pub(super) fn upgrade_failed(&mut self, now: Moment) {
        self.upgrade_wait = self.upgrade_wait.saturating_mul(2).min(self.upgrade_max);
        self.upgrade_at = Some(now + self.upgrade_wait);
    }

    /// The connection is gone, and the plan to better it.
    pub(super) const fn link_lost(&mut self) {
        self.upgrade_at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_last_transport_comes_the_first_again() {
        let mut ladder = Ladder::new(&Settings::default());
        let tried: Vec<Transport> = (0..8)
            .map(|_| {
                let tried = ladder.current();
                ladder.failed();
                tried
            })
            .collect();
        use Transport::{Poll, Sse, WebSocket};
        assert_eq!(tried, [WebSocket, WebSocket, Sse, Sse, Poll, Poll, WebSocket, WebSocket]);
    }

    #[test]
    fn every_better_transport_gets_its_turn_and_waits_double_up_to_the_longest() {
        let settings = Settings {
            upgrade_after: Duration::from_secs(60),
            upgrade_after_max: Duration::from_secs(150),
            ..Settings::default()
        };
        let mut ladder = Ladder::new(&settings);
        ladder.worked(Transport::Poll, Moment::START);
        let mut waits = vec![ladder.upgrade_at().unwrap().since(Moment::START).as_secs()];
        let mut tried = Vec::new();
        for _ in 0..3 {
            tried.push(ladder.start_upgrade().unwrap());
            ladder.upgrade_failed(Moment::START);
            waits.push(ladder.upgrade_at().unwrap().since(Moment::START).as_secs());
        }
        assert_eq!(waits, [60, 120, 150, 150]);
        assert_eq!(tried, [Transport::WebSocket, Transport::Sse, Transport::WebSocket]);
        ladder.worked(Transport::WebSocket, Moment::START);
        assert_eq!(ladder.upgrade_at(), None);
    }
}
