//! A real Chromium, driven over its DevTools protocol.
//!
//! What must never be here: knowledge of our page, but for the flags that a page's test wants.

mod complaint;
mod devtools;
mod keyboard;
mod page;
mod process;

pub use complaint::Complaint;
pub use devtools::{Devtools, DevtoolsError};
pub use keyboard::{Key, Modifier};
pub use page::{Page, PageError};

use serde_json::json;

use self::process::Chromium;

/// A browser with a fresh profile. Gone, with all its processes, when it is dropped.
#[derive(Debug)]
pub struct Browser {
    devtools: Devtools,
    _process: Chromium,
}

impl Browser {
    /// Starts one.
    ///
    /// # Errors
    /// When there is no Chromium, or it does not start.
    pub async fn start() -> Result<Browser, DevtoolsError> {
        let process = Chromium::start()?;
        let devtools = Devtools::connect(&process.devtools_url().await?).await?;
        Ok(Browser { devtools, _process: process })
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
        Page::attach(self.devtools.clone(), session).await
    }
}
