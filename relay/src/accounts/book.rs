//! All accounts, sessions, bans and links, in memory, and every decision about them. Decisions are
//! pure: each gives the changes that have to be stored before [`Book::apply`] makes them true.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;

use super::account::ACCOUNTS_MAX;
use super::ban::BANS_MAX;
use super::link::Purpose;
use super::records::Change;
use super::session::{SESSIONS_PER_USER_MAX, Session, SessionRules};
use super::{Account, AccountChange, Ban, Fingerprint, Link, Refusal};
use crate::auth::{BanList, Credential, Identity, Role, SignedInBy};

/// That a session was used is stored no more often.
const USE_STORED_EVERY: Duration = Duration::from_secs(60);

/// Everything there is.
#[derive(Debug)]
pub(super) struct Book {
    rules: SessionRules,
    accounts: BTreeMap<UserName, Account>,
    sessions: HashMap<Fingerprint, Kept>,
    sessions_by_user: BTreeMap<UserName, BTreeSet<Fingerprint>>,
    sessions_by_credential: HashMap<Credential, Fingerprint>,
    bans: BTreeMap<Credential, Ban>,
    links: HashMap<Fingerprint, Link>,
}

#[derive(Debug)]
struct Kept {
    session: Session,
    /// What the store says of its last use.
    stored: UnixMillis,
}

/// What a session's secret is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// Nothing (any more).
    Nothing,
    /// Nothing, because somebody said so.
    Banned,
    /// It is this user's.
    Is(Arc<Identity>),
}

impl Book {
    pub(super) fn new(rules: SessionRules) -> Self {
        Book {
            rules,
            accounts: BTreeMap::new(),
            sessions: HashMap::new(),
            sessions_by_user: BTreeMap::new(),
            sessions_by_credential: HashMap::new(),
            bans: BTreeMap::new(),
            links: HashMap::new(),
        }
    }

    pub(super) fn account(&self, user: &UserName) -> Option<&Account> {
        self.accounts.get(user)
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    pub(super) fn bans(&self, now: UnixMillis) -> impl Iterator<Item = (&Credential, &Ban)> {
        self.bans.iter().filter(move |(_, ban)| !ban.is_over(now))
    }

    /// All of them, as the gate asks them.
    pub(super) fn ban_list(&self) -> BanList {
        self.bans.iter().map(|(credential, ban)| (credential.clone(), ban.until)).collect()
    }

    pub(super) fn has_admin(&self) -> bool {
        self.accounts.values().any(Account::is_admin)
    }

    /// Who somebody is who shows a session's secret. It counts as a use.
    pub(super) fn look_up(&mut self, of: &Fingerprint, now: UnixMillis) -> Worth {
        let Some(kept) = self.sessions.get_mut(of) else { return Worth::Nothing };
        let Some(account) = self.accounts.get_mut(&kept.session.user) else {
            return Worth::Nothing;
        };
        if account.disabled || kept.session.ends_at(self.rules) <= now {
            return Worth::Nothing;
        }
        let credential = of.credential();
        if self.bans.get(&credential).is_some_and(|ban| !ban.is_over(now)) {
            return Worth::Banned;
        }
        kept.session.used = kept.session.used.max(now);
        account.last_seen = account.last_seen.max(Some(now));
        Worth::Is(Arc::new(Identity {
            user: account.user.clone(),
            by: SignedInBy::Session,
            roles: account.roles.clone(),
            claims: BTreeMap::new(),
            ends_at: Some(kept.session.ends_at(self.rules)),
            credential: Some(credential),
        }))
    }

    /// The session that a connection came by, as it is now.
    pub(super) fn look_up_again(&mut self, credential: &Credential, now: UnixMillis) -> Worth {
        match self.sessions_by_credential.get(credential).copied() {
            Some(of) => self.look_up(&of, now),
            None => Worth::Nothing,
        }
    }

    pub(super) fn new_account(
        &self,
        user: UserName,
        hash: String,
        roles: BTreeSet<Role>,
        now: UnixMillis,
    ) -> Result<Vec<Change>, Refusal> {
        self.may_be_called(&user)?;
        if self.accounts.len() >= ACCOUNTS_MAX {
            return Err(Refusal::TooManyAccounts);
        }
        let (created, last_seen, disabled) = (now, None, false);
        Ok(vec![Change::Account(Account { user, hash, roles, created, last_seen, disabled })])
    }

    /// The name of the account that is meant by a name: phones like to begin with a capital letter.
    pub(super) fn meant_by(&self, user: UserName) -> UserName {
        let is_meant = |own: &&UserName| own.as_str().eq_ignore_ascii_case(user.as_str());
        self.accounts.keys().find(is_meant).cloned().unwrap_or(user)
    }

    /// Whether there is nobody yet of a name that people would take for this one.
    pub(super) fn may_be_called(&self, user: &UserName) -> Result<(), Refusal> {
        let is_like = |other: &UserName| other.as_str().eq_ignore_ascii_case(user.as_str());
        match self.accounts.keys().any(is_like) {
            true => Err(Refusal::Taken),
            false => Ok(()),
        }
    }

    /// A user's new password, other roles, or closing an account. All of the user's sessions end
    /// with a new password or a closed account, but the one from which it is done.
    pub(super) fn change_account(
        &self,
        user: &UserName,
        change: AccountChange,
        from: Option<&Fingerprint>,
    ) -> Result<Vec<Change>, Refusal> {
        let Some(before) = self.accounts.get(user) else {
            return Err(Refusal::NoSuchUser(user.clone()));
        };
        let ends_sessions = change.hash.is_some() || change.disabled == Some(true);
        let after = before.clone().with(change);
        let mut others = self.accounts.values().filter(|account| account.user != *user);
        if before.is_admin() && !after.is_admin() && !others.any(Account::is_admin) {
            return Err(Refusal::LastAdmin);
        }
        let mut changes = vec![Change::Account(after)];
        if ends_sessions {
            let sessions = self.sessions_by_user.get(user).into_iter().flatten();
            let others = sessions.filter(|session| Some(*session) != from);
            changes.extend(others.map(|session| Change::Session(*session, None)));
        }
        Ok(changes)
    }

    /// Somebody has signed in: a new session, in the place of the one that the browser had, and of
    /// the least used where the user has too many.
    pub(super) fn new_session(
        &self,
        user: &UserName,
        of: Fingerprint,
        replaced: Option<&Fingerprint>,
        now: UnixMillis,
    ) -> Vec<Change> {
        let mut changes: Vec<Change> = replaced.map_or(Vec::new(), |old| self.end_session(old));
        let has = self.sessions_by_user.get(user).into_iter().flatten();
        let mut has: Vec<(UnixMillis, Fingerprint)> = has
            .filter(|has| Some(*has) != replaced)
            .filter_map(|has| self.sessions.get(has).map(|kept| (kept.session.used, *has)))
            .collect();
        has.sort_unstable();
        let too_many = (has.len() + 1).saturating_sub(SESSIONS_PER_USER_MAX);
        changes.extend(has.iter().take(too_many).map(|(_, old)| Change::Session(*old, None)));
        let session = Session { user: user.clone(), created: now, used: now };
        changes.push(Change::Session(of, Some(session)));
        changes
    }

    pub(super) fn end_session(&self, of: &Fingerprint) -> Vec<Change> {
        let is_there = self.sessions.contains_key(of);
        is_there.then_some(Change::Session(*of, None)).into_iter().collect()
    }

    /// What a link is for.
    pub(super) fn link(&self, of: &Fingerprint, now: UnixMillis) -> Result<Purpose, Refusal> {
        match self.links.get(of) {
            Some(link) if link.until > now => Ok(link.purpose.clone()),
            _ => Err(Refusal::NoLink),
        }
    }

    pub(super) fn new_ban(&self, credential: Credential, ban: Ban) -> Result<Vec<Change>, Refusal> {
        let is_new = !self.bans.contains_key(&credential);
        match is_new && self.bans.len() >= BANS_MAX {
            true => Err(Refusal::TooManyBans),
            false => Ok(vec![Change::Ban(credential, Some(ban))]),
        }
    }

    pub(super) fn lift(&self, credential: Credential) -> Result<Vec<Change>, Refusal> {
        match self.bans.contains_key(&credential) {
            true => Ok(vec![Change::Ban(credential, None)]),
            false => Err(Refusal::NotBanned),
        }
    }

    /// What is over by now, and uses that have to be stored.
    pub(super) fn due(&self, now: UnixMillis) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut seen = BTreeSet::new();
        for (of, Kept { session, stored }) in &self.sessions {
            if session.ends_at(self.rules) <= now {
                changes.push(Change::Session(*of, None));
            } else if session.used.since(*stored) >= USE_STORED_EVERY {
                changes.push(Change::Session(*of, Some(session.clone())));
                seen.insert(&session.user);
            }
        }
        let seen = seen.into_iter().filter_map(|user| self.accounts.get(user));
        changes.extend(seen.cloned().map(Change::Account));
        let over = self.bans.iter().filter(|(_, ban)| ban.is_over(now));
        changes.extend(over.map(|(credential, _)| Change::Ban(credential.clone(), None)));
        let over = self.links.iter().filter(|(_, link)| link.until <= now);
        changes.extend(over.map(|(of, _)| Change::Link(*of, None)));
        changes
    }

