//! How far a connection's sign-in is from its end.

use std::time::Duration;

use tidemark_shared::clock::UnixMillis;

/// After the end, a connection is kept so long: who is asked for a password has a moment, who has a
/// newer token needs no new connection.
const KEPT_AFTER_END: Duration = Duration::from_secs(10);

/// Never: the sign-in has no end, or everything was done.
const NEVER: UnixMillis = UnixMillis(i64::MAX);

/// A connection's sign-in on its way to its end. One comparison says whether anything is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SignIn {
    due: UnixMillis,
    next: Step,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Say that it will end.
    Warn,
    /// It has ended: give everything back.
    End,
    /// Nobody has signed in again: close.
    Close,
}

impl SignIn {
    /// Nobody has signed in yet.
    pub(super) const NONE: SignIn = SignIn { due: NEVER, next: Step::Warn };

    /// A sign-in that begins now. The warning comes in its second half: one that is short is not
    /// warned of at once, or who answers each warning with another short one would do nothing else.
    pub(super) fn new(ends_at: Option<UnixMillis>, warn_before: Duration, now: UnixMillis) -> Self {
        let Some(ends_at) = ends_at else { return SignIn::NONE };
        let left = ends_at.since(now);
        SignIn { due: ends_at - warn_before.min(left / 2), next: Step::Warn }
    }

    /// Whether something is due.
    pub(super) fn is_due(self, now: UnixMillis) -> bool {
        now >= self.due
    }

    /// Takes the step that is due, if one is.
    pub(super) fn step(&mut self, ends_at: Option<UnixMillis>, now: UnixMillis) -> Option<Step> {
        let ends_at = ends_at?;
        if !self.is_due(now) {
            return None;
        }
        let taken = self.next;
        (self.due, self.next) = match taken {
            Step::Warn => (ends_at, Step::End),
            Step::End => (ends_at + KEPT_AFTER_END, Step::Close),
            Step::Close => (NEVER, Step::Close),
        };
        Some(taken)
    }
}

/// Whether a sign-in has ended.
pub(super) fn is_over(ends_at: Option<UnixMillis>, now: UnixMillis) -> bool {
    ends_at.is_some_and(|ends_at| now >= ends_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    /// What is done, second by second, until `until_s`.
    fn steps(lasts: Duration, warn_before: Duration, until_s: u64) -> Vec<(u64, Step)> {
        let start = UnixMillis(1_000_000);
        let ends_at = Some(start + lasts);
        let mut sign_in = SignIn::new(ends_at, warn_before, start);
        let mut done = Vec::new();
        for second in 0..=until_s {
            let now = start + Duration::from_secs(second);
            while let Some(step) = sign_in.step(ends_at, now) {
                done.push((second, step));
            }
        }
        done
    }

    #[test]
    fn it_warns_then_ends_then_closes_each_once() {
        let expected = [(60, Step::Warn), (120, Step::End), (130, Step::Close)];
        assert_eq!(steps(120 * S, 60 * S, 1_000), expected);
    }

    #[test]
    fn a_short_one_warns_in_its_second_half_and_no_warning_comes_with_the_end() {
        assert_eq!(steps(20 * S, 60 * S, 25), [(10, Step::Warn), (20, Step::End)]);
        let at_the_end = [(20, Step::Warn), (20, Step::End), (30, Step::Close)];
        assert_eq!(steps(20 * S, Duration::ZERO, 40), at_the_end);
        let over_already = [(0, Step::Warn), (0, Step::End), (10, Step::Close)];
        assert_eq!(steps(Duration::ZERO, 60 * S, 40), over_already);
    }

    #[test]
    fn what_has_no_end_does_nothing_and_is_never_over() {
        let now = UnixMillis(i64::MAX - 1);
        let mut sign_in = SignIn::new(None, 60 * S, UnixMillis(0));
        assert_eq!((sign_in.is_due(now), sign_in.step(None, now)), (false, None));
        assert!(!is_over(None, now));
        assert!(is_over(Some(now), now));
    }
}
