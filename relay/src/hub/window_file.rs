//! The retained windows on disk, for a restart that loses nothing.
//!
//! Written once, when the relay has stopped publishing; read once, and removed before anything is
//! published again. So the numbering in it is always the newest there is: after a crash there is
//! no file, and the logs begin a new epoch instead of giving a number out twice.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tidemark_shared::protocol::{
    AliasTable, Class, Encoding, Event, Position, ServerMessage, Topic,
};

use crate::log::TopicLog;

/// A file of another version is passed over.
const VERSION: u32 = 1;

/// The file that a stopped relay leaves for the next one.
#[derive(Clone, Debug)]
pub struct WindowFile {
    path: PathBuf,
}

/// Why the retained windows could not be kept or taken up. Nothing is lost that was not in memory
/// only: clients are given snapshots.
#[derive(Debug, Error)]
pub enum WindowFileError {
    /// The disk.
    #[error("{path}: {error}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The content.
    #[error("{path}: line {line} is not as it was written; the file is passed over")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

/// One topic of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RetainedTopic {
    pub(super) topic: Topic,
    pub(super) head: Position,
    pub(super) events: Vec<Event>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    Begin { version: u32 },
    Topic { topic: Topic, head: Position, events: usize },
    End { topics: usize },
}

impl WindowFile {
    /// The file in a data directory.
    #[must_use]
    pub fn in_dir(data_dir: &Path) -> Self {
        WindowFile { path: data_dir.join("windows.jsonl") }
    }

    /// Writes the logs: under another name, synced, then renamed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save<'a>(
        &self,
        logs: impl Iterator<Item = &'a TopicLog>,
    ) -> Result<usize, WindowFileError> {
        self.write(logs).map_err(|error| self.io(error))
    }

    /// Whether these lines are what such a file consists of, and how many topics are in it.
    ///
    /// # Errors
    /// When the content is damaged.
    pub fn inspect(&self, lines: impl BufRead) -> Result<usize, WindowFileError> {
        self.read(lines).map(|topics| topics.len())
    }

    /// Reads the file, if there is one, and removes it.
    ///
    /// # Errors
    /// When the disk refuses or the content is damaged. The file is removed in either case where
    /// that is possible: its numbering must not be taken up later.
    pub(super) fn take(&self) -> Result<Vec<RetainedTopic>, WindowFileError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.io(error)),
        };
        let read = self.read(BufReader::new(file));
        fs::remove_file(&self.path).map_err(|error| self.io(error))?;
        if let Some(dir) = self.path.parent() {
            sync_dir(dir).map_err(|error| self.io(error))?;
        }
        read
    }

    fn write<'a>(&self, logs: impl Iterator<Item = &'a TopicLog>) -> io::Result<usize> {
        let unfinished = self.path.with_extension("unfinished");
        let mut out = BufWriter::new(File::create(&unfinished)?);
        write_line(&mut out, &Line::Begin { version: VERSION })?;
        let mut topics = 0;
        // What users wrote is in the store, and nowhere else: whoever erases it there has erased it.
        for log in logs.filter(|log| log.topic().class() != Class::Documents) {
            let head = Position::new(log.epoch(), log.head());
            let (topic, events) = (log.topic().clone(), log.retained());
            write_line(&mut out, &Line::Topic { topic, head, events })?;
            out.write_all(log.retained_json())?;
            topics += 1;
        }
        write_line(&mut out, &Line::End { topics })?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&unfinished, &self.path)?;
        if let Some(dir) = self.path.parent() {
            sync_dir(dir)?;
        }
        Ok(topics)
    }

    fn read(&self, lines: impl BufRead) -> Result<Vec<RetainedTopic>, WindowFileError> {
        let mut lines = lines.lines().zip(1..);
        let mut topics: Vec<RetainedTopic> = Vec::new();
        let damaged = |line| WindowFileError::Damaged { path: self.path.clone(), line };
        let mut next = || match lines.next() {
            Some((Ok(text), line)) => Ok((text, line)),
            Some((Err(error), _)) => Err(self.io(error)),
            None => Err(damaged(0)),
        };
        let (text, line) = next()?;
        match serde_json::from_str(&text) {
            Ok(Line::Begin { version: VERSION }) => {}
            _ => return Err(damaged(line)),
        }
        loop {
            let (text, line) = next()?;
            match serde_json::from_str(&text).map_err(|_| damaged(line))? {
                Line::Topic { topic, head, events } => {
                    let mut retained = RetainedTopic { topic, head, events: Vec::new() };
                    for _ in 0..events {
                        let (text, line) = next()?;
                        retained.events.push(read_event(&text).ok_or_else(|| damaged(line))?);
                    }
                    if !retained.is_contiguous() {
                        return Err(damaged(line));
                    }
                    topics.push(retained);
                }
                Line::End { topics: written } if written == topics.len() => return Ok(topics),
                Line::Begin { .. } | Line::End { .. } => return Err(damaged(line)),
            }
        }
    }

    fn io(&self, error: io::Error) -> WindowFileError {
        WindowFileError::Io { path: self.path.clone(), error }
    }
}

