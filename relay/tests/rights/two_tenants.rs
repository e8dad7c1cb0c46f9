//! "We share a relay with our competitor": two tenants with the same user names, documents, queues
//! and numbers, at every door and on every transport. Each marks all that it writes with its own
//! word, and the other's is searched for in all that was ever heard.

use serde_json::{Value, json};
use tidemark_shared::documents::Draft;

use crate::client::{Client, Transport};
use crate::device::{Device, edit};
use crate::house::House;
use crate::somebody_elses::pushed;

struct Side {
    word: &'static str,
    tenant: &'static str,
    client: Client,
    phone: Device,
    tablet: Device,
}

impl Side {
    async fn enter(
        house: &House,
        transport: Transport,
        tenant: &'static str,
        word: &'static str,
    ) -> Self {
        let user = format!("ann@{tenant}");
        let (client, welcome) = Client::enter_by(house, transport, &user).await;
        assert_eq!(welcome["user"], user.as_str());
        let (phone, tablet) = (Device::new(&user, 1), Device::new(&user, 2));
        Side { word, tenant, client, phone, tablet }
    }

    fn draft(&self, text: &str, base: u64) -> Draft {
        let text = format!("{} {text}", self.word);
        let draft = edit("notes/A", base, &[("text", None, Some(&text))]);
        Draft { policy: Some("manual".parse().unwrap()), ..draft }
    }

    async fn push(&mut self, from_tablet: bool, text: &str) -> Value {
        let draft = self.draft(text, 0);
        let device = if from_tablet { &mut self.tablet } else { &mut self.phone };
        let mutation = device.write(draft);
        let push = pushed(device, vec![mutation]);
        self.client.ask("push", push).await["result"].clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_ever_sees_a_byte_of_the_other() {
    for transport in Transport::ALL {
        let house = House::open("").await;
        let mut acme = Side::enter(&house, transport, "acme", "turquoise").await;
        let mut zeta = Side::enter(&house, transport, "zeta", "vermilion").await;
        for side in [&mut acme, &mut zeta] {
            let own = format!("documents:ann@{}", side.tenant);
            assert_eq!(side.client.subscribe(&own).await[0]["type"], "subscribed");
        }
        // The same group, number and document on both sides, by turns.
        let mut conflicts = Vec::new();
        for side in [&mut acme, &mut zeta] {
            let first = side.push(false, "one").await;
            assert_eq!(first["receipts"][0]["outcome"]["is"], "applied", "{first}");
        }
        for side in [&mut zeta, &mut acme] {
            let second = side.push(true, "two").await;
            assert_eq!(second["receipts"][0]["outcome"]["is"], "conflict", "{second}");
            conflicts.push(second["receipts"][0]["outcome"]["conflict"].clone());
        }
        assert_eq!(conflicts[0], conflicts[1], "the ids are the same, and name two conflicts");
        let conflict = conflicts[0].as_str().unwrap().to_owned();
        for (side, other) in [(&mut acme, "zeta"), (&mut zeta, "acme")] {
            for topic in [
                format!("documents:ann@{other}"),
                format!("alert:ann@{other}"),
                "documents:ann".to_owned(),
                "order:ann".to_owned(),
                "portfolio:ann".to_owned(),
            ] {
                assert_eq!(side.client.refused(&topic).await["code"], "forbidden", "{topic}");
            }
            let documents = side.client.ask("documents", json!({})).await;
            let documents = documents["result"]["documents"].as_array().unwrap();
            assert_eq!(documents.len(), 2, "the note and the conflict");
            for entity in ["notes/A".to_owned(), format!("conflicts/{conflict}")] {
                let history = side.client.ask("history", json!({"entity": entity})).await;
                assert_eq!(history["result"]["revisions"].as_array().unwrap().len(), 1);
            }
            // The other's write, sealed for the other, in the group that both have.
            let mut theirs = Device::new(&format!("ann@{other}"), 1);
            theirs.last = side.phone.last;
            let stolen = theirs.write(edit("notes/B", 0, &[("text", None, Some("x"))]));
            let answer = side.client.ask("push", pushed(&theirs, vec![stolen])).await;
            let outcome = &answer["result"]["receipts"][0]["outcome"];
            assert_eq!(outcome["error"]["code"], "forbidden", "{answer}");
            side.phone.last = theirs.last;
            // The news of one's own come, and what was pushed is answered again as it was.
            side.client.up_to_now().await;
        }
        for (side, others) in [(&acme, zeta.word), (&zeta, acme.word)] {
            assert!(side.client.heard.contains(side.word));
            assert!(!side.client.heard.contains(others), "{transport:?}: {}", side.client.heard);
        }
    }
}
