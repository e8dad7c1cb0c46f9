//! The room's front: who signs in, who is still signed in, and what those who look after the relay
//! change.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;
use tokio::sync::mpsc;

use super::account::{account_name, roles};
use super::attempts::{Address, Attempts};
use super::ban::{ban, credential};
use super::book::{Book, Worth};
use super::hasher::{Hasher, Verdict};
use super::link::Purpose;
use super::records::{Change, InStore, Shelf};
use super::{Account, AccountChange, Ban, Link, Password, Refusal, SessionRules, Token};
use crate::auth::{Bans, Credential, Identity, Role};
use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// The relay's own accounts, their sessions, and everything that is banned.
pub struct Accounts {
    shelf: Box<dyn Shelf>,
    book: Mutex<Book>,
    /// Held by whoever decides, stores and applies: decisions are made one after the other.
    turn: Mutex<()>,
    hasher: Hasher,
    attempts: Mutex<Attempts>,
    bans: Arc<Bans>,
    clock: Clock,
    ended: mpsc::UnboundedSender<Ended>,
}

/// Somebody has just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What the browser is to show from now on.
    pub token: Token,
    /// Who it is.
    pub identity: Arc<Identity>,
}

/// What a change means to connections that are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This sign-in counts no more.
    Credential(Credential),
    /// Nothing of this user's counts any more.
    User(UserName),
    /// This user may do other things than before.
    Rights(UserName),
}

/// Who tries, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// The address.
    pub address: IpAddr,
    /// The session that the browser has already.
    pub session: Option<&'a Token>,
}

