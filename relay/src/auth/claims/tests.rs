use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;

const NOW: UnixMillis = UnixMillis(1_763_640_000_000);
const NOW_S: i64 = 1_763_640_000;

fn issuer(more: &str) -> Issuer {
    let text = format!(
        "issuer = \"https://login.example/\"\naudience = [\"tidemark\", \"other\"]\n\
         algorithms = [\"HS256\"]\nsecret = \"{}\"\n{more}",
        "k".repeat(32)
    );
    toml::from_str(&text).unwrap()
}

fn said(more: &Value) -> Value {
    let mut said = json!({ "iss": "https://login.example/", "aud": "tidemark", "sub": "alice", "exp": NOW_S + 600 });
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => said.as_object_mut().unwrap().remove(name),
            value => said.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    said
}

fn read(issuer: &Issuer, more: &Value) -> Result<Identity, TokenError> {
    read_with(issuer, more, &Bounds { leeway: Duration::from_secs(30), ..Bounds::default() })
}

fn read_with(issuer: &Issuer, more: &Value, bounds: &Bounds) -> Result<Identity, TokenError> {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let head = part(r#"{"alg":"HS256"}"#.to_owned());
    let text = format!("{head}.{}.AAAA", part(said(more).to_string()));
    identity(&Token::read(&text)?, issuer, bounds, NOW)
}

#[test]
fn times_are_numbers_and_count_with_the_leeway() {
    let issuer = issuer("");
    let end = |more: Value| {
        read(&issuer, &more).map(|identity| identity.ends_at.unwrap().0 / 1_000 - NOW_S)
    };
    assert_eq!(end(json!({})), Ok(630));
    assert_eq!(end(json!({ "exp": NOW_S - 29 })), Ok(1));
    assert_eq!(end(json!({ "exp": NOW_S as f64 + 0.5 })), Ok(30));
    assert_eq!(end(json!({ "nbf": NOW_S + 30, "iat": NOW_S + 30 })), Ok(630));
    assert!(end(json!({ "exp": 1e300 })).is_ok());
    for (more, refusal) in [
        (json!({ "exp": null }), TokenError::Claim("exp")),
        (json!({ "exp": "1763640600" }), TokenError::Claim("exp")),
        (json!({ "exp": [NOW_S + 600] }), TokenError::Claim("exp")),
        (json!({ "exp": NOW_S - 30 }), TokenError::Expired),
        (json!({ "exp": 0 }), TokenError::Expired),
        (json!({ "exp": -1e300 }), TokenError::Expired),
        (json!({ "nbf": "1763640000" }), TokenError::Claim("nbf")),
        (json!({ "nbf": true }), TokenError::Claim("nbf")),
        (json!({ "nbf": NOW_S + 31 }), TokenError::NotYet),
        (json!({ "iat": "now" }), TokenError::Claim("iat")),
        (json!({ "iat": NOW_S + 31 }), TokenError::NotYet),
    ] {
        assert_eq!(end(more.clone()), Err(refusal), "{more}");
    }
}

#[test]
fn a_token_that_lives_longer_than_it_may_is_cut() {
    let issuer = issuer("session_s_max = 3600");
    let end = |more: Value| {
        read(&issuer, &more).map(|identity| identity.ends_at.unwrap().0 / 1_000 - NOW_S)
    };
    assert_eq!(end(json!({ "exp": NOW_S + 90_000 })), Ok(3_630));
    assert_eq!(end(json!({ "exp": NOW_S + 90_000, "iat": NOW_S - 3_000 })), Ok(630));
    assert_eq!(
        end(json!({ "exp": NOW_S + 90_000, "iat": NOW_S - 4_000 })),
        Err(TokenError::Expired)
    );
    assert_eq!(end(json!({ "exp": NOW_S + 60, "iat": NOW_S })), Ok(90));
}

#[test]
fn it_must_be_for_us() {
    let issuer = issuer("");
    for ours in [json!("other"), json!(["x", "tidemark"])] {
        assert!(read(&issuer, &json!({ "aud": ours })).is_ok());
    }
    for (theirs, refusal) in [
        (json!("tide"), TokenError::Audience),
        (json!("tidemark "), TokenError::Audience),
        (json!([]), TokenError::Audience),
        (json!(["x"]), TokenError::Audience),
        (json!(["tidemark", 5]), TokenError::Claim("aud")),
        (json!({ "tidemark": true }), TokenError::Claim("aud")),
        (Value::Null, TokenError::Claim("aud")),
    ] {
        assert_eq!(read(&issuer, &json!({ "aud": theirs })), Err(refusal), "{theirs}");
    }
}

#[test]
fn a_subject_that_is_no_name_gets_one_that_nobody_can_choose() {
    let issuer = issuer("");
    let name = |subject: Value| read(&issuer, &json!({ "sub": subject })).unwrap().user.to_string();
    assert_eq!(name(json!("alice_2")), "alice_2");
    assert_eq!(name(json!(42)), "42");
    let made = name(json!("auth0|alice"));
    // The first half of the SHA-256 of the issuer, a zero byte and the subject.
    assert_eq!(made, "x-359d2c21c756ae373be0dbf3ca965827");
    // Whoever is called like that gets another name, and so does a tenant's user without one.
    for tricky in
        [made.as_str(), &made.to_uppercase().replace('X', "x"), "alice@acme", "guest", "a b", "é"]
    {
        let named = name(json!(tricky));
        assert!(named.starts_with("x-") && named.len() == 34 && named != made, "{tricky}: {named}");
    }
    assert_ne!(name(json!("auth0|alice")), name(json!("auth0|Alice")));
    for none in [json!(""), json!(null), json!(["alice"]), json!(4.5), json!(true)] {
        assert_eq!(read(&issuer, &json!({ "sub": none })), Err(TokenError::Claim("the user")));
    }
}

#[test]
fn a_user_belongs_to_the_tenant_that_the_issuer_speaks_for() {
    let fixed = issuer("tenant = \"acme\"");
    assert_eq!(read(&fixed, &json!({ "tenant": "bigcorp" })).unwrap().user.as_str(), "alice@acme");
    assert_eq!(read(&fixed, &json!({ "sub": "guest" })).unwrap().user.as_str(), "guest@acme");
    let long = read(&fixed, &json!({ "sub": "bob@bigcorp" })).unwrap();
    assert!(long.user.local().starts_with("x-") && long.user.tenant() == Some("acme"));

    let claimed = issuer("tenant_claim = \"org\"");
    let bounds = Bounds { taken: ["acme".parse().unwrap()].into(), ..Bounds::default() };
    let org = |org: Value| read_with(&claimed, &json!({ "org": org }), &bounds);
    assert_eq!(org(json!("bigcorp")).unwrap().user.as_str(), "alice@bigcorp");
    assert_eq!(org(json!("acme")), Err(TokenError::Tenant));
    for none in [json!(null), json!(""), json!("Big Corp"), json!("default"), json!(["bigcorp"])] {
        assert_eq!(org(none), Err(TokenError::Claim("the tenant")));
    }
}

#[test]
fn roles_are_a_list_or_words_and_none_where_the_issuer_may_give_none() {
    let given = |issuer: &Issuer, more: Value| {
        let roles = read(issuer, &more).unwrap().roles;
        roles.iter().map(Role::to_string).collect::<Vec<_>>().join(",")
    };
    let usual = issuer("");
    assert_eq!(
        given(&usual, json!({ "roles": ["trader", "admin", 5, "no role"] })),
        "admin,trader"
    );
    assert_eq!(given(&usual, json!({ "roles": "trader  viewer" })), "trader,viewer");
    assert_eq!(given(&usual, json!({ "roles": { "admin": true } })), "");
    assert_eq!(
        given(&issuer("roles_claim = \"scope\""), json!({ "scope": "a:b", "roles": "admin" })),
        "a:b"
    );
    assert_eq!(given(&issuer("roles_claim = \"\""), json!({ "roles": "admin" })), "");
}

#[test]
fn rules_may_look_at_words_within_bounds() {
    let mut more = json!({
        "plan": "gold", "seats": 5, "beta": true, "desks": ["fx", "rates", null, {}],
        "address": { "city": "x" }, "nothing": [], "long": "x".repeat(513), "jti": "7"
    });
    let claims = read(&issuer(""), &more).unwrap().claims;
    let names: Vec<&str> = claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["beta", "desks", "plan", "seats", "sub"]);
    assert_eq!(claims["desks"], ["fx".to_owned(), "rates".to_owned()].into());
    assert!(claims["seats"].contains("5") && claims["beta"].contains("true"));
    for number in 0..100 {
        more[format!("claim{number}")] = json!(number);
    }
    assert_eq!(read(&issuer(""), &more).unwrap().claims.len(), CLAIMS_MAX);
}

#[test]
fn what_can_be_banned_is_never_the_token() {
    let issuer = issuer("");
    let of = |more: Value| {
        read(&issuer, &more).map(|identity| identity.credential.unwrap().0.to_string())
    };
    assert_eq!(of(json!({ "jti": "7f-1" })).unwrap(), "jti:https://login.example/ 7f-1");
    let hidden = of(json!({ "jti": "two words" })).unwrap();
    assert!(hidden.starts_with("jti-sha256:") && hidden.len() == 11 + 64, "{hidden}");
    let (one, other) = (of(json!({})).unwrap(), of(json!({ "n": 1 })).unwrap());
    assert!(one.starts_with("token:") && one.len() == 6 + 64 && one != other, "{one}");
    assert_eq!(of(json!({ "jti": 7 })), Err(TokenError::Claim("jti")));
}

#[test]
fn what_a_token_says_of_somebody_is_not_printed() {
    let identity = read(&issuer(""), &json!({ "email": "alice@example.org" })).unwrap();
    assert!(identity.claims.contains_key("email"));
    assert!(!format!("{identity:?}").contains("example.org"));
}
