//! Somebody whose tokens the operator trusts, and how far.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;
use tidemark_shared::documents::Tenant;
use toml::Value;

use super::fetch::JwksUrl;
use super::keys::{InvalidKeys, Keys};
use super::{Algorithm, Mode};
use crate::config::Secret;

/// Most issuers: each has keys that are fetched.
const ISSUERS_MAX: usize = 16;

/// Most audiences of one issuer.
const AUDIENCES_MAX: usize = 16;

/// Longest names that issuers have: addresses.
const NAME_BYTES_MAX: usize = 512;

/// Largest file of keys; what is fetched has the same limit.
pub(super) const KEYS_BYTES_MAX: usize = 256 * 1024;

/// Somebody whose tokens count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Said")]
pub struct Issuer {
    /// What its tokens call it (`iss`).
    pub name: String,
    /// Whom its tokens must be for (`aud`): one of these.
    pub audiences: BTreeSet<String>,
    /// How they may be signed.
    pub algorithms: Vec<Algorithm>,
    /// Where its keys are.
    pub keys: KeySource,
    /// Which tenant its users belong to.
    pub tenant: TenantRule,
    /// What its tokens call their user.
    pub user_claim: String,
    /// Where its tokens have their user's roles; `None` when it may give nobody any.
    pub roles_claim: Option<String>,
    /// No sign-in by one of its tokens lasts longer.
    pub session_max: Option<Duration>,
}

/// Where keys are. Files and addresses are read again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In the configuration.
    Secret(Secret),
    /// A shared secret in a file.
    SecretFile(PathBuf),
    /// A public key in PEM.
    KeyFile(PathBuf),
    /// A JSON Web Key Set in a file.
    JwksFile(PathBuf),
    /// A JSON Web Key Set at an address.
    JwksUrl(JwksUrl),
}

/// Which tenant an issuer's users belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TenantRule {
    /// None.
    None,
    /// This one.
    Fixed(Tenant),
    /// The one that a claim of theirs names.
    Claim(String),
}

/// Why an issuer cannot be trusted as the configuration has it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidIssuer {
    /// One of its settings.
    #[error("{setting} must be {allowed}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
    /// Its keys.
    #[error("{}: {error}", path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: InvalidKeys,
    },
    /// The file of its keys.
    #[error("{}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        reason: String,
    },
    /// More than are taken.
    #[error("there are {0} of them; at most {ISSUERS_MAX} are allowed")]
    TooMany(usize),
    /// Two that could be taken for each other.
    #[error("{0:?} is there twice")]
    Twice(String),
    /// Two that speak for the same users.
    #[error(
        "{0:?} and {1:?} have the same tenant, or both none: each must have its own, so that no \
         user of one can be taken for one of the other"
    )]
    SameTenant(String, String),
    /// Two that may name any tenant.
    #[error("{0:?} and {1:?} both have a tenant_claim: only one may, the others need a tenant")]
    TwoClaims(String, String),
    /// One whose users could be taken for accounts.
    #[error(
        "{0:?} needs a tenant or a tenant_claim: with auth.mode = \"accounts\", users without one \
         are the relay's own accounts"
    )]
    LikeAccounts(String),
    /// None where only they let anybody in.
    #[error("auth.mode = \"tokens\" needs at least one of them: nobody could come in")]
    NoneAtAll,
}

