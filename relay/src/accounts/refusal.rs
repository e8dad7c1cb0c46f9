//! Why something was not done. Nothing was changed then.

use thiserror::Error;
use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::account::ACCOUNTS_MAX;
use super::ban::BANS_MAX;
use super::password::WeakPassword;
use crate::auth::identity::InvalidRole;
use crate::store::StoreError;

/// Why something was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The same for users that there are not: nobody finds out here who has an account.
    #[error("this user and this password do not belong together; look at both and try again")]
    WrongPassword,
    /// The password was right.
    #[error("this account is closed; ask the one who runs this relay")]
    Disabled,
    /// Nobody has signed in, or not any more.
    #[error("you are not signed in (any more); nothing was changed: sign in, then do it again")]
    NotSignedIn,
    /// An admin has banned this very sign-in.
    #[error(
        "this sign-in does not count any more: sign in again, or ask the one who runs this relay"
    )]
    Banned,
    /// The name.
    #[error(
        "this is no name for a user: 1 to 40 of a-z, A-Z, 0-9, - and _, and not \"guest\"; \
         nothing was changed"
    )]
    NoName,
    /// Names that differ only in capital letters would be taken for each other.
    #[error("there is a user of that name already; nothing was changed: choose another name")]
    Taken,
    /// No such user.
    #[error("there is no user {0}; nothing was changed")]
    NoSuchUser(UserName),
    /// The password.
    #[error(transparent)]
    Password(#[from] WeakPassword),
    /// A role.
    #[error("{0}; nothing was changed")]
    Role(InvalidRole),
    /// Roles.
    #[error("a user has at most {max} roles; nothing was changed")]
    TooManyRoles {
        /// How many.
        max: usize,
    },
    /// Who else would let an admin in again?
    #[error(
        "this is the last one who may look after the relay; nothing was changed: make somebody \
         else an admin first"
    )]
    LastAdmin,
    /// Accounts are made by those who look after the relay.
    #[error(
        "nobody makes an account here by themselves; ask the one who runs this relay for one, or set \
         `auth.sign_up`"
    )]
    NoSignUp,
    /// Accounts.
    #[error("the relay has all the accounts it takes; nothing was changed")]
    TooManyAccounts,
    /// A link.
    #[error(
        "this link does not count (any more): it was used, is too old, or the relay has started \
         again since; nothing was changed: whoever runs the relay can get another one from it"
    )]
    NoLink,
    /// A link for somebody else.
    #[error("this link is for another user's password; nothing was changed: look at the name")]
    LinkOfAnother,
    /// A ban.
    #[error("this is no sign-in's name (1 to 512 plain characters); nothing was changed")]
    NoCredential,
    /// A ban's reason.
    #[error("a reason has at most {max} bytes; nothing was changed: say it shorter")]
    LongReason {
        /// How many.
        max: usize,
    },
    /// A ban that would never count.
    #[error("this ban would be over already; nothing was changed: look at its end")]
    BanIsOver,
    /// Bans.
    #[error("the relay has all the bans it keeps; nothing was changed: lift some first")]
    TooManyBans,
    /// Nothing to lift.
    #[error("this sign-in is not banned; nothing was changed")]
    NotBanned,
    /// Too many in too short a time.
    #[error("too many attempts; nothing was changed: wait {} s, then try again", retry_after_ms.div_ceil(1_000))]
    TooOften {
        /// Which limit.
        limit: &'static str,
        /// Its value.
        max: u64,
        /// When to come back.
        retry_after_ms: u64,
    },
    /// The store.
    #[error("the relay's store failed; see that nothing was changed before you do it again")]
    Store(StoreError),
    /// A defect of ours.
    #[error("the relay has failed; see that nothing was changed before you do it again")]
    OurBug,
}

impl From<Refusal> for WireError {
    fn from(refusal: Refusal) -> WireError {
        let code = match &refusal {
            Refusal::WrongPassword | Refusal::NotSignedIn | Refusal::Banned => {
                ErrorCode::Unauthorized
            }
            Refusal::Disabled
            | Refusal::NoLink
            | Refusal::LinkOfAnother
            | Refusal::LastAdmin
            | Refusal::NoSignUp => ErrorCode::Forbidden,
            Refusal::NoSuchUser(_) | Refusal::NotBanned => ErrorCode::NotFound,
            Refusal::NoName
            | Refusal::Taken
            | Refusal::Password(_)
            | Refusal::Role(_)
            | Refusal::NoCredential
            | Refusal::LongReason { .. }
            | Refusal::BanIsOver => ErrorCode::InvalidParameters,
            Refusal::TooManyRoles { .. } | Refusal::TooManyAccounts | Refusal::TooManyBans => {
                ErrorCode::LimitExceeded
            }
            Refusal::TooOften { .. } => ErrorCode::RateLimited,
            Refusal::Store(_) | Refusal::OurBug => ErrorCode::Internal,
        };
        let error = WireError::new(code, refusal.to_string());
        let count = |max: usize| u64::try_from(max).unwrap_or(u64::MAX);
        match refusal {
            Refusal::TooOften { limit, max, retry_after_ms } => {
                error.of_limit(limit, max).retry_after_ms(retry_after_ms)
            }
            Refusal::TooManyRoles { max } => error.of_limit("accounts.roles_max", count(max)),
            Refusal::TooManyAccounts => {
                error.of_limit("accounts.accounts_max", count(ACCOUNTS_MAX))
            }
            Refusal::TooManyBans => error.of_limit("accounts.bans_max", count(BANS_MAX)),
            _ => error,
        }
    }
}
