//! Waiting for something to become true.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Longest that a scenario waits for anything. No promise of the product: only so that a test that
/// waits for what never comes ends. It covers the longest backoff (30 s) on a machine that does
/// much else.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks until there is something.
///
/// # Errors
/// When there is nothing within [`PATIENCE`].
pub async fn wait_for<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> Result<T, TooLate> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return Err(TooLate { what: what.to_owned() });
        }
        sleep(PAUSE).await;
    }
}

/// Something did not become true.
#[derive(Debug, thiserror::Error)]
#[error("waited {} s in vain for {what}", PATIENCE.as_secs())]
pub struct TooLate {
    what: String,
}
