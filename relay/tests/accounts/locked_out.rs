//! "I am the only admin, and I have forgotten my password."

use std::process::Command;

use serde_json::json;
use tidemark_relay::operate::{OperateError, accounts, reset_password};

use super::{House, ROOT, secret_of};

const NEW: &str = "written down this time";

#[tokio::test]
async fn an_operator_gets_a_link_from_the_store_of_a_stopped_relay() {
    let (mut house, _) = House::lived_in(&[]).await;
    let data_dir = house.data_dir();
    let running = reset_password(&data_dir, "root");
    assert!(matches!(running, Err(OperateError::AccountsInUse)), "{running:?}");
    house.stop().await;

    let users: Vec<String> =
        accounts(&data_dir).unwrap().iter().map(|account| account.user.to_string()).collect();
    assert_eq!(users, ["alice", "root"]);
    let nobody = reset_password(&data_dir, "bob").unwrap_err();
    assert!(nobody.to_string().contains("there is no user bob"), "{nobody}");
    let link = reset_password(&data_dir, "root").unwrap().reveal();

    house.start().await;
    assert_eq!(house.running().first_admin_link(), None);
    let mut page = house.page();
    let of_another = json!({ "link": link, "user": "alice", "password": NEW });
    assert_eq!(page.post("/api/first-admin", &of_another).await.status, 403);
    let asked = json!({ "link": link, "user": "root", "password": NEW });
    let done = page.post("/api/first-admin", &asked).await;
    assert_eq!((done.status, &done.body["roles"]), (200, &json!(["admin"])));
    assert_eq!(page.get("/api/admin/users").await.status, 200);
    assert_eq!(house.page().post("/api/first-admin", &asked).await.status, 403, "once");
    assert_eq!(house.page().sign_in("root", ROOT).await.status, 401);
    house.signed_in("root", NEW).await;
}

#[tokio::test]
async fn the_same_from_the_command_line() {
    let (mut house, _) = House::lived_in(&[]).await;
    let data_dir = house.data_dir();
    let account = |verb: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidemark-relay"));
        command.arg("--data-dir").arg(&data_dir).args(["--listen", "0.0.0.0:7979"]);
        let output = command.arg("account").args(verb).output().unwrap();
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    let (done, said) = account(&["list"]);
    assert!(!done && said.contains("an admin does this on the page"), "{said}");
    house.stop().await;
    assert_eq!(account(&["list"]), (true, "alice ()\nroot (admin)\n".to_owned()));
    let (done, said) = account(&["reset-password", "root"]);
    assert!(done && said.contains("http://127.0.0.1:7979/#first-admin="), "{said}");
    let link = secret_of(said.trim());
    house.start().await;
    let asked = json!({ "link": link, "user": "root", "password": NEW });
    assert_eq!(house.page().post("/api/first-admin", &asked).await.status, 200);
}

#[test]
fn there_are_no_accounts_in_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = accounts(&folder.path().join("nowhere")).unwrap_err();
    assert!(nowhere.to_string().contains("there is no store in"), "{nowhere}");
}
