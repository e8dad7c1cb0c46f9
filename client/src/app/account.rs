//! Whose page this is. Until there is a real sign-in, users are demo accounts, chosen on the page.

use tidemark_shared::documents::UserName;

use crate::browser::preferences;
use crate::link::address::RelayAddress;

/// Who nobody has chosen to be.
const NOBODY_CHOSEN: &str = "guest";

/// The account that was chosen for a relay.
pub(crate) fn chosen(relay: &RelayAddress) -> UserName {
    let kept = preferences::read(&key(relay)).and_then(|name| name.parse().ok());
    kept.unwrap_or_else(|| NOBODY_CHOSEN.parse().expect("it is a name"))
}

/// Chooses an account, from the next start on.
pub(crate) fn choose(relay: &RelayAddress, user: &UserName) {
    preferences::keep(&key(relay), user.as_str());
}

fn key(relay: &RelayAddress) -> String {
    format!("tidemark:account:{}", relay.as_str())
}
