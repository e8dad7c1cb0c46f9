//! The names of the demo accounts that were used on this device.

use tidemark_shared::documents::UserName;

use crate::browser::preferences;

/// It belongs to the device, not to an account, so its key carries none.
const KEY: &str = "tidemark:accounts";

/// As many as a menu shows without scrolling.
const RECENT_MAX: usize = 6;

/// The accounts that were used here, the last one first.
pub(crate) fn recent() -> Vec<UserName> {
    read(&preferences::read(KEY).unwrap_or_default())
}

/// Remembers that an account is used.
pub(crate) fn remember(user: &UserName) {
    let names = with(recent(), user);
    let names: Vec<&str> = names.iter().map(UserName::as_str).collect();
    preferences::keep(KEY, &names.join(" "));
}

fn read(text: &str) -> Vec<UserName> {
    text.split_whitespace().filter_map(|name| name.parse().ok()).take(RECENT_MAX).collect()
}

fn with(mut names: Vec<UserName>, user: &UserName) -> Vec<UserName> {
    names.retain(|known| known != user);
    names.insert(0, user.clone());
    names.truncate(RECENT_MAX);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_account_comes_first_and_none_twice() {
        let user = |name: &str| name.parse::<UserName>().unwrap();
        let names = with(read("ann bob"), &user("bob"));
        assert_eq!(names, [user("bob"), user("ann")]);
        assert_eq!(read("ok not:ok"), [user("ok")]);
        let many = (0..20).fold(Vec::new(), |names, n| with(names, &user(&format!("u{n}"))));
        assert_eq!(many.len(), RECENT_MAX);
    }
}