impl Accounts {
    /// Opens the accounts in a store. What they end is told to whoever reads the other side: it
    /// must be read.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open<S: Store>(
        store: Arc<S>,
        rules: SessionRules,
        clock: Clock,
    ) -> Result<(Arc<Self>, mpsc::UnboundedReceiver<Ended>), StoreError> {
        let shelf = InStore(store);
        let all = shelf.all()?;
        let is_over =
            |change: &Change| matches!(change, Change::Session(_, None) | Change::Link(_, None));
        let over: Vec<Change> = all.iter().filter(|change| is_over(change)).cloned().collect();
        if !over.is_empty() {
            shelf.keep(&over)?;
        }
        let mut book = Book::new(rules);
        book.apply(all);
        let (ended, told) = mpsc::unbounded_channel();
        let bans = Arc::new(Bans::default());
        bans.replace(book.ban_list());
        let accounts = Accounts {
            shelf: Box::new(shelf),
            book: Mutex::new(book),
            turn: Mutex::new(()),
            hasher: Hasher::new(),
            attempts: Mutex::new(Attempts::new()),
            bans,
            clock,
            ended,
        };
        Ok((Arc::new(accounts), told))
    }

    /// Who somebody is who shows a session's secret; nobody when it does not count.
    ///
    /// # Errors
    /// When it is banned.
    pub fn identity(
        &self,
        token: &Token,
        now: UnixMillis,
    ) -> Result<Option<Arc<Identity>>, Refusal> {
        worth(self.book().look_up(&token.fingerprint(), now))
    }

    /// The same session as it is now; nobody when it does not count any more.
    ///
    /// # Errors
    /// When it is banned.
    pub fn identity_again(
        &self,
        session: &Credential,
        now: UnixMillis,
    ) -> Result<Option<Arc<Identity>>, Refusal> {
        worth(self.book().look_up_again(session, now))
    }

    /// What must not count, for whoever lets people in. It changes with the bans.
    #[must_use]
    pub const fn bans_in_force(&self) -> &Arc<Bans> {
        &self.bans
    }

    /// Whether anybody may look after the relay.
    #[must_use]
    pub fn has_admin(&self) -> bool {
        self.book().has_admin()
    }

    /// How many passwords were hashed since the start.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.hasher.hashed()
    }

    /// All accounts.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        self.book().accounts().cloned().collect()
    }

    /// All bans that count.
    #[must_use]
    pub fn bans(&self) -> Vec<(Credential, Ban)> {
        let book = self.book();
        book.bans(self.now()).map(|(credential, ban)| (credential.clone(), ban.clone())).collect()
    }

    /// A link by which somebody may make the first admin's account. It is kept in memory only.
    #[must_use]
    pub fn first_admin_link(&self) -> Token {
        let token = Token::new();
        let link = Link::first_admin(self.now());
        self.book().apply(vec![Change::Link(token.fingerprint(), Some(link))]);
        token
    }

    /// Somebody signs in with a password.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn sign_in(
        self: &Arc<Self>,
        user: &str,
        password: Password,
        visitor: Visitor<'_>,
    ) -> Result<SignedIn, Refusal> {
        // Who cannot be anybody is treated like somebody who is not there.
        let user = account_name(user).ok().map(|user| self.book().meant_by(user));
        let (hash, new_hash) = self.prove(user.as_ref(), password, visitor.address).await?;
        let Some(user) = user else { return Err(Refusal::WrongPassword) };
        let (token, replaced) = (Token::new(), visitor.session.map(Token::fingerprint));
        let (of, to) = (token.fingerprint(), user.clone());
        self.change(move |book, now| {
            // It may have got another password, or none that counts, in between.
            let account = book.account(&user).filter(|account| account.hash == hash);
            let mut account = account.ok_or(Refusal::WrongPassword)?.clone();
            if account.disabled {
                return Err(Refusal::Disabled);
            }
            account.hash = new_hash.unwrap_or(hash);
            account.last_seen = Some(now);
            let mut changes = vec![Change::Account(account)];
            changes.extend(book.new_session(&user, of, replaced.as_ref(), now));
            Ok(changes)
        })
        .await
        .inspect_err(
            |refusal| tracing::info!(target: "audit", user = %to, %refusal, "not signed in"),
        )?;
        tracing::info!(target: "audit", user = %to, "signed in");
        self.signed_in(token)
    }

    /// Somebody makes an account.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn sign_up(
        self: &Arc<Self>,
        user: &str,
        password: Password,
        visitor: Visitor<'_>,
    ) -> Result<SignedIn, Refusal> {
        let user = account_name(user)?;
        password.check(&user)?;
        self.attempts().sign_up(Address::from(visitor.address), self.clock.now().moment)?;
        self.book().may_be_called(&user)?;
        let hash = self.hasher.hash(password).await?;
        let (token, replaced) = (Token::new(), visitor.session.map(Token::fingerprint));
        let (of, to) = (token.fingerprint(), user.clone());
        self.change(move |book, now| {
            let mut changes = book.new_account(user.clone(), hash, [].into(), now)?;
            changes.extend(book.new_session(&user, of, replaced.as_ref(), now));
            Ok(changes)
        })
        .await?;
        tracing::info!(target: "audit", user = %to, "made an account");
        self.signed_in(token)
    }

    /// Somebody uses a link: makes the first admin's account, or gives a user a new password.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn redeem(
        self: &Arc<Self>,
        link: &str,
        user: &str,
        password: Password,
        visitor: Visitor<'_>,
    ) -> Result<SignedIn, Refusal> {
        let link: Token = link.parse().map_err(|()| Refusal::NoLink)?;
        let link = link.fingerprint();
        // Before anything costs time: who has no link gets no hash.
        let purpose = self.book().link(&link, self.now())?;
        let mut user = account_name(user)?;
        if let Purpose::NewPassword(_) = &purpose {
            user = self.book().meant_by(user);
        }
        password.check(&user)?;
        if matches!(&purpose, Purpose::NewPassword(of) if *of != user) {
            return Err(Refusal::LinkOfAnother);
        }
        let hash = self.hasher.hash(password).await?;
        let (token, replaced) = (Token::new(), visitor.session.map(Token::fingerprint));
        let (of, to) = (token.fingerprint(), user.clone());
        self.change(move |book, now| {
            let mut changes = match book.link(&link, now)? {
                Purpose::FirstAdmin if book.has_admin() => return Err(Refusal::NoLink),
                Purpose::FirstAdmin => {
                    let admin = Role::ADMIN.parse().map_err(Refusal::Role)?;
                    book.new_account(user.clone(), hash, [admin].into(), now)?
                }
                Purpose::NewPassword(_) => {
                    let (hash, disabled) = (Some(hash), Some(false));
                    let change = AccountChange { hash, disabled, roles: None };
                    book.change_account(&user, change, None)?
                }
            };
            changes.push(Change::Link(link, None));
            changes.extend(book.new_session(&user, of, replaced.as_ref(), now));
            Ok(changes)
        })
        .await?;
        tracing::info!(target: "audit", user = %to, "used a one-time link and signed in");
        self.signed_in(token)
    }

    /// Somebody signs out: the session ends, wherever it is in use.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out(self: &Arc<Self>, token: &Token) -> Result<(), Refusal> {
        let of = token.fingerprint();
        self.change(move |book, _| Ok(book.end_session(&of))).await?;
        tracing::info!(target: "audit", session = ?of, "signed out");
        Ok(())
    }

    /// Somebody changes their password. All their other sessions end.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn change_password(
        self: &Arc<Self>,
        token: &Token,
        old: Password,
        new: Password,
        address: IpAddr,
    ) -> Result<(), Refusal> {
        let identity = self.identity(token, self.now())?.ok_or(Refusal::NotSignedIn)?;
        let (user, of) = (identity.user.clone(), token.fingerprint());
        new.check(&user)?;
        let (proven, _) = self.prove(Some(&user), old, address).await?;
        let hash = self.hasher.hash(new).await?;
        let to = user.clone();
        self.change(move |book, _| {
            let account = book.account(&user).filter(|account| account.hash == proven);
            account.ok_or(Refusal::WrongPassword)?;
            let change = AccountChange { hash: Some(hash), ..AccountChange::default() };
            book.change_account(&user, change, Some(&of))
        })
        .await?;
        tracing::info!(target: "audit", user = %to, "changed the own password");
        Ok(())
    }

    /// Somebody who looks after the relay makes an account.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn add_user(
        self: &Arc<Self>,
        by: &UserName,
        user: &str,
        password: Password,
        roles_wanted: &[String],
    ) -> Result<(), Refusal> {
        let (user, roles) = (account_name(user)?, roles(roles_wanted)?);
        password.check(&user)?;
        self.book().may_be_called(&user)?;
        let hash = self.hasher.hash(password).await?;
        let to = user.clone();
        self.change(move |book, now| book.new_account(user, hash, roles, now)).await?;
        tracing::info!(target: "audit", %by, user = %to, "added a user");
        Ok(())
    }

    /// Somebody who looks after the relay changes an account.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn change_user(
        self: &Arc<Self>,
        by: &UserName,
        user: &str,
        roles_wanted: Option<&[String]>,
        disabled: Option<bool>,
        password: Option<Password>,
    ) -> Result<(), Refusal> {
        let user = account_name(user)?;
        let roles = roles_wanted.map(roles).transpose()?;
        if self.book().account(&user).is_none() {
            return Err(Refusal::NoSuchUser(user));
        }
        let hash = match password {
            Some(password) => {
                password.check(&user)?;
                Some(self.hasher.hash(password).await?)
            }
            None => None,
        };
        let told = (roles.is_some(), disabled, hash.is_some());
        let (of, change) = (user.clone(), AccountChange { roles, disabled, hash });
        self.change(move |book, _| book.change_account(&of, change, None)).await?;
        match told {
            (_, Some(true), _) => self.tell(Ended::User(user.clone())),
            (true, ..) => self.tell(Ended::Rights(user.clone())),
            _ => {}
        }
        let (new_roles, disabled, new_password) = told;
        tracing::info!(
            target: "audit", %by, %user, new_roles, ?disabled, new_password, "changed a user"
        );
        Ok(())
    }

    /// Somebody who looks after the relay bans a credential.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn ban(
        self: &Arc<Self>,
        by: &UserName,
        named: &str,
        reason: String,
        until: Option<UnixMillis>,
    ) -> Result<(), Refusal> {
        let of = credential(named)?;
        let (banned, name) = (of.clone(), by.to_string());
        self.change(move |book, now| book.new_ban(of, ban(&name, reason, until, now)?)).await?;
        tracing::info!(target: "audit", %by, credential = %banned.0, "banned a sign-in");
        self.tell(Ended::Credential(banned));
        Ok(())
    }

    /// Somebody who looks after the relay lifts a ban.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn lift(self: &Arc<Self>, by: &UserName, named: &str) -> Result<(), Refusal> {
        let of = credential(named)?;
        let lifted = of.clone();
        self.change(move |book, _| book.lift(of)).await?;
        tracing::info!(target: "audit", %by, credential = %lifted.0, "lifted a ban");
        Ok(())
    }

    /// Removes what is over, and stores which sessions were used. To be done every minute, and at
    /// the end.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tend(self: &Arc<Self>) -> Result<(), Refusal> {
        self.change(|book, now| Ok(book.due(now))).await
    }

    /// Whether this is the user's password, as far as they may still try: its hash, and another one
    /// where that is of the past.
    async fn prove(
        &self,
        user: Option<&UserName>,
        password: Password,
        address: IpAddr,
    ) -> Result<(String, Option<String>), Refusal> {
        let (name, address) = (user.map_or("", UserName::as_str), Address::from(address));
        self.attempts().begin(name, address, self.clock.now().moment)?;
        let account = user.and_then(|user| self.book().account(user).cloned());
        let hash = account.as_ref().map(|account| account.hash.clone());
        if !password.can_be_right() {
            return Err(Refusal::WrongPassword);
        }
        let verdict = self.hasher.verify(password.clone(), hash.clone()).await?;
        let Some(hash) = hash.filter(|_| verdict != Verdict::Wrong) else {
            // What is no user's name may be a password or an address.
            let user = account.map(|account| account.user.to_string());
            let user = user.as_deref().unwrap_or("(unknown)");
            tracing::info!(target: "audit", user, "wrong password");
            return Err(Refusal::WrongPassword);
        };
        self.attempts().succeeded(name, address, self.clock.now().moment);
        let new_hash = match verdict {
            Verdict::RightButOld => Some(self.hasher.hash(password).await?),
            Verdict::Right | Verdict::Wrong => None,
        };
        Ok((hash, new_hash))
    }

    /// Decides, stores, makes it true, and tells whose sessions have ended. Whoever asked may go
    /// away meanwhile: it is done to its end.
    async fn change(
        self: &Arc<Self>,
        decide: impl FnOnce(&Book, UnixMillis) -> Result<Vec<Change>, Refusal> + Send + 'static,
    ) -> Result<(), Refusal> {
        let accounts = Arc::clone(self);
        let change = move || {
            // Whoever panicked in it has stored and applied all or nothing.
            let _turn = accounts.turn.lock().unwrap_or_else(PoisonError::into_inner);
            let changes = decide(&accounts.book(), accounts.now())?;
            accounts.shelf.keep(&changes).map_err(|error| {
                tracing::error!(%error, "an account was not changed");
                Refusal::Store(error)
            })?;
            let bans = changes.iter().any(|change| matches!(change, Change::Ban(..)));
            let mut book = accounts.book();
            let ended = book.apply(changes);
            if bans {
                accounts.bans.replace(book.ban_list());
            }
            drop(book);
            ended.into_iter().for_each(|ended| accounts.tell(Ended::Credential(ended)));
            Ok(())
        };
        tokio::task::spawn_blocking(change).await.map_err(|_| Refusal::OurBug)?
    }

    fn signed_in(&self, token: Token) -> Result<SignedIn, Refusal> {
        let identity = self.identity(&token, self.now())?.ok_or(Refusal::NotSignedIn)?;
        Ok(SignedIn { token, identity })
    }

    fn tell(&self, ended: Ended) {
        // Nobody reads any more when the relay stops: all connections end then.
        let _ = self.ended.send(ended);
    }

    fn now(&self) -> UnixMillis {
        self.clock.now().unix
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Nothing in it panics half-way.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accounts")
    }
}

fn worth(worth: Worth) -> Result<Option<Arc<Identity>>, Refusal> {
    match worth {
        Worth::Nothing => Ok(None),
        Worth::Banned => Err(Refusal::Banned),
        Worth::Is(identity) => Ok(Some(identity)),
    }
}

#[cfg(test)]
mod tests;
