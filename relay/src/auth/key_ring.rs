//! An issuer's keys as time goes by: when they are fetched, how long they count, and what becomes
//! of a key that is not there.
//!
//! A machine without I/O. What was fetched is handed in; when to fetch next is asked of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;

use super::Algorithm;
use super::keys::{Key, Keys};

/// Keys are fetched this often, where whoever serves them says nothing else.
const FETCH_EVERY: Duration = Duration::from_secs(5 * 60);

/// Bounds of what they may say: a key that leaked must not count for days, and nobody is asked all
/// the time.
const FETCH_EVERY_MIN: Duration = Duration::from_secs(60);
const FETCH_EVERY_MAX: Duration = Duration::from_secs(60 * 60);

/// After a fetch that failed.
const FETCH_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Tokens that name unknown keys make us fetch at most this often: anybody can make such tokens.
const FETCH_GAP_MIN: Duration = Duration::from_secs(10);

/// While fetches fail, known keys count so long after the last good one.
const KEEP_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Who waits for a key comes back after this time, at the earliest.
const COME_BACK_AFTER: Duration = Duration::from_secs(1);

/// Names of unknown keys that are remembered. Where more are asked for, the oldest is asked for
/// as if for the first time.
const MISSED_MAX: usize = 64;

/// An issuer's keys.
#[derive(Debug, Default)]
pub(super) struct KeyRing {
    keys: Keys,
    /// They are the configuration's own, and never change.
    fixed: bool,
    /// When the last good fetch began, and when it was there.
    good: Option<(UnixMillis, UnixMillis)>,
    /// When the last fetch began, good or not.
    tried_at: Option<UnixMillis>,
    /// When the next regular one is due.
    next_at: UnixMillis,
    /// Somebody waits for a key that is not there.
    wanted: bool,
    missed: VecDeque<Missed>,
}

/// A key that was asked for and is not there.
#[derive(Debug)]
struct Missed {
    id: String,
    algorithm: Algorithm,
    at: UnixMillis,
}

/// What became of looking for a key.
#[derive(Clone, Debug)]
pub(super) enum Lookup {
    /// It is there.
    Found(Arc<Key>),
    /// It is not, and the issuer was asked.
    Unknown,
    /// The issuer has to be asked first.
    Ask {
        /// When to look again.
        retry_after: Duration,
    },
}

impl KeyRing {
    /// Keys that never change.
    pub(super) fn fixed(keys: Keys) -> Self {
        KeyRing { keys, fixed: true, ..KeyRing::default() }
    }

    /// Looks for the key that a token names.
    pub(super) fn find(
        &mut self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: UnixMillis,
    ) -> Lookup {
        if !self.fixed && self.good.is_some_and(|(_, at)| now.since(at) > KEEP_FOR) {
            self.keys = Keys::default();
            // What it did not have then says nothing of now.
            self.good = None;
        }
        match self.keys.find(id, algorithm) {
            Some(key) => Lookup::Found(Arc::clone(key)),
            None if self.fixed => Lookup::Unknown,
            None => self.miss(id.unwrap_or(""), algorithm, now),
        }
    }

    /// How long until keys are to be fetched; `None` where they never are.
    pub(super) fn wait(&self, now: UnixMillis) -> Option<Duration> {
        let wait = match self.wanted {
            true => self.gap_left(now),
            // A clock that was set back must not keep us waiting for longer than usual.
            false => self.next_at.since(now).min(FETCH_EVERY_MAX),
        };
        (!self.fixed).then_some(wait)
    }

    /// A fetch begins.
    pub(super) fn begin(&mut self, now: UnixMillis) {
        self.tried_at = Some(now);
        self.wanted = false;
    }

    /// The fetch that began last was good. `fresh_for` is what whoever serves them said.
    pub(super) fn renew(&mut self, keys: Keys, fresh_for: Option<Duration>, now: UnixMillis) {
        let every =
            fresh_for.map_or(FETCH_EVERY, |said| said.clamp(FETCH_EVERY_MIN, FETCH_EVERY_MAX));
        self.missed.retain(|missed| {
            let id = Some(missed.id.as_str()).filter(|id| !id.is_empty());
            keys.find(id, missed.algorithm).is_none()
        });
        self.keys = keys;
        self.good = Some((self.tried_at.unwrap_or(now), now));
        self.next_at = now + every;
    }

    /// The fetch that began last was not.
    pub(super) fn fail(&mut self, now: UnixMillis) {
        self.next_at = now + FETCH_AGAIN_AFTER;
    }

    fn miss(&mut self, id: &str, algorithm: Algorithm, now: UnixMillis) -> Lookup {
        let known =
            self.missed.iter().position(|missed| missed.id == id && missed.algorithm == algorithm);
        let since = known.and_then(|place| self.missed.get(place)).map(|missed| missed.at);
        if let (Some(place), Some(since), Some((began, _))) = (known, since, self.good)
            && began >= since
        {
            // Whoever brings it once more makes us ask once more.
            self.missed.remove(place);
            return Lookup::Unknown;
        }
        if known.is_none() {
            if self.missed.len() >= MISSED_MAX {
                self.missed.pop_front();
            }
            self.missed.push_back(Missed { id: id.to_owned(), algorithm, at: now });
        }
        self.wanted = true;
        Lookup::Ask { retry_after: self.gap_left(now).max(COME_BACK_AFTER) }
    }

