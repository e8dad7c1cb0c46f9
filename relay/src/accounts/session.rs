//! What is known of somebody who has signed in with an account.

use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;

/// However often it is used, a session ends then.
pub(super) const AGE_MAX: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Most sessions of one user: each browser profile has one. The one that was not used for longest
/// goes.
pub(super) const SESSIONS_PER_USER_MAX: usize = 50;

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// After it was last used.
    pub unused_max: Duration,
}

/// Somebody who has signed in, in one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) user: UserName,
    pub(super) created: UnixMillis,
    pub(super) used: UnixMillis,
}

impl Session {
    /// When it ends, if it is not used again.
    pub(super) fn ends_at(&self, rules: SessionRules) -> UnixMillis {
        (self.used + rules.unused_max).min(self.created + AGE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_makes_a_session_last_but_not_for_ever() {
        let day = Duration::from_secs(24 * 60 * 60);
        let (rules, created) = (SessionRules { unused_max: day }, UnixMillis(1_000));
        let user: UserName = "alice".parse().unwrap();
        let session = |used| Session { user: user.clone(), created, used };
        assert_eq!(session(created).ends_at(rules), created + day);
        assert_eq!(session(created + day).ends_at(rules), created + day * 2);
        assert_eq!(session(created + day * 90).ends_at(rules), created + AGE_MAX);
    }
}
