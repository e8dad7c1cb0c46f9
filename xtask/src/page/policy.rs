//! What the page may load and run: its content security policy, made of what is in it.
//!
//! The scripts that stand in the page are known by their hashes, and nothing else is a script unless
//! one of them loads it. A nonce would have to be another one in every answer, but browsers keep this
//! page by its hash and show it without asking: it would be the same one for as long as a version
//! lives, for everybody to read. A hash needs no secret.

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// Where the policy stands in the page, before anything that it is about.
const PLACE: &str = "%TIDEMARK_POLICY%";

/// Scripts that stand in the page itself: their place there and their names.
const INLINE: [(&str, &str); 2] =
    [("%TIDEMARK_THEME%", "theme.js"), ("%TIDEMARK_BOOT%", "boot.js")];

/// All but the scripts. The page says itself that it may connect to anywhere: it does not know where
/// its relay is, which a `tidemark.json` may name. The relay's own answer says it more narrowly.
const REST: &str = "style-src 'self'; connect-src http: https: ws: wss:; img-src 'self' data:; \
    font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
    require-trusted-types-for 'script'; trusted-types default";

/// Puts the inline scripts into the page, and the policy that lets just them run.
pub(super) fn close(
    index: &str,
    mut take: impl FnMut(&str) -> Result<String>,
    fill: impl Fn(&str, &str) -> Result<String>,
) -> Result<String> {
    let mut closed = index.to_owned();
    let mut hashes = String::new();
    for (place, name) in INLINE {
        let script = fill(name, &take(name)?)?;
        if script.to_ascii_lowercase().contains("</script") || script.contains("<!--") {
            bail!("{name} says something that ends a script in a page");
        }
        let element = format!("<script>{place}</script>");
        if closed.matches(&element).count() != 1 {
            bail!("the page must have {element} once");
        }
        closed = closed.replace(&element, &format!("<script>{script}</script>"));
        let hash = BASE64_STANDARD.encode(Sha256::digest(script.as_bytes()));
        hashes.push_str(&format!("'sha256-{hash}' "));
    }
    if closed.matches(PLACE).count() != 1 {
        bail!("the page must have {PLACE} once");
    }
    let policy = format!(
        "default-src 'none'; script-src {hashes}'strict-dynamic' 'wasm-unsafe-eval'; {REST}"
    );
    Ok(closed.replace(PLACE, &policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<meta content=\"%TIDEMARK_POLICY%\"><script>%TIDEMARK_THEME%</script>\
        <script>%TIDEMARK_BOOT%</script>";

    fn closed_with(theme: &str) -> Result<String> {
        let take = |name: &str| Ok(if name == "theme.js" { theme } else { "boot" }.to_owned());
        close(PAGE, take, |_, script| Ok(script.to_owned()))
    }

    #[test]
    fn just_the_scripts_that_stand_in_the_page_may_run() {
        let closed = closed_with("abc").unwrap();
        assert!(closed.ends_with("<script>abc</script><script>boot</script>"), "{closed}");
        // The SHA-256 of "abc", as in the standard's examples.
        let scripts = "script-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=' 'sha256-";
        assert!(closed.contains(scripts), "{closed}");
        assert!(closed.contains("' 'strict-dynamic' 'wasm-unsafe-eval'; "), "{closed}");
        for loose in ["unsafe-inline", "'unsafe-eval'", "script-src 'self'", "*"] {
            assert!(!closed.contains(loose), "{loose}: {closed}");
        }
    }

    #[test]
    fn a_script_that_would_end_early_stops_the_build() {
        assert!(closed_with("'</SCRIPT>'").is_err());
        assert!(
            close(
                "<script>%TIDEMARK_THEME%</script>",
                |_| Ok(String::new()),
                |_, script| { Ok(script.to_owned()) }
            )
            .is_err()
        );
    }
}