    /// How long no fetch may begin because of the last one.
    fn gap_left(&self, now: UnixMillis) -> Duration {
        match self.tried_at {
            Some(tried) if tried <= now => FETCH_GAP_MIN.saturating_sub(now.since(tried)),
            // Never, or the clock was set back.
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn keys(ids: &[&str]) -> Keys {
        let keys: Vec<_> = ids
            .iter()
            .map(|id| serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": X }))
            .collect();
        let set = serde_json::json!({ "keys": keys }).to_string();
        Keys::of_jwks(set.as_bytes(), &[Algorithm::EdDsa]).unwrap()
    }

    fn at(seconds: i64) -> UnixMillis {
        UnixMillis(1_763_640_000_000 + seconds * 1_000)
    }

    fn find(ring: &mut KeyRing, id: &str, seconds: i64) -> Lookup {
        ring.find(Some(id), Algorithm::EdDsa, at(seconds))
    }

    fn filled() -> KeyRing {
        let mut ring = KeyRing::default();
        assert_eq!(ring.wait(at(0)), Some(Duration::ZERO));
        ring.begin(at(0));
        ring.renew(keys(&["a"]), None, at(1));
        ring
    }

    fn retry(lookup: &Lookup) -> u64 {
        match lookup {
            Lookup::Ask { retry_after } => retry_after.as_secs(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn keys_are_fetched_at_once_and_then_as_often_as_is_said_within_bounds() {
        let mut ring = filled();
        assert_eq!(ring.wait(at(1)), Some(FETCH_EVERY));
        for (said, then) in [(0, 60), (120, 120), (1_000_000, 3_600)] {
            ring.renew(keys(&["a"]), Some(Duration::from_secs(said)), at(1));
            assert_eq!(ring.wait(at(1)), Some(Duration::from_secs(then)));
        }
        assert_eq!(KeyRing::fixed(keys(&["a"])).wait(at(0)), None);
    }

    #[test]
    fn an_unknown_key_is_asked_for_once_in_ten_seconds_however_many_want_one() {
        let mut ring = filled();
        assert_eq!(retry(&find(&mut ring, "b", 2)), 8);
        assert_eq!(retry(&find(&mut ring, "c", 9)), 1);
        assert_eq!(ring.wait(at(9)), Some(Duration::from_secs(1)));
        ring.begin(at(10));
        ring.renew(keys(&["a", "b"]), None, at(10));
        assert!(matches!(find(&mut ring, "b", 10), Lookup::Found(_)));
        assert!(matches!(find(&mut ring, "c", 10), Lookup::Unknown));
        assert_eq!(ring.wait(at(10)), Some(FETCH_EVERY));
        // It may have been published since.
        assert_eq!(retry(&find(&mut ring, "c", 11)), 9);
    }

    #[test]
    fn what_was_fetched_before_a_key_was_missed_says_nothing_of_it() {
        let mut ring = filled();
        ring.begin(at(20));
        assert!(matches!(find(&mut ring, "b", 21), Lookup::Ask { .. }));
        ring.renew(keys(&["a"]), None, at(22));
        assert!(matches!(find(&mut ring, "b", 23), Lookup::Ask { .. }));
        ring.begin(at(30));
        ring.renew(keys(&["a"]), None, at(30));
        assert!(matches!(find(&mut ring, "b", 31), Lookup::Unknown));
    }

    #[test]
    fn while_fetches_fail_known_keys_count_for_a_day() {
        let mut ring = filled();
        const DAY: i64 = 24 * 60 * 60;
        for hour in 1..24 {
            ring.begin(at(hour * 3_600));
            ring.fail(at(hour * 3_600));
        }
        assert!(matches!(find(&mut ring, "a", DAY), Lookup::Found(_)));
        assert!(matches!(find(&mut ring, "b", 2), Lookup::Ask { .. }));
        for id in ["a", "b"] {
            assert!(matches!(find(&mut ring, id, DAY + 2), Lookup::Ask { .. }));
        }
        ring.begin(at(DAY + 3));
        ring.renew(keys(&["a"]), None, at(DAY + 3));
        assert!(matches!(find(&mut ring, "a", DAY + 4), Lookup::Found(_)));
    }

    #[test]
    fn a_key_that_was_taken_out_does_not_count_any_more() {
        let mut ring = filled();
        ring.begin(at(300));
        ring.renew(keys(&["b"]), None, at(300));
        assert!(matches!(find(&mut ring, "a", 301), Lookup::Ask { .. }));
        assert!(matches!(find(&mut ring, "b", 301), Lookup::Found(_)));
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nothing() {
        let mut ring = filled();
        assert_eq!(retry(&find(&mut ring, "b", -100_000)), 1);
        assert_eq!(ring.wait(at(-100_000)), Some(Duration::ZERO));
    }

    #[test]
    fn names_of_unknown_keys_do_not_pile_up() {
        let mut ring = filled();
        for number in 0..1_000 {
            find(&mut ring, &number.to_string(), 1);
        }
        assert_eq!(ring.missed.len(), MISSED_MAX);
    }
}
