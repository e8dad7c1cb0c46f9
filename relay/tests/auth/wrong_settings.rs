//! Each wrong setting of an issuer is one line that says what to do, and no secret is in it.

use tidemark_relay::config::{Cli, load};

use super::signer::{ISSUER, RSA_PRIVATE, RSA_PUBLIC, RSA_TOO_SHORT, SECRET, Signer};

/// What is said of a file.
fn said(settings: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.toml");
    std::fs::write(&path, settings).unwrap();
    match load(&Cli { config: Some(path), ..Cli::default() }) {
        Ok(_) => String::new(),
        Err(errors) => errors.to_string(),
    }
}

fn issuer_with(lines: &str) -> String {
    let mut issuer = format!("[[auth.issuers]]\nissuer = \"{ISSUER}\"\n");
    let usual = [
        ("audience", "\"tidemark\"".to_owned()),
        ("algorithms", "[\"HS256\"]".to_owned()),
        ("secret", format!("\"{SECRET}\"")),
    ];
    for (name, value) in usual {
        let source = name == "secret"
            && ["secret", "secret_file", "key_file", "jwks_file", "jwks_url"]
                .iter()
                .any(|source| lines.contains(&format!("{source} =")));
        if !source && !lines.contains(&format!("{name} =")) {
            issuer.push_str(&format!("{name} = {value}\n"));
        }
    }
    format!("{issuer}{lines}\n")
}

#[test]
fn each_is_one_line() {
    assert_eq!(said(&issuer_with("")), "");
    for (lines, expected) in [
        ("audience = \"\"", "audience must be"),
        ("audience = []", "audience must be"),
        ("audience = 5", "audience must be"),
        ("algorithms = []", "algorithms must be a list"),
        ("algorithms = [\"none\"]", "algorithms must be a list"),
        ("algorithms = [\"HS512\"]", "algorithms must be a list"),
        ("algorithms = [\"RS256\"]", "algorithms must be [\"HS256\"] with secret"),
        ("algorithms = [\"HS256\", \"RS256\"]", "algorithms must be [\"HS256\"] with secret"),
        ("jwks_url = \"https://a.example/\"", "algorithms must be [\"HS256\"] with secret"),
        ("secret = \"s3s3s3s3\"", "secret must be a text of at least 32 bytes"),
        ("secret = 33333333", "secret must be a text of at least 32 bytes"),
        ("secret = [\"s3s3s3s3\"]", "secret must be a text of at least 32 bytes"),
        (
            "jwks_url = \"http://a.example/\"\nalgorithms = [\"RS256\"]",
            "jwks_url must be an address",
        ),
        (
            "jwks_url = \"https://u:s3s3s3s3@a.example/\"\nalgorithms = [\"RS256\"]",
            "jwks_url must be",
        ),
        ("secret_file = \"/nowhere/s\"", "/nowhere/s: cannot be read"),
        ("secret_file = \"/dev/zero\"", "/dev/zero: cannot be read: it has more than"),
        ("key_file = \"/a\"\njwks_file = \"/b\"", "its source of keys must be there once"),
        ("tenant = \"Acme Corp\"", "tenant must be a tenant's name"),
        ("tenant = \"default\"", "tenant must be a tenant's name"),
        ("tenant = \"acme\"\ntenant_claim = \"org\"", "tenant must be left out"),
        ("tenant_claim = \"\"", "tenant_claim must be"),
        ("user_claim = \"\"", "user_claim must be"),
        ("session_s_max = 5", "session_s_max must be"),
        ("leeway = 5", "unknown field `leeway`"),
    ] {
        let said = said(&issuer_with(lines));
        assert_eq!(said.lines().count(), 1, "{lines}: {said}");
        assert!(said.starts_with("auth.issuers: ") && said.contains(expected), "{lines}: {said}");
        assert!(said.contains(ISSUER) || said.contains('/'), "{lines}: {said}");
        assert!(!said.contains("s3s3s3s3") && !said.contains("33333333"), "{lines}: {said}");
    }
    assert!(said("[auth]\nissuers = 5").contains("must be written as [[auth.issuers]]"));
    assert!(said("[[auth.issuers]]\naudience = \"x\"").contains("auth.issuers: number 1: "));
    assert!(said("[auth]\nmode = \"tokens\"").contains("needs at least one of them"));
}

#[test]
fn issuers_that_could_be_taken_for_each_other_are_refused() {
    let named = |name: &str, lines: &str| issuer_with(lines).replace(ISSUER, name);
    for (settings, expected) in [
        (named("a", "") + &named("a", "tenant = \"x\""), "\"a\" is there twice"),
        (named("a", "") + &named("b", ""), "have the same tenant, or both none"),
        (named("a", "tenant = \"x\"") + &named("b", "tenant = \"x\""), "have the same tenant"),
        (
            named("a", "tenant_claim = \"o\"") + &named("b", "tenant_claim = \"p\""),
            "both have a tenant_claim",
        ),
        (
            format!("[auth]\nmode = \"accounts\"\n{}", named("a", "")),
            "needs a tenant or a tenant_claim",
        ),
        (
            (0..17)
                .map(|number| named(&format!("i{number}"), &format!("tenant = \"t{number}\"")))
                .collect(),
            "at most 16",
        ),
    ] {
        let said = said(&settings);
        assert!(said.contains(expected) && said.lines().count() == 1, "{said}");
    }
    assert_eq!(
        said(
            &(named("a", "") + &named("b", "tenant = \"x\"") + &named("c", "tenant_claim = \"o\""))
        ),
        ""
    );
}

#[test]
fn files_of_keys_are_read_when_the_settings_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let ed = Signer::eddsa("d");
    for (name, text, setting, algorithm, expected) in [
        ("private", RSA_PRIVATE, "key_file", "RS256", "this is a private key"),
        ("short", RSA_TOO_SHORT, "key_file", "RS256", "no public key in PEM"),
        ("other", RSA_PUBLIC, "key_file", "ES256", "for RS256, which is not one of"),
        ("rubbish", "rubbish", "key_file", "RS256", "no public key in PEM"),
        ("set", "{\"keys\":[]}", "jwks_file", "RS256", "no key for the issuer's algorithms"),
        ("html", "<html>", "jwks_file", "RS256", "no set of keys"),
        ("secret", "too-short\n", "secret_file", "HS256", "at least 32 bytes"),
        ("good", RSA_PUBLIC, "key_file", "RS256", ""),
        ("ed", &ed.public, "key_file", "EdDSA", ""),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let lines = format!("{setting} = \"{}\"\nalgorithms = [\"{algorithm}\"]", path.display());
        let said = said(&issuer_with(&lines));
        assert_eq!(said.is_empty(), expected.is_empty(), "{name}: {said}");
        assert!(said.contains(expected) && !said.contains("too-short"), "{name}: {said}");
    }
}
