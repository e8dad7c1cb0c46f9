//! The words for what the connection, feeds and markets can be.

use tidemark_shared::market::{FeedState, Phase};
use tidemark_shared::session::{LinkError, Note, State, Transport};

use super::{Language, Text, age, fill, integer};
use crate::board::Freshness;
use crate::bus::{AppEvent, StorageState};

/// A state of the connection.
pub(crate) const fn state(state: State) -> Text {
    match state {
        State::Idle => Text::StateIdle,
        State::Connecting => Text::StateConnecting,
        State::Greeting => Text::StateGreeting,
        State::CatchingUp => Text::StateCatchingUp,
        State::Live => Text::StateLive,
        State::Suspect => Text::StateSuspect,
        State::Backoff => Text::StateBackoff,
        State::Offline => Text::StateOffline,
        State::Suspended => Text::StateSuspended,
        State::NeedsAuth => Text::StateNeedsAuth,
        State::NeedsUpgrade => Text::StateNeedsUpgrade,
        State::GaveUp => Text::StateGaveUp,
    }
}

/// A transport.
pub(crate) const fn transport(transport: Transport) -> Text {
    match transport {
        Transport::WebSocket => Text::TransportWebSocket,
        Transport::Sse => Text::TransportSse,
        Transport::Poll => Text::TransportPoll,
    }
}

/// A feed's state.
pub(crate) const fn feed(state: FeedState) -> Text {
    match state {
        FeedState::Idle => Text::FeedIdle,
        FeedState::Connecting => Text::FeedConnecting,
        FeedState::Live => Text::FeedLive,
        FeedState::Stalled => Text::FeedStalled,
        FeedState::Backoff => Text::FeedBackoff,
        FeedState::Broken => Text::FeedBroken,
        FeedState::Stopped => Text::FeedStopped,
    }
}

/// A trading phase.
pub(crate) const fn phase(phase: Phase) -> Text {
    match phase {
        Phase::Open => Text::PhaseOpen,
        Phase::Pre => Text::PhasePre,
        Phase::Post => Text::PhasePost,
        Phase::Halted => Text::PhaseHalted,
        Phase::Closed => Text::PhaseClosed,
    }
}

/// Where values are kept.
pub(crate) const fn storage(state: StorageState) -> Text {
    match state {
        StorageState::Opening => Text::StorageOpening,
        StorageState::Durable => Text::StorageDurable,
        StorageState::MemoryOnly => Text::StorageMemory,
    }
}

/// How much a value can be trusted: in a word, and in a sentence.
pub(crate) const fn freshness(freshness: Freshness) -> (Text, Text) {
    match freshness {
        Freshness::Live => (Text::FreshLive, Text::WhyLive),
        Freshness::Delayed => (Text::FreshDelayed, Text::WhyDelayed),
        Freshness::Waiting => (Text::FreshWaiting, Text::WhyWaiting),
        Freshness::Saved => (Text::FreshSaved, Text::WhySaved),
        Freshness::RelayLost => (Text::FreshRelayLost, Text::WhyRelayLost),
        Freshness::FeedDown => (Text::FreshFeedDown, Text::WhyFeedDown),
        Freshness::Closed => (Text::FreshClosed, Text::WhyClosed),
        Freshness::Halted => (Text::FreshHalted, Text::WhyHalted),
        Freshness::Old => (Text::FreshOld, Text::WhyOld),
        Freshness::Refused => (Text::FreshRefused, Text::WhyRefused),
    }
}

/// Why a connection was lost.
pub(crate) fn link_error(error: &LinkError, language: Language) -> String {
    let with = |text: Text, name: &str, value: &str| fill(text.say(language), &[(name, value)]);
    match error {
        LinkError::Failed { reason } => reasoned(Text::ErrorFailed.say(language), reason),
        LinkError::OpenTimeout { within } => {
            with(Text::ErrorOpenTimeout, "n", &within.as_secs().to_string())
        }
        LinkError::GreetTimeout { within } => {
            with(Text::ErrorGreetTimeout, "n", &within.as_secs().to_string())
        }
        LinkError::Closed { code, reason } => {
            reasoned(&with(Text::ErrorClosed, "code", &code.to_string()), reason)
        }
        LinkError::Silent { silent } => with(Text::ErrorSilent, "n", &silent.as_secs().to_string()),
        LinkError::Offline => Text::ErrorOffline.say(language).into(),
        LinkError::PeerMisbehaved { reason } => {
            reasoned(Text::ErrorMisbehaved.say(language), reason)
        }
        LinkError::Refused(error) => with(Text::ErrorRefused, "reason", &error.message),
    }
}

