//! What the network is like.

use std::time::Duration;

/// Whether new connections come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// They do.
    #[default]
    Open,
    /// They are reset at once.
    Refusing,
    /// They are accepted, and nothing ever comes of it.
    Silent,
}

/// What happens to the bytes on their way from the server. A piece is what one read gives: mostly
/// what the server wrote at once, so losing or repeating pieces loses or repeats whole messages,
/// and garbling tears one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// They arrive.
    #[default]
    None,
    /// Each piece arrives so much later.
    Delay(Duration),
    /// Nothing arrives any more, and nothing is closed.
    Stall,
    /// Each so-many-th piece is lost.
    LoseEach(u32),
    /// Each so-many-th piece comes twice.
    RepeatEach(u32),
    /// Each so-many-th piece misses a byte in its middle.
    GarbleEach(u32),
    /// A piece with this text in it is lost, and its connection breaks: whoever asked knows
    /// nothing, though all was done.
    BreakBefore(&'static str),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Weather {
    pub(super) door: Door,
    pub(super) blocked: Vec<String>,
    pub(super) fault: Fault,
    /// Counts up at each cut.
    pub(super) cuts: u32,
    /// Counts up at each half-close.
    pub(super) half_closes: u32,
}

impl Fault {
    /// What arrives of a piece.
    pub(super) fn apply(self, number: u32, piece: &[u8]) -> [&[u8]; 2] {
        let is_hit = |each: u32| number.is_multiple_of(each.max(1));
        match self {
            Fault::LoseEach(each) if is_hit(each) => [&[], &[]],
            Fault::RepeatEach(each) if is_hit(each) => [piece, piece],
            Fault::GarbleEach(each) if is_hit(each) => {
                let (first, second) = piece.split_at(piece.len() / 2);
                [first, second.get(1..).unwrap_or_default()]
            }
            _ => [piece, &[]],
        }
    }
}

impl Fault {
    /// Whether the connection breaks instead of bringing a piece.
    pub(super) fn breaks(self, piece: &[u8]) -> bool {
        let Fault::BreakBefore(text) = self else { return false };
        memchr::memmem::find(piece, text.as_bytes()).is_some()
    }
}

impl Weather {
    pub(super) fn blocks(&self, path: &str) -> bool {
        self.blocked.iter().any(|blocked| path.starts_with(blocked))
    }
}
