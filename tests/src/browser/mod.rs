//! A real Chromium, driven over its DevTools protocol.
//!
//! What must never be here: knowledge of our page, but for the flags that a page's test wants.

mod complaint;
mod devtools;
mod keyboard;
mod page;
mod process;
mod profile;

pub use complaint::Complaint;
pub use devtools::{Devtools, DevtoolsError};
pub use keyboard::{Key, Modifier};
pub use page::{Page, PageError};
pub use profile::Profile;

use serde_json::json;

use self::process::Chromium;

/// A running browser. Gone, with all its processes, when it is dropped.
#[derive(Debug)]
pub struct Browser {
    devtools: Devtools,
    process: Chromium,
}

impl Browser {
    /// Starts one with a fresh profile.
    ///
    /// # Errors
    /// When there is no Chromium, or it does not start.
    pub async fn start() -> Result<Browser, DevtoolsError> {
        Browser::start_on(&Profile::empty()?).await
    }

    /// Starts one that remembers what the last one on this profile did.
    ///
    /// # Errors
    /// When there is no Chromium, or it does not start.
    pub async fn start_on(profile: &Profile) -> Result<Browser, DevtoolsError> {
        let process = Chromium::start(profile.clone())?;
        let devtools = Devtools::connect(&process.devtools_url().await?).await?;
        Ok(Browser { devtools, process })
    }

    /// Ends it as its user does, and waits until it has written down what it wants to remember.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn close(mut self) -> Result<(), DevtoolsError> {
        match self.devtools.call(None, "Browser.close", json!({})).await {
            // It may be gone before it has answered.
            Ok(_) | Err(DevtoolsError::Gone { .. }) => self.process.ended().await,
            Err(error) => Err(error),
        }
    }

    /// Opens an empty tab.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn open_tab(&self) -> Result<Page, DevtoolsError> {
        let created =
            self.devtools.call(None, "Target.createTarget", json!({"url": "about:blank"})).await?;
        let target = json!({"targetId": created["targetId"], "flatten": true});
        let attached = self.devtools.call(None, "Target.attachToTarget", target).await?;
        let session = attached["sessionId"].as_str().unwrap_or_default();
        let name = created["targetId"].as_str().unwrap_or_default();
        Page::attach(self.devtools.clone(), session, name).await
    }
}
