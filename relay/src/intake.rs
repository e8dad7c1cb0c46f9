//! The intake: carries what feeds report through the pipeline into the hub, and what readers want
//! back to the feeds. One task, so that everything about an instrument happens in one order.

use std::collections::HashMap;
use std::sync::Arc;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{FeedState, FeedStatus};
use tidemark_shared::protocol::{Metadata, Notice, Payload, Priority, Severity, Topic};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::unix_now;
use crate::desk::Desk;
use crate::feeds::Report;
use crate::http::Relay;
use crate::hub::{DemandReceiver, Publisher, RelayStopped};
use crate::pipeline::{ADVANCE_EVERY, Output};
use crate::publication::{Demand, Publication};

/// Reports taken in before anything is published: what comes together leaves together.
const REPORTS_PER_TURN_MAX: usize = 256;

/// Everything that the intake joins.
#[derive(Debug)]
pub struct Intake {
    /// Where the market is kept.
    pub desk: Desk,
    /// The way into the hub.
    pub publisher: Publisher,
    /// Who shows how feeds are doing.
    pub relay: Arc<Relay>,
    /// What readers want.
    pub demand: DemandReceiver,
    /// What feeds are to collect.
    pub wanted: mpsc::UnboundedSender<Demand>,
    /// What feeds say.
    pub reports: mpsc::Receiver<Report>,
}

impl Intake {
    /// Runs until `stop` changes or everybody is gone.
    pub async fn run(mut self, mut stop: watch::Receiver<()>) {
        let mut reports = Vec::with_capacity(REPORTS_PER_TURN_MAX);
        let mut states = HashMap::new();
        let mut advance = interval(ADVANCE_EVERY);
        advance.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let output = tokio::select! {
                count = self.reports.recv_many(&mut reports, REPORTS_PER_TURN_MAX) => {
                    if count == 0 {
                        return;
                    }
                    self.take_in(&mut reports, &mut states)
                }
                _ = advance.tick() => self.desk.market().advance(unix_now()),
                Some(demand) = self.demand.recv() => self.pass_on(demand),
                _ = stop.changed() => return,
            };
            if self.send(output).await.is_err() {
                return;
            }
        }
    }

    fn take_in(
        &self,
        reports: &mut Vec<Report>,
        states: &mut HashMap<String, FeedState>,
    ) -> Output {
        let now = unix_now();
        let mut all = Output::default();
        let mut market = self.desk.market();
        for report in reports.drain(..) {
            if let Report::Status(status) = &report {
                self.relay.note_feed(status.clone());
                let before = states.insert(status.feed.clone(), status.state);
                all.publications.extend(notice(before, status, now));
            }
            let output = market.ingest(report, now);
            all.publications.extend(output.publications);
            all.touches.extend(output.touches);
        }
        all
    }

    fn pass_on(&self, demand: Demand) -> Output {
        let mut market = self.desk.market();
        let output = match &demand {
            Demand::Wanted(topic) => market.wanted(topic, unix_now()),
            Demand::Released(topic) => {
                market.released(topic, unix_now());
                Output::default()
            }
        };
        // The feeds have ended only when the relay is ending.
        let _ = self.wanted.send(demand);
        output
    }

    async fn send(&self, output: Output) -> Result<(), RelayStopped> {
        if !output.publications.is_empty() {
            self.publisher.publish(output.publications).await?;
        }
        for together in output.touches.chunk_by(|a, b| a.as_of == b.as_of) {
            let topics: Vec<Topic> = together.iter().map(|touch| touch.topic.clone()).collect();
            if let Some(touch) = together.first() {
                self.publisher.touch(&topics, touch.as_of).await?;
            }
        }
        Ok(())
    }
}

/// What everybody is told when a feed stops for long, or works again after that.
fn notice(before: Option<FeedState>, status: &FeedStatus, now: UnixMillis) -> Option<Publication> {
    let is_out = |state: FeedState| matches!(state, FeedState::Broken | FeedState::Stopped);
    let was_out = before.is_some_and(is_out);
    let feed = &status.feed;
    let (severity, text) = match status.state {
        state if is_out(state) && !was_out => {
            let why = status.last_error.as_deref().unwrap_or("no reason was given");
            (Severity::Warning, format!("The feed {feed} is down: {why}"))
        }
        FeedState::Live if was_out => (Severity::Info, format!("The feed {feed} is back.")),
        _ => return None,
    };
    Some(Publication {
        topic: Topic::system_notifications(),
        at: now,
        source: "relay".to_owned(),
        priority: Priority::High,
        meta: Metadata::default(),
        payload: Payload::Notice(Notice { severity, text }),
    })
}
