//! "One rule says yes, another says no": for each question the first counts that speaks of it.

use tidemark_relay::rights::{Act, MarketSight, Owner, Rights};
use tidemark_shared::documents::Collection;
use tidemark_shared::protocol::{Method, Pattern};

use crate::house::{rights, somebody};

fn reads(rights: &Rights, topic: &str) -> bool {
    let pattern: Pattern = topic.parse().unwrap();
    let owner = Owner::by_name(&pattern);
    rights.may(&somebody("alice"), Act::Subscribe { pattern: &pattern, owner: &owner }).is_ok()
}

const ALLOW: &str = "[[rights]]\nuser = \"alice\"\ntopics = [\"price:A*\"]\n\
                     collections = { write = [\"notes\"] }\nmarket = \"live\"\n";
const DENY: &str = "[[rights]]\neverybody = true\neffect = \"deny\"\ntopics = [\"price:*\"]\n\
                    collections = { write = [\"*\"] }\nmarket = \"delayed\"\n";

#[test]
fn the_first_counts_whichever_it_is() {
    let allowed = rights(&format!("{ALLOW}{DENY}"));
    assert!(reads(&allowed, "price:A") && !reads(&allowed, "price:B"));
    let alice = somebody("alice");
    assert_eq!(allowed.may(&alice, Act::Write(&Collection::notes())), Ok(()));
    assert!(allowed.may(&alice, Act::Write(&Collection::layouts())).is_err());
    assert_eq!(allowed.market(&alice), MarketSight::Live);

    let denied = rights(&format!("{DENY}{ALLOW}"));
    assert!(!reads(&denied, "price:A"));
    assert!(denied.may(&alice, Act::Write(&Collection::notes())).is_err());
    assert_ne!(denied.market(&alice), MarketSight::Live);
}

#[test]
fn a_rule_that_does_not_speak_of_it_is_passed_over() {
    let rights = rights(
        "[[rights]]\nuser = \"alice\"\nmarket = \"live\"\n\
         [[rights]]\nuser = \"alice\"\neffect = \"deny\"\ntopics = [\"feed:*\"]\n\
         [[rights]]\neverybody = true\nmarket = \"none\"\n",
    );
    assert!(reads(&rights, "price:A") && !reads(&rights, "feed:a") && !reads(&rights, "feed:*"));
}

#[test]
fn which_prices_and_how_fresh_are_two_questions_and_both_must_be_answered() {
    let rights = rights(
        "[[rights]]\neverybody = true\ntopics = [\"price:*\", \"bars:*\"]\n\
         [[rights]]\neverybody = true\nmarket = \"delayed\"\n",
    );
    assert!(!reads(&rights, "price:A") && !reads(&rights, "bars:1m:A"));
    assert!(reads(&rights, "delayed:A"));
}

#[test]
fn a_class_is_judged_by_rules_about_all_of_it() {
    let one = "[[rights]]\neverybody = true\neffect = \"deny\"\ntopics = [\"feed:secret\"]\n";
    let rights_of_one = rights(one);
    assert!(reads(&rights_of_one, "feed:*") && !reads(&rights_of_one, "feed:secret"));
    let all = rights("[[rights]]\neverybody = true\neffect = \"deny\"\ntopics = [\"feed:*\"]\n");
    assert!(!reads(&all, "feed:*") && !reads(&all, "feed:open"));
}

#[test]
fn what_is_denied_as_a_topic_is_denied_as_a_question() {
    let rights = rights(
        "[[rights]]\neverybody = true\neffect = \"deny\"\n\
         topics = [\"price:A\", \"bars:1m:A\", \"documents:*\"]\n",
    );
    let alice = somebody("alice");
    let asks = |method: &str, params: &str| {
        let method: Method =
            serde_json::from_str(&format!(r#"{{"method":"{method}","params":{params}}}"#)).unwrap();
        rights.may(&alice, Act::Ask(&method)).is_ok()
    };
    for (method, params, allowed) in [
        ("price", r#"{"symbol":"A"}"#, false),
        ("price", r#"{"symbol":"B"}"#, true),
        ("ticks", r#"{"symbol":"A"}"#, false),
        ("analytics", r#"{"symbol":"A"}"#, false),
        ("bars", r#"{"symbol":"A","interval":"1m"}"#, false),
        ("bars", r#"{"symbol":"A","interval":"5m"}"#, true),
        ("documents", "{}", false),
        ("history", r#"{"entity":"notes/A"}"#, false),
        ("instruments", "{}", true),
        ("ping", "{}", true),
    ] {
        assert_eq!(asks(method, params), allowed, "{method} {params}");
    }
}