/// What happened to the connection.
pub(crate) fn note(note: &Note, language: Language) -> String {
    let put = |text: Text, values: &[(&str, &str)]| fill(text.say(language), values);
    let name = |of: Transport| transport(of).say(language);
    match note {
        Note::Connecting { transport, attempt } => {
            let attempt = attempt.to_string();
            put(Text::NoteConnecting, &[("transport", name(*transport)), ("n", &attempt)])
        }
        Note::Connected { transport, took } => {
            let took = age(*took, language);
            put(Text::NoteConnected, &[("transport", name(*transport)), ("time", &took)])
        }
        Note::CaughtUp { messages, skipped, topics_lost, .. } => {
            caught_up(*messages, *skipped, *topics_lost, language)
        }
        Note::Dropped { error, .. } => {
            put(Text::NoteDropped, &[("error", &link_error(error, language))])
        }
        Note::FellBack { from, to } => {
            put(Text::NoteFellBack, &[("from", name(*from)), ("to", name(*to))])
        }
        Note::Upgraded { from, to } => {
            put(Text::NoteUpgraded, &[("from", name(*from)), ("to", name(*to))])
        }
        Note::Hole { topic, .. } => put(Text::NoteHole, &[("topic", topic.as_str())]),
        Note::RelayClosing { reason } => put(Text::NoteRelayClosing, &[("reason", reason)]),
        Note::SignInEnds { .. } => put(Text::NoteSignInEnds, &[]),
        Note::SignInRenewed { .. } => put(Text::NoteSignInRenewed, &[]),
        Note::SignInRefused { error } => {
            put(Text::NoteSignInRefused, &[("reason", &error.message)])
        }
        Note::Network { online: true } => put(Text::NoteOnline, &[]),
        Note::Network { online: false } => put(Text::NoteOffline, &[]),
        Note::Woke { asleep } => put(Text::NoteWoke, &[("time", &age(*asleep, language))]),
    }
}

/// Anything that the log shows; nothing for what it does not.
pub(crate) fn event(event: &AppEvent, language: Language) -> Option<String> {
    let put = |text: Text, values: &[(&str, &str)]| fill(text.say(language), values);
    Some(match event {
        AppEvent::Connection(happened) => note(happened, language),
        AppEvent::Feed { feed: name, state } => {
            put(Text::LogFeed, &[("feed", name), ("state", feed(*state).say(language))])
        }
        AppEvent::Notice(notice) => notice.text.clone(),
        AppEvent::Refused { topic, error } => {
            let topic = topic.to_string();
            put(Text::LogRefused, &[("topic", &topic), ("reason", &error.message)])
        }
        AppEvent::Storage(StorageState::MemoryOnly) => Text::MemoryOnlyTitle.say(language).into(),
        AppEvent::Storage(_) | AppEvent::Watchlist { .. } | AppEvent::Painted { .. } => {
            return None;
        }
    })
}

fn caught_up(messages: u64, skipped: u64, topics_lost: u32, language: Language) -> String {
    let (n, skipped_text) = (integer(messages), integer(skipped));
    let topics = topics_lost.to_string();
    if topics_lost > 0 {
        return fill(Text::NoteTopicsLost.say(language), &[("n", &n), ("topics", &topics)]);
    }
    let text = if skipped > 0 { Text::NoteCaughtUpSkipped } else { Text::NoteCaughtUp };
    fill(text.say(language), &[("n", &n), ("skipped", &skipped_text), ("lost", "0")])
}

fn reasoned(text: &str, reason: &str) -> String {
    if reason.is_empty() { text.to_owned() } else { format!("{text}: {reason}") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_drop_that_was_made_good_is_told_as_such() {
        let happened = Note::CaughtUp {
            messages: 312,
            skipped: 0,
            topics_lost: 0,
            away: Duration::from_secs(20),
        };
        assert_eq!(note(&happened, Language::English), "Caught up 312 messages, 0 lost");
        assert_eq!(note(&happened, Language::Korean), "메시지 312건 따라잡음, 손실 0건");
    }

    #[test]
    fn lost_messages_are_never_told_as_none_lost() {
        let happened =
            Note::CaughtUp { messages: 3, skipped: 0, topics_lost: 2, away: Duration::ZERO };
        let told = note(&happened, Language::English);
        assert_eq!(told, "Caught up 3 messages; 2 topics start anew from a snapshot");
    }

    #[test]
    fn errors_say_what_happened_and_what_the_other_end_said() {
        let error = LinkError::Closed { code: 4000, reason: "restarting".into() };
        let told = link_error(&error, Language::English);
        assert_eq!(told, "closed by the other end (4000): restarting");
        let error = LinkError::Silent { silent: Duration::from_secs(60) };
        assert_eq!(link_error(&error, Language::Korean), "60초 동안 응답 없음");
    }
}