    /// Makes changes that are stored true. Gives the credentials of the sessions that have ended.
    pub(super) fn apply(&mut self, changes: Vec<Change>) -> Vec<Credential> {
        let mut ended = Vec::new();
        for change in changes {
            match change {
                Change::Account(account) => self.put_account(account),
                Change::Session(of, Some(session)) => self.put_session(of, session),
                Change::Session(of, None) => ended.extend(self.remove_session(&of)),
                Change::Ban(credential, Some(ban)) => {
                    self.bans.insert(credential, ban);
                }
                Change::Ban(credential, None) => {
                    self.bans.remove(&credential);
                }
                Change::Link(of, Some(link)) => {
                    self.links.insert(of, link);
                }
                Change::Link(of, None) => {
                    self.links.remove(&of);
                }
            }
        }
        ended
    }

    fn put_account(&mut self, mut account: Account) {
        // They may have been here while it was stored.
        let before = self.accounts.get(&account.user);
        account.last_seen = account.last_seen.max(before.and_then(|before| before.last_seen));
        self.accounts.insert(account.user.clone(), account);
    }

    fn put_session(&mut self, of: Fingerprint, session: Session) {
        self.sessions_by_user.entry(session.user.clone()).or_default().insert(of);
        self.sessions_by_credential.insert(of.credential(), of);
        let stored = session.used;
        match self.sessions.get_mut(&of) {
            Some(kept) => kept.stored = stored,
            None => {
                self.sessions.insert(of, Kept { session, stored });
            }
        }
    }

    fn remove_session(&mut self, of: &Fingerprint) -> Option<Credential> {
        let Kept { session, .. } = self.sessions.remove(of)?;
        if let Some(sessions) = self.sessions_by_user.get_mut(&session.user) {
            sessions.remove(of);
            if sessions.is_empty() {
                self.sessions_by_user.remove(&session.user);
            }
        }
        let credential = of.credential();
        self.sessions_by_credential.remove(&credential);
        Some(credential)
    }
}

#[cfg(test)]
mod tests;
