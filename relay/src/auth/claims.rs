//! From what a token says to who somebody is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{Tenant, UserName};

use super::issuer::{Issuer, TenantRule};
use super::token::{Members, Token, TokenError, hex};
use super::{Credential, Identity, Role, SignedInBy};

/// What rules may look at, at most: each is kept for as long as the connection lives.
const CLAIMS_MAX: usize = 64;
const CLAIM_NAME_BYTES_MAX: usize = 64;
const CLAIM_VALUE_BYTES_MAX: usize = 512;
const CLAIM_ITEMS_MAX: usize = 128;

/// Most roles of one user.
const ROLES_MAX: usize = 64;

/// Longest `jti` that is shown to operators as it is.
const TOKEN_ID_BYTES_MAX: usize = 128;

/// They say something about the token, not about its user.
const ABOUT_THE_TOKEN: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// What all issuers' tokens are held against.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds {
    /// So far clocks may be from ours.
    pub(super) leeway: Duration,
    /// Tenants that are one issuer's only.
    pub(super) taken: BTreeSet<Tenant>,
}

/// Whose a token says that it is.
pub(super) fn issuer_of(claims: &Members) -> Result<&str, TokenError> {
    claims.get("iss").and_then(Value::as_str).ok_or(TokenError::Claim("iss"))
}

/// Who somebody would be by a token, if it is signed.
pub(super) fn identity(
    token: &Token<'_>,
    issuer: &Issuer,
    bounds: &Bounds,
    now: UnixMillis,
) -> Result<Identity, TokenError> {
    let claims = &token.claims;
    check_audience(claims, issuer)?;
    let ends_at = end(claims, issuer, bounds.leeway, now)?;
    let user = user(claims, issuer, &tenant(claims, issuer, bounds)?)?;
    Ok(Identity {
        user,
        by: SignedInBy::Token,
        roles: issuer.roles_claim.as_ref().map_or_else(BTreeSet::new, |name| roles(claims, name)),
        claims: about_the_user(claims),
        ends_at: Some(ends_at),
        credential: Some(credential(token, issuer)?),
    })
}

fn check_audience(claims: &Members, issuer: &Issuer) -> Result<(), TokenError> {
    let missing = TokenError::Claim("aud");
    let is_ours = match claims.get("aud").ok_or(missing)? {
        Value::String(one) => issuer.audiences.contains(one),
        Value::Array(several) => {
            let texts: Option<Vec<&str>> = several.iter().map(Value::as_str).collect();
            texts.ok_or(missing)?.iter().any(|one| issuer.audiences.contains(*one))
        }
        _ => return Err(missing),
    };
    is_ours.then_some(()).ok_or(TokenError::Audience)
}

/// When it ends. Clocks may differ by the leeway, at either end.
fn end(
    claims: &Members,
    issuer: &Issuer,
    leeway: Duration,
    now: UnixMillis,
) -> Result<UnixMillis, TokenError> {
    let expires = time(claims, "exp")?.ok_or(TokenError::Claim("exp"))?;
    let (begins, issued) = (time(claims, "nbf")?, time(claims, "iat")?);
    if [begins, issued].into_iter().flatten().any(|time| time > now + leeway) {
        return Err(TokenError::NotYet);
    }
    let mut ends_at = expires + leeway;
    if let Some(longest) = issuer.session_max {
        // One that does not say when it was made begins with each use.
        ends_at = ends_at.min(issued.unwrap_or(now) + longest + leeway);
    }
    if ends_at <= now {
        return Err(TokenError::Expired);
    }
    Ok(ends_at)
}

/// A time in seconds; a text that looks like one is none.
fn time(claims: &Members, name: &'static str) -> Result<Option<UnixMillis>, TokenError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().filter(|seconds| seconds.is_finite());
    let seconds = seconds.ok_or(TokenError::Claim(name))?;
    // Beyond what can be counted it is the last time there is.
    Ok(Some(UnixMillis((seconds * 1_000.0) as i64)))
}

