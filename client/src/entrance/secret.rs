//! Secrets that come in the page's own address, after its `#`: that part never leaves the browser.
//! They are taken out of the address at once, so that they are in no history, bookmark or picture.

use crate::browser::window;

/// A secret of a printed link.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Secret {
    /// Lets a password be set once: of the relay's first account, or of the user it was made for.
    FirstAdmin(String),
}

/// Takes the secret out of the page's address, if there is one.
pub(crate) fn take_secret() -> Option<Secret> {
    let location = window().location();
    let secret = read(&location.hash().ok()?)?;
    let clean = format!(
        "{}{}",
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default()
    );
    let history = window().history().ok()?;
    // A browser that refuses to change its address is not given the secret to use either.
    history
        .replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&clean))
        .ok()
        .map(|()| secret)
}

fn read(hash: &str) -> Option<Secret> {
    let secret = hash.strip_prefix("#first-admin=")?;
    (!secret.is_empty()).then(|| Secret::FirstAdmin(secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_links_that_a_relay_prints_hold_a_secret() {
        assert!(read("#first-admin=abc") == Some(Secret::FirstAdmin("abc".into())));
        for none in ["", "#", "#first-admin=", "#chart", "first-admin=abc"] {
            assert!(read(none).is_none(), "{none:?}");
        }
    }
}
