//! Who is here: each user's connections on all shards, and what they may send together.
//!
//! The only thing that shards share on the way in. Its lock is taken when somebody says hello, says
//! who they are anew, or goes; a user's own lock when that user sends something. Nothing of it is
//! touched on the way out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tidemark_shared::clock::Moment;
use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::pace::{Pace, time_of};
use crate::auth::{Identity, SignedInBy};

/// So many seconds' worth may come at once.
const BURST: Duration = Duration::from_secs(4);

/// Who has too many connections may try again after this time: a connection that was lost without
/// a word is noticed within a minute, one that was closed at once.
const COME_BACK_AFTER_MS: u64 = 10_000;

/// Who has gone is forgotten this often, once nothing is owed any more: who comes back at once does
/// not begin anew.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// What the connections of one user may do together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserRules {
    /// Most connections.
    pub connections_max: u32,
    /// Most messages a second; four seconds' worth may come at once.
    pub messages_per_s_max: u32,
    /// Most bytes a second; four seconds' worth may come at once.
    pub bytes_per_s_max: u32,
}

impl Default for UserRules {
    fn default() -> Self {
        UserRules { connections_max: 10, messages_per_s_max: 200, bytes_per_s_max: 1024 * 1024 }
    }
}

/// Who is here.
#[derive(Debug)]
pub(super) struct Census {
    rules: UserRules,
    people: Mutex<People>,
}

#[derive(Debug, Default)]
struct People {
    users: HashMap<UserName, Present>,
    last_sweep: Moment,
}

#[derive(Debug)]
struct Present {
    connections: u32,
    purse: Arc<Purse>,
}

/// What one user may still send. Each of the user's connections holds it.
#[derive(Debug)]
pub(super) struct Purse {
    user: UserName,
    rules: UserRules,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    messages: Pace,
    bytes: Pace,
}

/// Users who have nearly all the connections that they may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crowded {
    /// How many users are here. Those who have not said who they are, are nobody.
    pub users: usize,
    /// Who has four of five or more, most first.
    pub near_limit: Vec<(UserName, u32)>,
    /// How many each may have.
    pub connections_max: u32,
}

impl Census {
    pub(super) fn new(rules: UserRules) -> Self {
        Census { rules, people: Mutex::default() }
    }

    /// One more connection of somebody. Who has not said who they are is not counted here.
    ///
    /// # Errors
    /// When they have as many as they may have.
    pub(super) fn enter(
        &self,
        identity: &Identity,
        now: Moment,
    ) -> Result<Option<Arc<Purse>>, WireError> {
        if identity.by == SignedInBy::Nobody {
            return Ok(None);
        }
        let max = self.rules.connections_max;
        let mut people = self.lock();
        people.sweep(now);
        let present = people.users.entry(identity.user.clone()).or_insert_with(|| Present {
            connections: 0,
            purse: Arc::new(Purse {
                user: identity.user.clone(),
                rules: self.rules,
                spent: Mutex::default(),
            }),
        });
        if present.connections >= max {
            let message = format!(
                "{} has {max} connections already, which is all a user may have: close a page or \
                 a program that is open elsewhere",
                identity.user
            );
            return Err(WireError::new(ErrorCode::LimitExceeded, message)
                .of_limit("limits.connections_per_user_max", max.into())
                .retry_after_ms(COME_BACK_AFTER_MS));
        }
        present.connections += 1;
        Ok(Some(Arc::clone(&present.purse)))
    }

    /// A connection that was counted has gone.
    pub(super) fn leave(&self, purse: &Purse) {
        if let Some(present) = self.lock().users.get_mut(&purse.user) {
            present.connections = present.connections.saturating_sub(1);
        }
    }

    pub(super) fn crowded(&self) -> Crowded {
        let max = self.rules.connections_max;
        let people = self.lock();
        let here = people.users.iter().filter(|(_, present)| present.connections > 0);
        let users = here.clone().count();
        let near = here.filter(|(_, present)| is_near(present.connections.into(), max.into()));
        let mut near_limit: Vec<(UserName, u32)> =
            near.map(|(user, present)| (user.clone(), present.connections)).collect();
        near_limit.sort_by(|(name, count), (other, other_count)| {
            other_count.cmp(count).then_with(|| name.cmp(other))
        });
        Crowded { users, near_limit, connections_max: max }
    }