impl Issuer {
    /// Checks what issuers have to do with each other, and reads the files of their keys once.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check_all(issuers: &[Issuer], mode: Mode) -> Result<(), InvalidIssuer> {
        if issuers.len() > ISSUERS_MAX {
            return Err(InvalidIssuer::TooMany(issuers.len()));
        }
        if issuers.is_empty() && mode == Mode::Tokens {
            return Err(InvalidIssuer::NoneAtAll);
        }
        for (index, issuer) in issuers.iter().enumerate() {
            for other in issuers.iter().take(index) {
                other.check_beside(issuer)?;
            }
            if mode == Mode::Accounts && issuer.tenant == TenantRule::None {
                return Err(InvalidIssuer::LikeAccounts(issuer.name.clone()));
            }
            issuer.read_keys()?;
        }
        Ok(())
    }

    fn check_beside(&self, other: &Issuer) -> Result<(), InvalidIssuer> {
        let (own, others) = (self.name.clone(), other.name.clone());
        match (&self.tenant, &other.tenant) {
            _ if own == others => Err(InvalidIssuer::Twice(own)),
            (TenantRule::Claim(_), TenantRule::Claim(_)) => {
                Err(InvalidIssuer::TwoClaims(own, others))
            }
            (one, another) if one == another => Err(InvalidIssuer::SameTenant(own, others)),
            _ => Ok(()),
        }
    }

    /// Its keys, where they are on this machine; `None` where they have to be fetched.
    pub(super) fn read_keys(&self) -> Result<Option<Keys>, InvalidIssuer> {
        let read = |path: &Path, keys: &dyn Fn(&[u8]) -> Result<Keys, InvalidKeys>| {
            let bytes = read_file(path)?;
            keys(&bytes)
                .map(Some)
                .map_err(|error| InvalidIssuer::Keys { path: path.to_owned(), error })
        };
        match &self.keys {
            KeySource::Secret(secret) => {
                Keys::of_secret(secret.reveal().as_bytes()).map(Some).map_err(|_| SHORT_SECRET)
            }
            KeySource::SecretFile(path) => read(path, &|bytes| Keys::of_secret(without_end(bytes))),
            KeySource::KeyFile(path) => read(path, &|bytes| Keys::of_pem(bytes, &self.algorithms)),
            KeySource::JwksFile(path) => {
                read(path, &|bytes| Keys::of_jwks(bytes, &self.algorithms))
            }
            KeySource::JwksUrl(_) => Ok(None),
        }
    }
}

const SHORT_SECRET: InvalidIssuer =
    InvalidIssuer::Setting { setting: "secret", allowed: "a text of at least 32 bytes" };

/// An issuer as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    issuer: String,
    audience: Value,
    algorithms: Vec<String>,
    /// Not as a text: what is wrong with it must not be printed.
    secret: Option<Value>,
    secret_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    jwks_file: Option<PathBuf>,
    jwks_url: Option<String>,
    tenant: Option<String>,
    tenant_claim: Option<String>,
    user_claim: Option<String>,
    roles_claim: Option<String>,
    session_s_max: Option<i64>,
}

impl TryFrom<Said> for Issuer {
    type Error = InvalidIssuer;

    fn try_from(said: Said) -> Result<Self, InvalidIssuer> {
        let must_be = |setting, allowed| InvalidIssuer::Setting { setting, allowed };
        let is_name = |text: &str| {
            (1..=NAME_BYTES_MAX).contains(&text.len())
                && !text.chars().any(|char| char.is_whitespace() || char.is_control())
        };
        if !is_name(&said.issuer) {
            return Err(must_be("issuer", "what its tokens have in iss, without spaces"));
        }
        let audiences = audiences(&said.audience).ok_or(must_be(
            "audience",
            "what its tokens have in aud: a text, or a list of up to 16",
        ))?;
        let algorithms = algorithms(&said.algorithms)
            .ok_or(must_be("algorithms", "a list of some of HS256, RS256, ES256, EdDSA"))?;
        let tenant = tenant(&said)?;
        let claim = |setting, said: Option<String>, usual: &str| match said {
            None => Ok(usual.to_owned()),
            Some(claim) if is_name(&claim) => Ok(claim),
            Some(_) => Err(must_be(setting, "a claim's name")),
        };
        let user_claim = claim("user_claim", said.user_claim.clone(), "sub")?;
        let roles_claim = match said.roles_claim.as_deref() {
            Some("") => None,
            _ => Some(claim("roles_claim", said.roles_claim.clone(), "roles")?),
        };
        let session_max = match said.session_s_max {
            None => None,
            Some(seconds @ 60..=31_536_000) => {
                Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
            }
            Some(_) => {
                return Err(must_be("session_s_max", "whole seconds from 60 to 31536000"));
            }
        };
        let name = said.issuer.clone();
        let keys = key_source(said)?;
        let is_shared = matches!(keys, KeySource::Secret(_) | KeySource::SecretFile(_));
        if is_shared != algorithms.contains(&Algorithm::Hs256)
            || (is_shared && algorithms.len() > 1)
        {
            let allowed = "[\"HS256\"] with secret and secret_file, and only with them";
            return Err(must_be("algorithms", allowed));
        }
        let issuer = Issuer {
            name,
            audiences,
            algorithms,
            keys,
            tenant,
            user_claim,
            roles_claim,
            session_max,
        };
        Ok(issuer)
    }
}

