//! "We pay for live prices": rules by role, by claim, by tenant, and by all of them together.

use tidemark_relay::rights::{Act, MarketSight, Owner, Rights};
use tidemark_shared::protocol::{ErrorCode, Pattern};

use crate::house::{DELAY, rights, somebody};

const RULES: &str = r#"
    [[rights]]
    claim = { name = "plan", is = "paid" }
    market = "live"

    [[rights]]
    role = "trader"
    tenant = "acme"
    market = "live"

    [[rights]]
    user = "carol"
    tenant = "zeta"
    market = "live"

    [[rights]]
    role = "banned"
    market = "none"

    [[rights]]
    everybody = true
    market = "delayed"
"#;

#[test]
fn all_that_a_rule_names_must_hold() {
    let rights = rights(RULES);
    let late = MarketSight::Delayed(DELAY);
    for (who, sight) in [
        ("alice plan=paid", MarketSight::Live),
        ("alice plan=free", late),
        ("alice plan=free plan=paid", MarketSight::Live),
        ("alice paid=plan", late),
        ("alice@acme role=trader", MarketSight::Live),
        ("alice@acme role=intern", late),
        ("alice@zeta role=trader", late),
        ("alice role=trader", late),
        ("carol@zeta", MarketSight::Live),
        ("carol", late),
        ("carol@acme", late),
        ("alice role=banned", MarketSight::Nothing),
        ("guest", late),
    ] {
        assert_eq!(rights.market(&somebody(who)), sight, "{who}");
    }
    assert!(rights.delays_somebody());
}

fn may(rights: &Rights, who: &str, topic: &str) -> Result<(), ErrorCode> {
    let pattern: Pattern = topic.parse().unwrap();
    let owner = Owner::by_name(&pattern);
    let act = Act::Subscribe { pattern: &pattern, owner: &owner };
    rights.may(&somebody(who), act).map_err(|refused| refused.code)
}

#[test]
fn a_desk_sees_its_own_symbols_only() {
    let rights = rights(
        r#"
        [[rights]]
        role = "fx"
        topics = ["price:EUR*", "bars:1m:EUR*", "documents:{user}"]

        [[rights]]
        role = "fx"
        effect = "deny"
        topics = ["*"]
    "#,
    );
    for (topic, allowed) in [
        ("price:EURUSD", true),
        ("bars:1m:EURUSD", true),
        ("bars:1s:EURUSD", false),
        ("price:AAPL", false),
        ("delayed:EURUSD", false),
        ("documents:alice", true),
        ("feed:*", false),
        ("market:overview", false),
        ("system:notifications", false),
    ] {
        assert_eq!(may(&rights, "alice role=fx", topic).is_ok(), allowed, "{topic}");
        assert_eq!(may(&rights, "alice", topic), Ok(()), "{topic}");
    }
}
