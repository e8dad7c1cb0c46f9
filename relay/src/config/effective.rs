//! The settings in print: the reference, and what counts.

use toml::Value;

use super::cli::Cli;
use super::error::{ConfigErrors, Source};
use super::load::{check, gather};
use super::secret::Secret;
use super::setting::AnySetting;
use super::settings::ALL;

/// Names of settings of feeds and issuers whose values must not be printed.
const SECRET_NAMES: [&str; 5] = ["token", "key", "secret", "password", "authorization"];

/// Every setting with its meaning, what is allowed, its variable and its default: a TOML file in
/// which everything is as if it were not there.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from("# Every setting of tidemark-relay, with its default.\n");
    print_all(&mut text, |setting, text| {
        for line in setting.meaning() {
            text.push_str(&format!("#{line}\n"));
        }
        let (allowed, variable) = (setting.allowed(), setting.variable());
        text.push_str(&format!("# Must be {allowed}.\n# Environment: {variable}\n"));
        let default = setting.default();
        text.push_str(&format!("{} = {default}\n\n", name(setting)));
    });
    text.push_str(ISSUERS_REFERENCE);
    text.push_str(MERGE_REFERENCE);
    text.push_str(RIGHTS_REFERENCE);
    text.push_str(FEEDS_REFERENCE);
    text
}

/// The settings as they count, and who has set them.
///
/// # Errors
/// Everything that is wrong, one line each.
pub fn effective(cli: &Cli) -> Result<String, ConfigErrors> {
    let mut layers = gather(cli)?;
    check(&mut layers)?;
    let mut text = String::new();
    print_all(&mut text, |setting, text| {
        let (value, source) = layers.of(setting);
        text.push_str(&format!("{} = {}", name(setting), setting.printed(&value)));
        match source {
            Source::Default => text.push('\n'),
            source => text.push_str(&format!(" # {source}\n")),
        }
    });
    for issuer in &layers.issuers {
        let issuer = toml::to_string(&masked("", issuer)).unwrap_or_default();
        text.push_str(&format!("\n[[auth.issuers]]\n{issuer}"));
    }
    for (collection, rules) in &layers.merge {
        let rules = toml::to_string(rules).unwrap_or_default();
        text.push_str(&format!("\n[documents.merge.{collection}]\n{rules}"));
    }
    for rule in &layers.rights {
        // A rule was read from TOML, so it can be written as TOML.
        let rule = toml::to_string(rule).unwrap_or_default();
        text.push_str(&format!("\n[[rights]]\n{rule}"));
    }
    if layers.feeds.is_empty() {
        text.push_str("\n# No feeds: the simulator runs.\n");
    }
    for feed in &layers.feeds {
        // A feed was read from TOML, so it can be written as TOML.
        let feed = toml::to_string(&masked("", feed)).unwrap_or_default();
        text.push_str(&format!("\n[[feeds]]\n{feed}"));
    }
    Ok(text)
}

/// What a reader of the reference needs to know of issuers.
const ISSUERS_REFERENCE: &str = r#"# Whose tokens (JWT) let somebody in: one [[auth.issuers]] for each who signs them.
# [[auth.issuers]]
# issuer = "https://login.example/"      # exactly what its tokens have in iss
# audience = "tidemark"                  # what they must have in aud; or a list, of which one
# algorithms = ["ES256", "RS256"]        # of HS256, RS256, ES256, EdDSA; others do not count
# jwks_url = "https://login.example/keys" # https, or http to this machine. Or one of: jwks_file,
#                                        # key_file (a public key in PEM), secret_file, secret
#                                        # (of 32 bytes or more, HS256 only)
# tenant = "acme"                        # its users' tenant; or tenant_claim = "org", a claim that
#                                        # names it. Without both they have none
# user_claim = "sub"                     # the claim that names the user
# roles_claim = "roles"                  # the claim with roles; "" where it may give nobody any. Who
#                                        # has the role admin looks after the relay
# session_s_max = 86400                  # tokens count no longer than this

