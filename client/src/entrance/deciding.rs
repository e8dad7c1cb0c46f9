//! Whose page this is when it starts. Pure: what the relay said and what is remembered go in.

use tidemark_shared::documents::UserName;

use super::{DoorError, Mode, SessionInfo};

/// What this device remembers of the relay. None of it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// Who was let in.
    pub(crate) mode: Mode,
    /// Whose page it was; absent when nobody had signed in, or somebody has signed out.
    pub(crate) user: Option<UserName>,
}

/// How the page starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// As the page of a user; of nobody in particular without one.
    Page {
        /// Who is let in.
        mode: Mode,
        /// Whose page.
        user: Option<UserName>,
        /// What the relay said, if it was reached.
        info: Option<SessionInfo>,
    },
    /// As a place to sign in: there is nothing to show to somebody unknown.
    SignIn {
        /// What the relay said, if it was reached.
        info: Option<SessionInfo>,
    },
}

/// Decides it.
pub(crate) fn arrival(said: Result<SessionInfo, DoorError>, remembered: Remembered) -> Arrival {
    let Remembered { mode, user } = remembered;
    match said {
        // A relay of before there were accounts, or a host of files: as ever.
        Err(DoorError::NotARelay { status: ..500 }) => {
            Arrival::Page { mode: Mode::Demo, user, info: None }
        }
        // Without a network, or a relay that is up, the page begins with what it knew last.
        Err(_) => match (mode, user) {
            (Mode::Accounts, None) => Arrival::SignIn { info: None },
            (mode, user) => Arrival::Page { mode, user, info: None },
        },
        Ok(info) => {
            let is_let_in = info.user.is_some() || info.guests || info.mode != Mode::Accounts;
            let whose = match (&info.user, info.mode) {
                (Some(user), Mode::Accounts | Mode::Tokens) => Some(user.clone()),
                // The session has ended, but its user has not gone: what is on this device can be
                // read and written on, and the page asks for the sign-in.
                (_, Mode::Accounts | Mode::Tokens) if mode == info.mode => user,
                (_, Mode::Demo) if mode == Mode::Demo => user,
                _ => None,
            };
            match whose {
                None if !is_let_in => Arrival::SignIn { info: Some(info) },
                user => Arrival::Page { mode: info.mode, user, info: Some(info) },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Option<UserName> {
        Some(name.parse().unwrap())
    }

    fn accounts(who: Option<UserName>, guests: bool) -> SessionInfo {
        SessionInfo { mode: Mode::Accounts, guests, user: who, ..SessionInfo::default() }
    }

    fn remembered(mode: Mode, who: Option<UserName>) -> Remembered {
        Remembered { mode, user: who }
    }

    fn whose(arrival: &Arrival) -> Option<&str> {
        match arrival {
            Arrival::Page { user, .. } => user.as_ref().map(UserName::as_str),
            Arrival::SignIn { .. } => panic!("a page was expected: {arrival:?}"),
        }
    }

    #[test]
    fn a_relay_without_sign_in_is_used_as_ever() {
        for error in [200, 404].map(|status| DoorError::NotARelay { status }) {
            let arrived = arrival(Err(error), remembered(Mode::Demo, user("ann")));
            assert_eq!(whose(&arrived), Some("ann"));
        }
        let info = SessionInfo::default();
        assert_eq!(whose(&arrival(Ok(info), remembered(Mode::Demo, user("ann")))), Some("ann"));
    }

    #[test]
    fn who_is_signed_in_gets_their_own_page_whoever_was_here_before() {
        let before = remembered(Mode::Accounts, user("ann"));
        assert_eq!(whose(&arrival(Ok(accounts(user("bob"), false)), before)), Some("bob"));
        let before = remembered(Mode::Demo, user("ann"));
        assert_eq!(whose(&arrival(Ok(accounts(user("bob"), false)), before)), Some("bob"));
    }

    #[test]
    fn nobody_sees_a_page_that_needs_a_sign_in() {
        let nobody = remembered(Mode::Accounts, None);
        let arrived = arrival(Ok(accounts(None, false)), nobody.clone());
        assert!(matches!(arrived, Arrival::SignIn { info: Some(_) }));
        // A demo account's name proves nothing to a relay with accounts.
        let arrived = arrival(Ok(accounts(None, false)), remembered(Mode::Demo, user("ann")));
        assert!(matches!(arrived, Arrival::SignIn { .. }));
        assert_eq!(whose(&arrival(Ok(accounts(None, true)), nobody)), None, "a guest");
    }

    #[test]
    fn an_ended_session_takes_nothing_away_from_its_user() {
        let before = remembered(Mode::Accounts, user("ann"));
        assert_eq!(whose(&arrival(Ok(accounts(None, false)), before)), Some("ann"));
    }

    #[test]
    fn without_a_network_it_goes_on_as_it_was() {
        let behind = DoorError::NotARelay { status: 502 };
        assert_eq!(
            whose(&arrival(Err(behind), remembered(Mode::Accounts, user("ann")))),
            Some("ann")
        );
        let gone = || Err(DoorError::Unreachable { reason: String::new() });
        for mode in [Mode::Demo, Mode::Accounts, Mode::Tokens] {
            assert_eq!(whose(&arrival(gone(), remembered(mode, user("ann")))), Some("ann"));
        }
        let signed_out = arrival(gone(), remembered(Mode::Accounts, None));
        assert_eq!(signed_out, Arrival::SignIn { info: None });
    }
}