fn tenant(
    claims: &Members,
    issuer: &Issuer,
    bounds: &Bounds,
) -> Result<Option<Tenant>, TokenError> {
    let claim = match &issuer.tenant {
        TenantRule::None => return Ok(None),
        TenantRule::Fixed(tenant) => return Ok(Some(tenant.clone())),
        TenantRule::Claim(claim) => claim,
    };
    let said = claims.get(claim).and_then(Value::as_str).ok_or(TokenError::Claim("the tenant"))?;
    let tenant: Tenant = said.parse().map_err(|_| TokenError::Claim("the tenant"))?;
    match bounds.taken.contains(&tenant) {
        true => Err(TokenError::Tenant),
        false => Ok(Some(tenant)),
    }
}

/// The user's name; a subject that is none gets one that nobody else has or can choose.
fn user(
    claims: &Members,
    issuer: &Issuer,
    tenant: &Option<Tenant>,
) -> Result<UserName, TokenError> {
    let missing = TokenError::Claim("the user");
    let subject = match claims.get(&issuer.user_claim).ok_or(missing)? {
        Value::String(subject) if !subject.is_empty() => subject.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        _ => return Err(missing),
    };
    let tenant = tenant.as_ref();
    let is_taken = |name: &UserName| looks_made(name.local()) || *name == Identity::guest().user;
    match UserName::in_tenant(&subject, tenant) {
        Ok(name) if !is_taken(&name) => Ok(name),
        _ => UserName::in_tenant(&made_name(&issuer.name, &subject), tenant).map_err(|_| missing),
    }
}

/// `x-` and 32 hexadecimal digits, made of the issuer and the subject.
fn made_name(issuer: &str, subject: &str) -> String {
    let mut digits = digest_of_two(issuer, subject);
    digits.truncate(32);
    format!("x-{digits}")
}

fn looks_made(name: &str) -> bool {
    let digits = name.strip_prefix("x-").unwrap_or("");
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn roles(claims: &Members, name: &str) -> BTreeSet<Role> {
    let texts: Vec<&str> = match claims.get(name) {
        Some(Value::String(text)) => text.split_ascii_whitespace().collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().filter_map(|text| text.parse().ok()).take(ROLES_MAX).collect()
}

/// Texts, numbers and switches, and lists of them. The rest is left out.
fn about_the_user(claims: &Members) -> BTreeMap<String, BTreeSet<String>> {
    let about = claims.iter().filter(|(name, _)| {
        name.len() <= CLAIM_NAME_BYTES_MAX && !ABOUT_THE_TOKEN.contains(&name.as_str())
    });
    let read = about.filter_map(|(name, value)| {
        let items: BTreeSet<String> = match value {
            Value::Array(items) => items.iter().filter_map(word).take(CLAIM_ITEMS_MAX).collect(),
            one => word(one).into_iter().collect(),
        };
        (!items.is_empty()).then(|| (name.clone(), items))
    });
    read.take(CLAIMS_MAX).collect()
}

fn word(value: &Value) -> Option<String> {
    let word = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(switch) => switch.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (word.len() <= CLAIM_VALUE_BYTES_MAX).then_some(word)
}

/// What can be banned of it: its number at its issuer, or what it says, in short.
fn credential(token: &Token<'_>, issuer: &Issuer) -> Result<Credential, TokenError> {
    let is_plain =
        |id: &str| id.len() <= TOKEN_ID_BYTES_MAX && id.bytes().all(|byte| byte.is_ascii_graphic());
    let name = match token.claims.get("jti") {
        None => format!("token:{}", token.digest()),
        // No issuer has a space in its name, so no two of these are the same.
        Some(Value::String(id)) if is_plain(id) => format!("jti:{} {id}", issuer.name),
        Some(Value::String(id)) => format!("jti-sha256:{}", digest_of_two(&issuer.name, id)),
        Some(_) => return Err(TokenError::Claim("jti")),
    };
    Ok(Credential(name.into()))
}

fn digest_of_two(issuer: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(issuer.as_bytes());
    hash.update([0]);
    hash.update(text.as_bytes());
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests;
