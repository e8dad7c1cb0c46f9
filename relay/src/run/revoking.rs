//! What goes on beside the accounts: sign-ins that have ended take their connections with them, and
//! once a minute what is over is removed.

use std::sync::Arc;
use std::time::Duration;

use tidemark_shared::documents::UserName;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::accounts::{Accounts, Ended};
use crate::hub::{Hub, RelayStopped};

/// How long it may take until the store knows that a session was used.
const TEND_EVERY: Duration = Duration::from_secs(60);

/// Sends away whose sign-in has ended, until the relay stops and everybody goes.
pub(super) async fn revoke(
    mut ended: mpsc::UnboundedReceiver<Ended>,
    hub: Arc<Hub>,
    mut stopping: watch::Receiver<()>,
) {
    loop {
        let next = tokio::select! {
            next = ended.recv() => next,
            _ = stopping.changed() => None,
        };
        let Some(ended) = next else { return };
        let done = match ended {
            Ended::Credential(credential) => hub.revoke(&credential).await.map(drop),
            Ended::User(user) => hub.revoke_user(&user).await.map(drop),
            Ended::Rights(user) => send_away(&hub, &user).await,
        };
        if done.is_err() {
            // The hub has ended, and with it every connection.
            return;
        }
    }
}

/// Who may do other things than before comes back, and is asked anew what that is.
async fn send_away(hub: &Hub, user: &UserName) -> Result<(), RelayStopped> {
    for connection in hub.connections().await? {
        if connection.user == *user {
            hub.close_connection(connection.id).await?;
        }
    }
    Ok(())
}

/// Keeps the accounts in order until the relay stops.
pub(super) async fn tend(accounts: Arc<Accounts>, mut stopping: watch::Receiver<()>) {
    let mut every = interval(TEND_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut goes_on = true;
    while goes_on {
        tokio::select! {
            _ = every.tick() => {}
            _ = stopping.changed() => goes_on = false,
        }
        // It is in the log, and done again in a minute.
        let _ = accounts.tend().await;
    }
}