impl RetainedTopic {
    /// Whether the events end at the head and none is missing between them.
    fn is_contiguous(&self) -> bool {
        let count = self.events.len() as u64;
        let Some(first) = self.head.sequence.0.checked_sub(count) else { return false };
        self.events.iter().zip(first + 1..).all(|(event, sequence)| {
            event.topic == self.topic
                && event.position.epoch == self.head.epoch
                && event.position.sequence.0 == sequence
        })
    }
}

fn read_event(text: &str) -> Option<Event> {
    let mut messages =
        Encoding::Json.decode_server(text.as_bytes(), &mut AliasTable::new()).ok()?;
    match (messages.pop(), messages.is_empty()) {
        (Some(ServerMessage::Event(event)), true) => Some(event),
        _ => None,
    }
}

fn write_line(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// A rename or removal is on the disk only once its directory is.
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidemark_shared::clock::UnixMillis;
    use tidemark_shared::protocol::{
        Epoch, Metadata, Notice, Payload, Priority, Sequence, Severity,
    };

    use super::*;
    use crate::log::{Alias, Numbered, Retention};
    use crate::publication::Publication;

    fn log_of(messages: u64) -> TopicLog {
        let topic = Topic::system_notifications();
        let window = Retention::default().log;
        let start = Position::new(Epoch(5), Sequence::START);
        let mut log = TopicLog::new(topic.clone(), Alias(0), start, window);
        for sequence in 1..=messages {
            let publication = Publication {
                topic: topic.clone(),
                at: UnixMillis(1_000),
                source: "test".into(),
                priority: Priority::High,
                meta: Metadata::default(),
                payload: Payload::Notice(Notice { severity: Severity::Info, text: "hi".into() }),
            };
            log.append(&Arc::new(Numbered::new(
                publication,
                Alias(0),
                Epoch(5),
                Sequence(sequence),
            )));
        }
        log
    }

    #[test]
    fn a_window_is_taken_up_once_and_never_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = WindowFile::in_dir(dir.path());
        assert_eq!(file.take().unwrap(), []);
        assert_eq!(file.save([log_of(3)].iter()).unwrap(), 1);
        let taken = file.take().unwrap();
        assert_eq!(taken[0].head, Position::new(Epoch(5), Sequence(3)));
        assert_eq!(taken[0].events.len(), 3);
        assert_eq!(file.take().unwrap(), []);
    }

    #[test]
    fn a_damaged_file_is_refused_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let file = WindowFile::in_dir(dir.path());
        file.save([log_of(3)].iter()).unwrap();
        let whole = fs::read(&file.path).unwrap();
        for cut in [0, 10, whole.len() / 2, whole.len() - 5] {
            fs::write(&file.path, &whole[..cut]).unwrap();
            assert!(matches!(file.take(), Err(WindowFileError::Damaged { .. })), "cut at {cut}");
            assert!(!file.path.exists());
        }
    }
}