fn audiences(said: &Value) -> Option<BTreeSet<String>> {
    let text = |value: &Value| {
        let text = value.as_str().filter(|text| (1..=NAME_BYTES_MAX).contains(&text.len()));
        text.map(str::to_owned)
    };
    let audiences: BTreeSet<String> = match said {
        Value::Array(several) => several.iter().map(text).collect::<Option<_>>()?,
        one => [text(one)?].into(),
    };
    (1..=AUDIENCES_MAX).contains(&audiences.len()).then_some(audiences)
}

fn algorithms(said: &[String]) -> Option<Vec<Algorithm>> {
    let algorithms: BTreeSet<Algorithm> =
        said.iter().map(|name| name.parse().ok()).collect::<Option<_>>()?;
    (!algorithms.is_empty()).then(|| algorithms.into_iter().collect())
}

fn tenant(said: &Said) -> Result<TenantRule, InvalidIssuer> {
    let must_be = |setting, allowed| InvalidIssuer::Setting { setting, allowed };
    match (&said.tenant, &said.tenant_claim) {
        (None, None) => Ok(TenantRule::None),
        (Some(tenant), None) => tenant.parse().map(TenantRule::Fixed).map_err(|_| {
            must_be("tenant", "a tenant's name (1 to 32 of a-z, 0-9 and -; not default)")
        }),
        (None, Some(claim)) if !claim.is_empty() => Ok(TenantRule::Claim(claim.clone())),
        (None, Some(_)) => Err(must_be("tenant_claim", "a claim's name")),
        (Some(_), Some(_)) => Err(must_be("tenant", "left out where there is a tenant_claim")),
    }
}

/// Exactly one.
fn key_source(said: Said) -> Result<KeySource, InvalidIssuer> {
    let must_be = |setting, allowed| InvalidIssuer::Setting { setting, allowed };
    let secret = match said.secret {
        None => None,
        Some(Value::String(secret)) if Keys::of_secret(secret.as_bytes()).is_ok() => {
            Some(KeySource::Secret(Secret::new(secret)))
        }
        Some(_) => return Err(SHORT_SECRET),
    };
    let url = said.jwks_url.map(|url| url.parse().map(KeySource::JwksUrl)).transpose();
    let url = url.map_err(|_| {
        let allowed = "an address with https (or http to this machine itself), without a user, a \
                       password and a #";
        must_be("jwks_url", allowed)
    })?;
    let sources = [
        secret,
        said.secret_file.map(KeySource::SecretFile),
        said.key_file.map(KeySource::KeyFile),
        said.jwks_file.map(KeySource::JwksFile),
        url,
    ];
    let mut sources = sources.into_iter().flatten();
    match (sources.next(), sources.next()) {
        (Some(only), None) => Ok(only),
        _ => {
            let allowed = "there once: one of secret, secret_file, key_file, jwks_file, jwks_url";
            Err(must_be("its source of keys", allowed))
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, InvalidIssuer> {
    let unreadable = |reason: String| InvalidIssuer::Unreadable { path: path.to_owned(), reason };
    let limit = u64::try_from(KEYS_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| unreadable(error.to_string()))?;
    match bytes.len() > KEYS_BYTES_MAX {
        true => Err(unreadable(format!("it has more than {KEYS_BYTES_MAX} bytes"))),
        false => Ok(bytes),
    }
}

/// Editors end files with a line break, which belongs to no secret.
fn without_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
