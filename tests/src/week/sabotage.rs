//! What is broken on purpose. A harness that stays silent over any of these proves nothing.

/// Something that must not happen, and is made to happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sabotage {
    /// Nothing is broken.
    #[default]
    None,
    /// The relay forgets what it has decided, and decides again.
    ForgetReceipts,
    /// A write is sent though the database still says that it can be taken back.
    SkipMarkSending,
    /// The merge takes what comes in, and forgets what was there.
    TakeMineSilently,
    /// A queue that is a copy of another is told that all is well.
    IgnoreForks,
    /// The relay answers before it has committed.
    AnswerBeforeCommit,
    /// The browser says "saved" and has not.
    LoseSavedRows,
    /// What the relay says of its documents gets lost, and nobody notices.
    SwallowDeltas,
}