    fn lock(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl People {
    fn sweep(&mut self, now: Moment) {
        if now.since(self.last_sweep) >= SWEEP_EVERY {
            self.last_sweep = now;
            self.users.retain(|_, present| present.connections > 0 || present.purse.owes(now));
        }
    }
}

/// Whether a count is at four fifths of its limit or above.
pub(crate) fn is_near(count: u64, max: u64) -> bool {
    count.saturating_mul(5) >= max.saturating_mul(4)
}

impl Purse {
    pub(super) fn user(&self) -> &UserName {
        &self.user
    }

    pub(super) fn rules(&self) -> UserRules {
        self.rules
    }

    /// Counts a message. Refuses what is too much, and says how long to wait.
    pub(super) fn spend_message(&self, now: Moment) -> Result<(), Duration> {
        let gap = time_of(1, self.rules.messages_per_s_max);
        self.spent().messages.count(now, gap, BURST)
    }

    /// Counts a frame's bytes. Refuses what is too much, and says how long to wait.
    pub(super) fn spend_bytes(&self, bytes: usize, now: Moment) -> Result<(), Duration> {
        let gap = time_of(bytes, self.rules.bytes_per_s_max);
        self.spent().bytes.count(now, gap, BURST)
    }

    fn owes(&self, now: Moment) -> bool {
        let spent = self.spent();
        spent.messages.is_ahead(now) || spent.bytes.is_ahead(now)
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Identity {
        Identity::demo(name.parse().unwrap())
    }

    #[test]
    fn one_connection_too_many_is_refused_and_a_place_that_is_freed_is_given_again() {
        let census = Census::new(UserRules { connections_max: 2, ..UserRules::default() });
        let first = census.enter(&user("alice"), Moment::START).unwrap().unwrap();
        census.enter(&user("alice"), Moment::START).unwrap();
        let refused = census.enter(&user("alice"), Moment::START).unwrap_err();
        assert_eq!(refused.code, ErrorCode::LimitExceeded);
        let limit = refused.limit.unwrap();
        assert_eq!((&*limit.name, limit.max), ("limits.connections_per_user_max", 2));
        assert!(refused.retry_after_ms.is_some());
        assert!(census.enter(&user("bob"), Moment::START).is_ok(), "others are not touched");
        assert!(
            census.enter(&user("alice@acme"), Moment::START).is_ok(),
            "another tenant's is another user"
        );
        census.leave(&first);
        assert!(census.enter(&user("alice"), Moment::START).is_ok());
    }

    #[test]
    fn who_has_not_said_who_they_are_is_not_counted() {
        let census = Census::new(UserRules { connections_max: 1, ..UserRules::default() });
        for _ in 0..5 {
            assert!(census.enter(&Identity::guest(), Moment::START).unwrap().is_none());
        }
        assert_eq!(census.crowded().users, 0);
    }

    #[test]
    fn who_has_gone_is_forgotten_but_not_what_they_have_spent() {
        let rules = UserRules { messages_per_s_max: 10, ..UserRules::default() };
        let census = Census::new(rules);
        let mut now = Moment::START;
        let enter = |name: &str, now| census.enter(&user(name), now).unwrap().unwrap();
        let purse = enter("alice", now);
        while purse.spend_message(now).is_ok() {}
        census.leave(&purse);
        assert_eq!(census.crowded().users, 0);
        assert!(
            enter("alice", now).spend_message(now).is_err(),
            "a new connection is no new purse"
        );
        census.leave(&purse);
        for _ in 0..2 {
            now = now + SWEEP_EVERY;
            enter("bob", now);
        }
        assert!(!census.lock().users.contains_key(&user("alice").user));
    }

    #[test]
    fn connections_of_a_user_spend_from_one_purse() {
        let rules =
            UserRules { messages_per_s_max: 10, bytes_per_s_max: 1_000, ..UserRules::default() };
        let census = Census::new(rules);
        let now = Moment::START;
        let purses: Vec<_> =
            (0..4).map(|_| census.enter(&user("alice"), Moment::START).unwrap().unwrap()).collect();
        let passed = (0..200).filter(|index| purses[index % 4].spend_message(now).is_ok()).count();
        assert_eq!(passed, 41);
        let passed =
            (0..200).filter(|index| purses[index % 4].spend_bytes(100, now).is_ok()).count();
        assert_eq!(passed, 41);
        let other = census.enter(&user("bob"), Moment::START).unwrap().unwrap();
        assert!(other.spend_message(now).is_ok());
    }

    #[test]
    fn who_is_near_the_limit_is_named_most_first() {
        let census = Census::new(UserRules { connections_max: 5, ..UserRules::default() });
        for (name, count) in [("few", 3), ("near", 4), ("full", 5)] {
            (0..count).for_each(|_| drop(census.enter(&user(name), Moment::START).unwrap()));
        }
        let crowded = census.crowded();
        assert_eq!(crowded.users, 3);
        let named: Vec<_> =
            crowded.near_limit.iter().map(|(user, count)| (user.as_str(), *count)).collect();
        assert_eq!(named, [("full", 5), ("near", 4)]);
    }
}
