//! Sees everything that the relay and its libraries would log at the finest level, and remembers
//! what should not have been there.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// A layer that holds each line against what is secret.
#[derive(Clone, Default)]
pub(crate) struct LogTrap {
    caught: Arc<Mutex<Caught>>,
}

#[derive(Default)]
struct Caught {
    secrets: Vec<String>,
    lines: usize,
    wrong: Vec<String>,
}

impl LogTrap {
    /// The one that sees everything in this process.
    pub(crate) fn everywhere() -> &'static LogTrap {
        static TRAP: OnceLock<LogTrap> = OnceLock::new();
        TRAP.get_or_init(|| {
            let trap = LogTrap::default();
            // Also what libraries log in the older way.
            tracing_subscriber::registry().with(trap.clone()).init();
            trap
        })
    }

    /// A text that must never be in a line.
    pub(crate) fn keep_secret(&self, secret: &str) {
        assert!(secret.len() >= 8, "{secret:?} may be in a line by accident");
        self.caught.lock().unwrap().secrets.push(secret.to_owned());
    }

    /// How many lines it saw.
    pub(crate) fn lines(&self) -> usize {
        self.caught.lock().unwrap().lines
    }

    /// Lines that should not have been.
    pub(crate) fn wrong(&self) -> Vec<String> {
        self.caught.lock().unwrap().wrong.clone()
    }

    fn look_at(&self, line: String) {
        let mut caught = self.caught.lock().unwrap();
        caught.lines += 1;
        let tells = caught.secrets.iter().any(|secret| line.contains(secret.as_str()));
        if tells || has_token(&line) || has_mail_address(&line) {
            caught.wrong.push(line);
        }
    }
}

impl<S: Subscriber> Layer<S> for LogTrap {
    fn on_new_span(&self, attributes: &Attributes<'_>, _id: &Id, _context: Context<'_, S>) {
        let mut line = attributes.metadata().name().to_owned();
        attributes.record(&mut Line(&mut line));
        self.look_at(line);
    }

    fn on_record(&self, _span: &Id, values: &Record<'_>, _context: Context<'_, S>) {
        let mut line = String::new();
        values.record(&mut Line(&mut line));
        self.look_at(line);
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut line = event.metadata().target().to_owned();
        event.record(&mut Line(&mut line));
        self.look_at(line);
    }
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {}={value}", field.name());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

/// Whether something looks like a token: the beginning of JSON in base64.
fn has_token(line: &str) -> bool {
    line.contains("eyJ")
}

fn has_mail_address(line: &str) -> bool {
    let is_of_name = |char: char| char.is_alphanumeric() || ".-_".contains(char);
    line.match_indices('@').any(|(place, _)| {
        let before = line[..place].chars().next_back().is_some_and(is_of_name);
        let after: String =
            line[place + 1..].chars().take_while(|char| is_of_name(*char)).collect();
        before && after.split_once('.').is_some_and(|(_, end)| end.starts_with(char::is_alphabetic))
    })
}

#[test]
fn the_trap_catches_what_it_is_for() {
    let trap = LogTrap::default();
    trap.keep_secret("correct horse");
    let subscriber = tracing_subscriber::registry().with(trap.clone());
    tracing::subscriber::with_default(subscriber, || {
        tracing::trace!(uri = "/v1/ws", user = "alice@acme", "nothing is wrong with this");
        assert_eq!((trap.lines(), trap.wrong().len()), (1, 0));
        tracing::trace!(password = "correct horse", "a secret");
        tracing::debug!(uri = %"/v1/ws?token=eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "a token");
        tracing::info!("alice@example.org came in");
        let _span = tracing::trace_span!("asked", by = ?Some("bob.b@mail.example")).entered();
        assert_eq!(trap.wrong().len(), 4, "{:#?}", trap.wrong());
    });
}
