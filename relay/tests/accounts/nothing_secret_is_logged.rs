//! What is written about signing in says who, and nothing that lets anybody in.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::EnvFilter;

use super::{House, Page};

/// Takes everything that this process logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn secrets_of(page: &Page) -> Vec<String> {
    let cookie = page.cookie.as_ref().unwrap().split_once('=').unwrap().1.to_owned();
    vec![cookie, page.csrf.clone().unwrap()]
}

#[tokio::test]
async fn the_log_names_users_and_shows_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    // All but the test's own client.
    let filter = EnvFilter::new("trace,tungstenite=off,tokio_tungstenite=off");
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    lines.with_writer(move || writer.clone()).init();

    let house = House::with(&["auth.sign_up=on"]).await;
    let passwords = ["zebra one zebra", "zebra two zebra", "zebra three zebra", "zebra4zebra"];
    let link = house.link();
    let mut secrets: Vec<String> = passwords.map(str::to_owned).to_vec();
    secrets.push(link.clone());
    let mut root = house.page();
    let asked = json!({ "link": link, "user": "zoe", "password": passwords[0] });
    assert_eq!(root.post("/api/first-admin", &asked).await.status, 200);
    secrets.extend(secrets_of(&root));
    let mut yann = house.page();
    let asked = json!({ "user": "yann", "password": passwords[1] });
    assert_eq!(yann.post("/api/sign-up", &asked).await.status, 200);
    secrets.extend(secrets_of(&yann));
    // Somebody types the password, or their address, where the name belongs.
    for slip in [passwords[3], "yann@mail.example"] {
        assert_eq!(house.page().sign_in(slip, passwords[1]).await.status, 401);
        secrets.push(slip.to_owned());
    }
    assert_eq!(house.page().sign_in("yann", "wrong wrong wrong").await.status, 401);
    let body = json!({ "old": passwords[1], "new": passwords[2] });
    assert_eq!(yann.post("/api/password", &body).await.status, 204);
    yann.connect().await.welcomed().await;
    let close = json!({ "disabled": true, "password": passwords[3] });
    assert_eq!(root.post("/api/admin/users/yann", &close).await.status, 204);
    assert_eq!(root.post("/api/sign-out", &json!({})).await.status, 204);

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for secret in secrets {
        let line = text.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
    for told in [
        "used a one-time link and signed in user=zoe",
        "made an account user=yann",
        "wrong password user=\"yann\"",
        "wrong password user=\"(unknown)\"",
        "changed the own password user=yann",
        "changed a user by=zoe user=yann",
        "signed out",
    ] {
        assert!(text.contains(told), "{told} is not in the log:\n{text}");
    }
}
