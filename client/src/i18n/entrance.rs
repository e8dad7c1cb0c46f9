//! The words for a sign-in that does not work.

use std::time::Duration;

use tidemark_shared::protocol::ErrorCode;

use super::{Language, Text, age, fill};
use crate::entrance::{DoorError, TokenError};

/// Why the door stayed closed, and what to do.
pub(crate) fn door_error(error: &DoorError, language: Language) -> String {
    let put = |text: Text, name: &str, value: &str| fill(text.say(language), &[(name, value)]);
    match error {
        DoorError::Refused(error) => match (error.code, error.retry_after_ms) {
            (ErrorCode::RateLimited, Some(wait_ms)) => {
                // A countdown that says "0 s" is wrong by then.
                let wait = Duration::from_millis(wait_ms).max(Duration::from_secs(1));
                put(Text::SignInSlowly, "time", &age(wait, language))
            }
            _ => put(Text::DoorRefused, "reason", &error.message),
        },
        DoorError::Unreachable { .. } => Text::DoorUnreachable.say(language).into(),
        DoorError::NotARelay { status } => put(Text::DoorStrange, "status", &status.to_string()),
    }
}

/// Why a user and a password did not open it.
pub(crate) fn sign_in_error(error: &DoorError, language: Language) -> String {
    match error {
        DoorError::Refused(error) if error.code == ErrorCode::Unauthorized => {
            Text::SignInWrong.say(language).into()
        }
        other => door_error(other, language),
    }
}

/// Why there is no token, and what to do.
pub(crate) fn token_error(error: &TokenError, language: Language) -> (Text, String) {
    let put = |text: Text, name: &str, value: &str| fill(text.say(language), &[(name, value)]);
    match error {
        TokenError::NoUrl => (Text::TokenNone, Text::TokenNoneHint.say(language).into()),
        TokenError::Unreachable { reason } => {
            (Text::TokenTrouble, put(Text::TokenUnreachableHint, "reason", reason))
        }
        TokenError::Refused { status } => {
            (Text::TokenTrouble, put(Text::TokenRefusedHint, "status", &status.to_string()))
        }
        TokenError::NoToken => (Text::TokenTrouble, Text::TokenBadHint.say(language).into()),
    }
}

#[cfg(test)]
mod tests {
    use tidemark_shared::protocol::WireError;

    use super::*;

    #[test]
    fn too_many_tries_are_told_with_the_time_to_wait() {
        let mut error = WireError::new(ErrorCode::RateLimited, "slowly");
        error.retry_after_ms = Some(90_000);
        let text = door_error(&DoorError::Refused(error), Language::English);
        assert!(text.contains("1 min") || text.contains("90 s"), "{text}");
    }

    #[test]
    fn what_the_operator_must_do_is_said_to_whoever_can_tell_them() {
        let (_, hint) = token_error(&TokenError::NoUrl, Language::English);
        assert!(hint.contains("token_url") && hint.contains("tidemark.json"), "{hint}");
    }
}