"#;

/// What a reader of the reference needs to know of merging.
const MERGE_REFERENCE: &str = r#"# What counts when two devices have changed the same, where it is to be another rule than the one
# that is built in: client_wins, server_wins, last_write_wins, three_way, manual, id_set or text.
# [documents.merge.notes]         # a collection
# policy = "manual"               # of all fields that have no rule of their own
# fields = { text = "text" }      # of single fields
# groups = [["x", "y"]]           # fields that mean something only together

"#;

/// What a reader of the reference needs to know of rights.
const RIGHTS_REFERENCE: &str = r#"# What users may do, one [[rights]] for each rule. Without any, everybody who is let in sees the
# market live, and reads and writes their own documents. For each question the first rule counts that
# is for whoever asks and speaks of it. No rule gives anybody what belongs to another user.
# [[rights]]
# user = "alice"                  # for whom: all that is named must hold
# tenant = "acme"                 # everybody of a tenant, or with `user`, one of them
# role = "trader"                 # who has a role
# claim = { name = "plan", is = "paid" } # of whom a token says so
# market = "live"                 # live, delayed (by market.delay_s, on delayed:*) or none
#
# [[rights]]
# guests = true                   # who has not signed in; or `everybody = true`
# market = "delayed"
# effect = "deny"                 # what is named below is denied; "allow" is the default
# topics = ["feed:*", "price:X*"] # topics, to the letter or with * at the end; {user} is who asks
# collections = { read = [], write = ["*"] } # of their documents, by collection

"#;

/// What a reader of the reference needs to know of feeds. Each kind of source has settings of its
/// own, which its room knows.
const FEEDS_REFERENCE: &str = r#"# Where the data comes from: one [[feeds]] for each upstream. Without any, a simulated market runs.
# [[feeds]]
# name = "binance"                # 1 to 40 of a-z, A-Z, 0-9, '-' and '_'; the topic feed:binance
# grace_s = 30                    # a symbol is collected so long after its last reader has gone
# always = ["BTCUSDT"]            # symbols that are collected even while nobody reads them
# source = { kind = "binance", instruments = [{ symbol = "BTCUSDT" }, { symbol = "ETHUSDT" }] }
"#;

/// Prints each setting below the header of its section.
fn print_all(text: &mut String, print: impl Fn(&dyn AnySetting, &mut String)) {
    let mut section = "";
    for setting in ALL {
        if let Some((own, _)) = setting.key().split_once('.')
            && own != section
        {
            section = own;
            text.push_str(&format!("\n[{section}]\n"));
        }
        print(*setting, text);
    }
}

fn name(setting: &dyn AnySetting) -> &'static str {
    let key = setting.key();
    key.split_once('.').map_or(key, |(_, name)| name)
}

