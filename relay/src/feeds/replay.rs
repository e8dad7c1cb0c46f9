//! Plays a recorded session as if it happened now, through the same reader as the live venue.
//!
//! Times are shifted: what was received at the recording's first moment is received when the replay
//! starts, and each update is as old as it was then. A venue whose clock ran ahead of the recorder's
//! is pulled back, so that nothing comes from the future. With another speed than 1, frames come
//! closer together or further apart; their ages stay what they were.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::market::FeedState;
use tidemark_shared::session::Now;
use tokio::sync::mpsc;

use super::config::AtEnd;
use super::dead_letter::DeadLetter;
use super::interest::Interest;
use super::port::{Port, Stopped, Wake};
use super::recording::{RecordedFrame, Recording};
use super::status::StatusBoard;
use super::tape::{Tape, Verdict};
use super::venue::{Output, Venue};
use super::{Change, Origin, Report, Update};

/// Frames that are read ahead of their time: a fraction of a second of the busiest recording.
const READ_AHEAD_FRAMES: usize = 256;

/// What is played, and how.
pub(super) struct Replay {
    /// The feed's name.
    pub(super) feed: String,
    /// The recording.
    pub(super) file: Arc<PathBuf>,
    /// Who reads its frames.
    pub(super) venue: Box<dyn Venue>,
    /// How many times faster than recorded.
    pub(super) speed: f64,
    /// What happens at its end.
    pub(super) at_end: AtEnd,
}

/// Runs the replay until the relay stops.
pub(super) async fn run(replay: Replay, interest: Interest, port: Port) -> Stopped {
    let board = StatusBoard::new(&replay.feed, port.clock.now());
    let mut player = Player { replay, interest, board, port };
    match player.play().await {
        Err(stopped) => stopped,
        Ok(()) => player.stand_still().await,
    }
}

struct Player {
    replay: Replay,
    interest: Interest,
    board: StatusBoard,
    port: Port,
}

/// One pass through the recording. Its own memory, since numbers start again with each.
struct Pass {
    venue: Box<dyn Venue>,
    tape: Tape,
    started: Moment,
    first: Option<UnixMillis>,
}

impl Player {
    /// Plays until the end, if there is one.
    async fn play(&mut self) -> Result<(), Stopped> {
        loop {
            while self.interest.is_empty() {
                self.wait(None).await?;
            }
            let mut frames = read_ahead(self.replay.file.clone());
            let mut pass = Pass {
                venue: self.replay.venue.another(),
                tape: Tape::default(),
                started: self.port.clock.now().moment,
                first: None,
            };
            let mut count = 0_u64;
            while let Some(frame) = frames.recv().await {
                match frame {
                    Ok(frame) => self.play_frame(&mut pass, &frame).await?,
                    Err(error) => {
                        self.board.error(&format!("{}: {error}", self.replay.file.display()));
                        return Ok(());
                    }
                }
                count += 1;
            }
            if count == 0 {
                self.board.error(&format!("{}: holds no frames", self.replay.file.display()));
                return Ok(());
            }
            if self.replay.at_end == AtEnd::Stop {
                return Ok(());
            }
        }
    }

    /// The recording is over: says so, and waits for the relay's end.
    async fn stand_still(&mut self) -> Stopped {
        loop {
            self.board.state(FeedState::Stopped, None, self.port.clock.now());
            if let Err(stopped) = self.tell().await {
                return stopped;
            }
            let due = self.board.next_deadline();
            match self.port.wake(due).await {
                Ok(Wake::Demand(demand)) => {
                    self.interest.handle(&demand, self.port.clock.now().moment);
                }
                Ok(Wake::Due) => {}
                Err(stopped) => return stopped,
            }
        }
    }

    async fn play_frame(&mut self, pass: &mut Pass, frame: &RecordedFrame) -> Result<(), Stopped> {
        let first = *pass.first.get_or_insert(frame.at);
        let due = pass.started + frame.at.since(first).div_f64(self.replay.speed);
        while self.port.clock.now().moment < due {
            self.wait(Some(due)).await?;
        }
        let now = self.port.clock.now();
        self.board.message();
        self.board.heard(now);
        let mut said = Vec::new();
        if let Err(reason) = pass.venue.handle(&frame.text, now, &mut said) {
            self.board.dead_letter();
            self.port.bury(DeadLetter::new(now.unix, reason, &frame.text));
        }
        for output in said {
            if let Some(update) = self.update(pass, output, frame.at, now) {
                self.port.report(Report::Update(update)).await?;
            }
        }
        self.wait_no_longer().await
    }

    fn update(
        &mut self,
        pass: &mut Pass,
        output: Output,
        recorded: UnixMillis,
        now: Now,
    ) -> Option<Update> {
        let Output::Happened { symbol, at, origin, change } = output else { return None };
        if let Change::Trade { id: Some(id), .. } = change {
            let verdict = match origin {
                Origin::Live => pass.tape.trade(&symbol, id),
                Origin::Snapshot => pass.tape.shown(&symbol, id),
            };
            match verdict {
                Verdict::Next => {}
                Verdict::AfterHole => self.board.gap(),
                Verdict::Repeated => return None,
            }
        }
        if !self.interest.contains(&symbol) {
            return None;
        }
        let age: Duration = at.map_or(Duration::ZERO, |at| recorded.since(at));
        Some(Update {
            symbol,
            feed: self.replay.feed.clone(),
            venue_time: now.unix - age,
            received: now.unix,
            origin,
            change,
        })
    }

    async fn wait_no_longer(&mut self) -> Result<(), Stopped> {
        self.settle(self.port.clock.now());
        self.tell().await
    }

    async fn wait(&mut self, due: Option<Moment>) -> Result<(), Stopped> {
        self.wait_no_longer().await?;
        let deadlines = [due, self.board.next_deadline(), self.interest.next_deadline()];
        let woken = self.port.wake(deadlines.into_iter().flatten().min()).await?;
        let now = self.port.clock.now();
        if let Wake::Demand(demand) = woken {
            self.interest.handle(&demand, now.moment);
        }
        Ok(())
    }

    fn settle(&mut self, now: Now) {
        self.interest.expire(now.moment);
        let state = if self.interest.is_empty() { FeedState::Idle } else { FeedState::Live };
        self.board.state(state, None, now);
        self.board.symbols(self.interest.len());
    }

    async fn tell(&mut self) -> Result<(), Stopped> {
        let now = self.port.clock.now();
        let due = self.board.due(now.moment);
        let alive = self.board.alive_due(self.interest.symbols(), now.moment);
        for report in due.into_iter().chain(alive) {
            self.port.report(report).await?;
        }
        Ok(())
    }
}

/// Reads the recording on a thread that may block.
fn read_ahead(file: Arc<PathBuf>) -> mpsc::Receiver<std::io::Result<RecordedFrame>> {
    let (frames, receiver) = mpsc::channel(READ_AHEAD_FRAMES);
    tokio::task::spawn_blocking(move || match Recording::open(&file) {
        Ok(mut recording) => {
            for frame in recording.by_ref() {
                let failed = frame.is_err();
                if frames.blocking_send(frame).is_err() || failed {
                    return;
                }
            }
            let passed_over = recording.passed_over();
            tracing::debug!(file = %file.display(), passed_over, "a recording was read");
        }
        // A player that is gone has no use for the news.
        Err(error) => drop(frames.blocking_send(Err(error))),
    });
    receiver
}
