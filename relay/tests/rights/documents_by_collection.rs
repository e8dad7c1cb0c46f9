//! "Our interns may read notes and write none": a write that is not allowed is answered, and holds
//! nothing up.

use serde_json::json;

use crate::client::Client;
use crate::device::{Device, edit};
use crate::house::House;
use crate::somebody_elses::pushed;

const INTERNS: &str = r#"
    [[rights]]
    role = "intern"
    effect = "deny"
    collections = { write = ["notes"] }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_not_allowed_is_rejected_once_and_the_next_goes_through() {
    let house = House::open(INTERNS).await;
    let (mut intern, _) = Client::enter(&house, "ann role=intern").await;
    intern.subscribe("documents:ann").await;
    let mut phone = Device::new("ann", 1);
    let note = phone.write(edit("notes/A", 0, &[("text", None, Some("mine"))]));
    let setting = phone.write(edit("settings/x", 0, &[("theme", None, Some("dark"))]));
    let push = pushed(&phone, vec![note, setting]);
    let answer = intern.ask("push", push.clone()).await;
    let receipts = &answer["result"]["receipts"];
    assert_eq!(receipts[0]["outcome"]["is"], "rejected", "{answer}");
    assert_eq!(receipts[0]["outcome"]["error"]["code"], "forbidden");
    let says = receipts[0]["outcome"]["error"]["message"].as_str().unwrap();
    assert!(says.contains("not allowed to write notes") && says.contains("nothing was changed"));
    assert_eq!(receipts[1]["outcome"]["is"], "applied", "{answer}");
    // The answer got lost; meanwhile she is no intern any more. It is the same answer.
    let (mut later, _) = Client::enter(&house, "ann").await;
    let again = later.ask("push", push).await;
    assert_eq!(again["result"], answer["result"]);
    let documents = later.ask("documents", json!({})).await;
    let documents = documents["result"]["documents"].as_array().unwrap().clone();
    assert_eq!(documents.len(), 1, "{documents:?}");
    // What was not allowed then can be written now, as a write of its own.
    let anew = phone.write(edit("notes/A", 0, &[("text", None, Some("mine"))]));
    let answer = later.ask("push", pushed(&phone, vec![anew])).await;
    assert_eq!(answer["result"]["receipts"][0]["outcome"]["is"], "applied", "{answer}");
}

const KIOSK: &str = r#"
    [[rights]]
    role = "kiosk"
    effect = "deny"
    collections = { read = ["notes"] }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_read_is_in_no_answer_and_in_no_conflict() {
    let house = House::open(KIOSK).await;
    let (mut home, _) = Client::enter(&house, "ann").await;
    let (mut phone, mut tablet) = (Device::new("ann", 1), Device::new("ann", 2));
    let secret = |text: &'static str| edit("notes/A", 0, &[("text", None, Some(text))]);
    let manual = |draft| tidemark_shared::documents::Draft {
        policy: Some("manual".parse().unwrap()),
        ..draft
    };
    let first = phone.write(secret("hidden one"));
    let setting = phone.write(edit("settings/x", 0, &[("theme", None, Some("dark"))]));
    home.ask("push", pushed(&phone, vec![first, setting])).await;
    let second = tablet.write(manual(secret("hidden two")));
    let answer = home.ask("push", pushed(&tablet, vec![second])).await;
    let outcome = &answer["result"]["receipts"][0]["outcome"];
    assert_eq!(outcome["is"], "conflict", "{answer}");
    let conflict = format!("conflicts/{}", outcome["conflict"].as_str().unwrap());

    let (mut kiosk, _) = Client::enter(&house, "ann role=kiosk").await;
    let error = kiosk.refused("documents:ann").await;
    assert_eq!(error["code"], "forbidden");
    let documents = kiosk.ask("documents", json!({})).await;
    let result = &documents["result"];
    assert_eq!(result["documents"].as_array().unwrap().len(), 1, "{documents}");
    assert_eq!(result["to"], result["head"], "it can be read on from there");
    let history = kiosk.ask("history", json!({"entity": "notes/A"})).await;
    assert_eq!(history["error"]["code"], "forbidden", "{history}");
    let history = kiosk.ask("history", json!({"entity": conflict})).await;
    assert_eq!(history["result"]["revisions"], json!([]), "{history}");
    assert!(!kiosk.heard.contains("hidden"), "{}", kiosk.heard);
    let history = home.ask("history", json!({"entity": conflict})).await;
    assert!(history.to_string().contains("hidden one"), "{history}");
}