/// A feed's or an issuer's settings without what must not be printed.
fn masked(name: &str, value: &Value) -> Value {
    match value {
        Value::Table(table) => {
            let masked = table.iter().map(|(name, value)| (name.clone(), masked(name, value)));
            Value::Table(masked.collect())
        }
        Value::Array(values) => {
            Value::Array(values.iter().map(|value| masked(name, value)).collect())
        }
        // Where a secret is, is none.
        Value::String(path) if name.ends_with("_file") => Value::String(path.clone()),
        // What follows on an address may be one.
        Value::String(url) if name.ends_with("_url") && url.contains('?') => {
            let address = url.split('?').next().unwrap_or("");
            Value::String(format!("{address}?{}", Secret::MASK))
        }
        Value::String(_) if SECRET_NAMES.iter().any(|secret| name.contains(secret)) => {
            Value::String(Secret::MASK.to_owned())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_a_file_that_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reference.toml");
        std::fs::write(&path, reference()).unwrap();
        let with_it = Cli { config: Some(path), ..Cli::default() };
        assert_eq!(super::super::load(&with_it), super::super::load(&Cli::default()));
        for setting in ALL {
            assert!(reference().contains(&setting.variable()), "{}", setting.key());
        }
    }

    #[test]
    fn the_feed_in_the_reference_is_a_feed() {
        let text: String = FEEDS_REFERENCE
            .lines()
            .skip(1)
            .map(|line| format!("{}\n", line.trim_start_matches("# ")))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        std::fs::write(&path, text).unwrap();
        let config = super::super::load(&Cli { config: Some(path), ..Cli::default() }).unwrap();
        assert_eq!(config.feeds[0].name, "binance");
    }

    #[test]
    fn the_rights_in_the_reference_are_rights() {
        let rules: String = RIGHTS_REFERENCE
            .lines()
            .skip(3)
            .map(|line| format!("{}\n", line.trim_start_matches('#').trim_start()))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rights.toml");
        std::fs::write(&path, rules).unwrap();
        let cli = Cli { config: Some(path), ..Cli::default() };
        let config = super::super::load(&cli).unwrap();
        let [first, second] = &config.rights[..] else { panic!("{:#?}", config.rights) };
        assert_eq!(first.who.user.as_ref().unwrap().as_str(), "alice@acme");
        assert!(second.who.guests && second.topics.len() == 2 && second.write.len() == 1);
        let printed = effective(&cli).unwrap();
        assert_eq!(printed.matches("[[rights]]\n").count(), 2, "{printed}");
    }

    #[test]
    fn the_issuer_in_the_reference_is_one_and_secrets_of_issuers_are_not_printed() {
        let text: String = ISSUERS_REFERENCE
            .lines()
            .skip(1)
            .map(|line| format!("{}\n", line.trim_start_matches("# ")))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuers.toml");
        let shared =
            "[[auth.issuers]]\nissuer = \"b\"\naudience = \"t\"\nalgorithms = [\"HS256\"]\n";
        let secret = format!("secret = \"{}\"\n", "s3".repeat(16));
        std::fs::write(&path, format!("{text}\n{shared}{secret}")).unwrap();
        let cli = Cli { config: Some(path), ..Cli::default() };
        let config = super::super::load(&cli).unwrap();
        assert_eq!(config.auth.issuers[0].name, "https://login.example/");
        assert!(!format!("{config:?}").contains("s3s3"));
        let printed = effective(&cli).unwrap();
        assert!(printed.contains("secret = \"***\""), "{printed}");
        assert!(!printed.contains("s3s3"), "{printed}");
    }

    #[test]
    fn the_rules_in_the_reference_are_rules() {
        let rules: String = MERGE_REFERENCE
            .lines()
            .skip(2)
            .map(|line| format!("{}\n", line.trim_start_matches("# ")))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("merge.toml");
        std::fs::write(&path, rules).unwrap();
        let cli = Cli { config: Some(path), ..Cli::default() };
        let config = super::super::load(&cli).unwrap();
        let notes = config.merge.of(&"notes".parse().unwrap()).clone();
        let policy = |field: &str| notes.policy_of(&field.parse().unwrap()).to_string();
        assert_eq!((policy("text").as_str(), policy("colour").as_str()), ("text", "manual"));
        let printed = effective(&cli).unwrap();
        assert!(printed.contains("[documents.merge.notes]\n"), "{printed}");
    }

    #[test]
    fn secrets_are_not_printed() {
        let cli = Cli { set: vec![format!("publish.token={}", "s3".repeat(10))], ..Cli::default() };
        let printed = effective(&cli).unwrap();
        assert!(printed.contains("token = \"***\" # from the command line"), "{printed}");
        assert!(!printed.contains("s3s3"), "{printed}");
        let config = super::super::load(&cli).unwrap();
        assert!(!format!("{config:?}").contains("s3s3"));
        assert_eq!(config.publish_token.unwrap().reveal(), "s3".repeat(10));

        let feed = "[source]\nkind = \"x\"\napi_key = \"s3s3\"".parse().unwrap();
        let printed = masked("", &Value::Table(feed)).to_string();
        assert!(!printed.contains("s3s3") && printed.contains("\"x\""), "{printed}");
    }
}
