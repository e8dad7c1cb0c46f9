//! The rules of what users may do, as the operator has them.

use serde::Deserialize;
use tidemark_shared::documents::{Collection, Tenant, UserName};
use toml::Value;

use super::error::ConfigError;
use crate::rights::{Claim, CollectionPattern, Effect, ForWhom, MarketRight, Rule, TopicPattern};

/// Most rules: each may be looked at for each question.
const RULES_MAX: usize = 256;

/// Most patterns of a rule, for the same reason.
const PATTERNS_MAX: usize = 256;

/// Reads and checks the rules, in their order.
pub(super) fn rights(values: &[Value]) -> Result<Vec<Rule>, Vec<ConfigError>> {
    if values.len() > RULES_MAX {
        let reason = format!("{} of them: at most {RULES_MAX} are allowed", values.len());
        return Err(vec![ConfigError::Rights { reason }]);
    }
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for (value, number) in values.iter().zip(1..) {
        match rule(value) {
            Ok(rule) => rules.push(rule),
            Err(reason) => {
                let reason = reason.lines().collect::<Vec<_>>().join("; ");
                errors.push(ConfigError::Rights { reason: format!("rule {number}: {reason}") });
            }
        }
    }
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    user: Option<UserName>,
    tenant: Option<Tenant>,
    role: Option<String>,
    claim: Option<SaidClaim>,
    guests: Option<bool>,
    everybody: Option<bool>,
    effect: Option<SaidEffect>,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    collections: SaidCollections,
    market: Option<SaidMarket>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidClaim {
    name: String,
    is: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SaidCollections {
    read: Vec<String>,
    write: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SaidEffect {
    Allow,
    Deny,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SaidMarket {
    Live,
    Delayed,
    None,
}

fn rule(value: &Value) -> Result<Rule, String> {
    let said: Said =
        value.clone().try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let who = for_whom(&said)?;
    let topics: Vec<TopicPattern> = all(&said.topics, |text| {
        text.parse().map_err(|error: crate::rights::pattern::InvalidTopicPattern| error.to_string())
    })?;
    let read = all(&said.collections.read, collection)?;
    let write = all(&said.collections.write, collection)?;
    if write.contains(&CollectionPattern::One(Collection::conflicts())) {
        return Err("conflicts are written by the relay only: leave them out of `write`".to_owned());
    }
    let names_something = !(topics.is_empty() && read.is_empty() && write.is_empty());
    if !names_something && said.effect.is_some() {
        return Err("`effect` is about `topics` and `collections`, and there are none".to_owned());
    }
    if !names_something && said.market.is_none() {
        return Err("it says nothing: name `topics`, `collections` or `market`".to_owned());
    }
    let effect = match said.effect {
        None | Some(SaidEffect::Allow) => Effect::Allow,
        Some(SaidEffect::Deny) => Effect::Deny,
    };
    let market = said.market.map(|market| match market {
        SaidMarket::Live => MarketRight::Live,
        SaidMarket::Delayed => MarketRight::Delayed,
        SaidMarket::None => MarketRight::Nothing,
    });
    Ok(Rule { who, effect, topics, read, write, market })
}

fn for_whom(said: &Said) -> Result<ForWhom, String> {
    for (name, switch) in [("guests", said.guests), ("everybody", said.everybody)] {
        if switch == Some(false) {
            return Err(format!("{name} = false means nobody: leave it out"));
        }
    }
    let (guests, everybody) = (said.guests.is_some(), said.everybody.is_some());
    let role = said.role.as_ref().map(|role| role.parse()).transpose();
    let role = role.map_err(|error: crate::auth::identity::InvalidRole| error.to_string())?;
    let user = match (&said.user, &said.tenant) {
        (Some(user), Some(tenant)) if user.tenant().is_none() => {
            let user = UserName::in_tenant(user.as_str(), Some(tenant));
            Some(user.map_err(|error| error.to_string())?)
        }
        (Some(user), Some(tenant)) if user.tenant() != Some(tenant.as_str()) => {
            return Err(format!("{user} is not of the tenant {tenant}: it is for nobody"));
        }
        (user, _) => user.clone(),
    };
    let claim =
        said.claim.as_ref().map(|said| Claim { name: said.name.clone(), is: said.is.clone() });
    let who = ForWhom { user, tenant: said.tenant.clone(), role, claim, guests };
    let names_nobody = who == ForWhom::default();
    match (names_nobody, everybody) {
        (true, false) => Err("it is for nobody: name `user`, `tenant`, `role`, `claim`, `guests` \
                              or `everybody`"
            .to_owned()),
        (false, true) => Err("it is for everybody and for some: leave `everybody` out".to_owned()),
        _ => Ok(who),
    }
}

fn all<T>(texts: &[String], read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    if texts.len() > PATTERNS_MAX {
        return Err(format!(
            "a list has {} items: at most {PATTERNS_MAX} are allowed",
            texts.len()
        ));
    }
    texts.iter().map(|text| read(text)).collect()
}

fn collection(text: &str) -> Result<CollectionPattern, String> {
    match text {
        "*" => Ok(CollectionPattern::All),
        name => match name.parse() {
            Ok(collection) => Ok(CollectionPattern::One(collection)),
            Err(error) => Err(format!("{error}, nor * for all")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Rule>, Vec<String>> {
        let table: toml::Table = text.parse().unwrap();
        let values = table["rights"].as_array().unwrap();
        rights(values).map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_mistake_is_one_line_that_says_where_and_what() {
        let text = r#"
            [[rights]]
            user = "alice"
            [[rights]]
            topics = ["price:*"]
            [[rights]]
            everybody = true
            topics = ["prices:*"]
            [[rights]]
            everybody = true
            market = "late"
            [[rights]]
            everybody = true
            effect = "deny"
            market = "none"
            [[rights]]
            guests = false
            market = "none"
            [[rights]]
            user = "alice@zeta"
            tenant = "acme"
            market = "none"
            [[rights]]
            everybody = true
            guests = true
            market = "none"
            [[rights]]
            everybody = true
            collections = { write = ["conflicts"] }
            [[rights]]
            everybody = true
            collections = { read = ["My Notes"] }
            [[rights]]
            role = "a b"
            market = "none"
            [[rights]]
            everybody = true
            topic = ["price:*"]
        "#;
        let errors = read(text).unwrap_err();
        for (number, says) in [
            (1, "it says nothing"),
            (2, "it is for nobody"),
            (3, "\"prices:*\" is no pattern of topics"),
            (4, "unknown variant `late`"),
            (5, "`effect` is about `topics`"),
            (6, "guests = false means nobody"),
            (7, "alice@zeta is not of the tenant acme"),
            (8, "leave `everybody` out"),
            (9, "written by the relay only"),
            (10, "\"My Notes\" is not a collection's name"),
            (11, "\"a b\" is no role"),
            (12, "unknown field `topic`"),
        ] {
            let error = &errors[number - 1];
            assert!(error.starts_with(&format!("rights: rule {number}: ")), "{error}");
            assert!(error.contains(says) && error.lines().count() == 1, "{error}");
        }
        assert_eq!(errors.len(), 12);
    }

    #[test]
    fn a_rule_is_read_as_it_is_written() {
        let text = r#"
            [[rights]]
            user = "alice"
            tenant = "acme"
            role = "trader"
            claim = { name = "plan", is = "paid" }
            effect = "deny"
            topics = ["order:{user}", "*"]
            collections = { read = ["*"], write = ["notes"] }
            market = "none"
        "#;
        let rules = read(text).unwrap();
        let rule = &rules[0];
        assert_eq!(rule.who.user.as_ref().map(UserName::as_str), Some("alice@acme"));
        assert_eq!((rule.effect, rule.market), (Effect::Deny, Some(MarketRight::Nothing)));
        assert_eq!((rule.topics.len(), rule.read.len(), rule.write.len()), (2, 1, 1));
    }

    #[test]
    fn there_are_only_so_many_rules() {
        let rule = "[[rights]]\neverybody = true\nmarket = \"live\"\n";
        assert!(read(&rule.repeat(RULES_MAX)).is_ok());
        assert_eq!(read(&rule.repeat(RULES_MAX + 1)).unwrap_err().len(), 1);
    }
}
