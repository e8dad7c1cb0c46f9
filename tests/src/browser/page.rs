//! One tab.

use std::path::Path;

use serde_json::{Value, json};
use thiserror::Error;

use super::{Complaint, Devtools, DevtoolsError, Key, Modifier};
use crate::wait::{TooLate, wait_for};

/// Why a page did not do what was asked of it.
#[derive(Debug, Error)]
pub enum PageError {
    /// The browser did not.
    #[error(transparent)]
    Browser(#[from] DevtoolsError),
    /// It threw.
    #[error("{script} threw: {reason}")]
    Threw {
        /// What was to be run.
        script: String,
        /// The exception.
        reason: String,
    },
    /// Something never became true on it.
    #[error("{source}; the page shows:\n{text}\ncomplaints: {complaints:?}")]
    TooLate {
        /// What.
        source: TooLate,
        /// The text that a user would read.
        text: String,
        /// What the browser has to say.
        complaints: Vec<Complaint>,
    },
    /// A picture could not be kept.
    #[error("the screenshot could not be written: {0}")]
    Screenshot(String),
}

/// One tab.
#[derive(Debug)]
pub struct Page {
    devtools: Devtools,
    session: String,
    target: String,
}

impl Page {
    pub(super) async fn attach(
        devtools: Devtools,
        session: &str,
        target: &str,
    ) -> Result<Page, DevtoolsError> {
        let page = Page { devtools, session: session.to_owned(), target: target.to_owned() };
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"] {
            page.call(&format!("{domain}.enable"), json!({})).await?;
        }
        Ok(page)
    }

    /// Goes to an address, and waits until the document is there.
    ///
    /// # Errors
    /// When the address cannot be loaded.
    pub async fn navigate(&self, url: &str) -> Result<(), PageError> {
        let answer = self.call("Page.navigate", json!({"url": url})).await?;
        if let Some(reason) = answer["errorText"].as_str() {
            let (script, reason) = (format!("navigate to {url}"), reason.to_owned());
            return Err(PageError::Threw { script, reason });
        }
        self.until("the document to be there", "document.readyState === 'complete'").await
    }

    /// Loads the page again, as F5 does.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn reload(&self) -> Result<(), PageError> {
        self.evaluate("window.isFromBeforeTheReload = true").await?;
        self.call("Page.reload", json!({})).await?;
        let is_new = "!window.isFromBeforeTheReload && document.readyState === 'complete'";
        self.until("the page to be loaded again", is_new).await
    }

    /// Runs a script and gives back its value; a promise is waited for.
    ///
    /// # Errors
    /// When it throws.
    pub async fn evaluate(&self, script: &str) -> Result<Value, PageError> {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let mut answer = self.call("Runtime.evaluate", params).await?;
        match answer.get("exceptionDetails") {
            Some(details) => {
                let reason = details["exception"]["description"].as_str().unwrap_or("no reason");
                Err(PageError::Threw { script: script.to_owned(), reason: reason.to_owned() })
            }
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Waits until a script's value is true. One that throws is not true yet.
    ///
    /// # Errors
    /// When it never is.
    pub async fn until(&self, what: &str, script: &str) -> Result<(), PageError> {
        let look = async || {
            let value = self.evaluate(script).await.ok()?;
            (value == Value::Bool(true)).then_some(())
        };
        match wait_for(what, look).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.too_late(source).await),
        }
    }

    /// Presses a key.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn press(&self, key: Key) -> Result<(), PageError> {
        self.press_with(Modifier::None, key).await
    }

    /// Presses a key while another one is held down.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn press_with(&self, modifier: Modifier, key: Key) -> Result<(), PageError> {
        for event in key.events(modifier) {
            self.call("Input.dispatchKeyEvent", event).await?;
        }
        Ok(())
    }

    /// Types a text.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn write(&self, text: &str) -> Result<(), PageError> {
        for letter in text.chars() {
            self.press(Key::Character(letter)).await?;
        }
        Ok(())
    }

    /// Puts a text where the caret is, at once, as pasting does.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn paste(&self, text: &str) -> Result<(), PageError> {
        self.call("Input.insertText", json!({"text": text})).await?;
        Ok(())
    }

    /// Clicks into the middle of the first element that a selector finds, once it can be seen.
    ///
    /// # Errors
    /// When it never can.
    pub async fn click(&self, selector: &str) -> Result<(), PageError> {
        let quoted = json!(selector);
        let place = format!(
            "(() => {{
                const element = document.querySelector({quoted});
                element.scrollIntoView({{block: 'center', behavior: 'instant'}});
                const {{x, y, width, height}} = element.getBoundingClientRect();
                return {{x: x + width / 2, y: y + height / 2, isThere: width > 0}};
            }})()"
        );
        let is_there = format!("{place}.isThere && !document.querySelector({quoted}).disabled");
        self.until(&format!("{selector} to be there"), &is_there).await?;
        let at = self.evaluate(&place).await?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    /// Closes the tab, as its user does. Nothing more can be asked of it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn close(&self) -> Result<(), PageError> {
        self.devtools.call(None, "Target.closeTarget", json!({"targetId": self.target})).await?;
        Ok(())
    }

    /// Kills the process behind the tab. Nothing more can be asked of it.
    pub async fn crash(&self) {
        // There is nobody left to answer: whoever waits for one waits for ever.
        let dying = self.call("Page.crash", json!({}));
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), dying).await;
    }

    /// Runs a script before anything else on every page that is opened from now on: the browser is
    /// then as the script has made it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn prepare(&self, script: &str) -> Result<(), PageError> {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await?;
        Ok(())
    }

    /// Limits what the page's origin may store, in bytes; none: as the browser likes.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn limit_storage(&self, bytes: Option<u64>) -> Result<(), PageError> {
        let origin = self.evaluate("location.origin").await?;
        let mut limit = json!({"origin": origin});
        if let Some(bytes) = bytes {
            limit["quotaSize"] = bytes.into();
        }
        self.call("Storage.overrideQuotaForOrigin", limit).await?;
        Ok(())
    }

    /// Throws the origin's databases away, as a user who cleans up does, or a browser for want of
    /// room.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn wipe_databases(&self) -> Result<(), PageError> {
        let origin = self.evaluate("location.origin").await?;
        let what = json!({"origin": origin, "storageTypes": "indexeddb"});
        self.call("Storage.clearDataForOrigin", what).await?;
        Ok(())
    }

    /// Takes the network away from the page, as the switch in the developer tools does. It does
    /// not cut a WebSocket that is open.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn go_offline(&self) -> Result<(), PageError> {
        self.emulate_network(json!(true)).await
    }

    /// Gives the network back.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn go_online(&self) -> Result<(), PageError> {
        self.emulate_network(json!(false)).await
    }

    /// Wakes the page's service worker for a Background Sync, as the browser does when there is a
    /// network again.
    ///
    /// # Errors
    /// When there is no worker.
    pub async fn sync_worker(&self, tag: &str) -> Result<(), PageError> {
        const REGISTERED: &str = "ServiceWorker.workerRegistrationUpdated";
        self.call("ServiceWorker.enable", json!({})).await?;
        let registration = async || {
            let event = self.devtools.newest(&self.session, REGISTERED)?;
            event["registrations"].as_array()?.first()?["registrationId"]
                .as_str()
                .map(str::to_owned)
        };
        let registration = match wait_for("a service worker", registration).await {
            Ok(registration) => registration,
            Err(source) => return Err(self.too_late(source).await),
        };
        let origin = self.evaluate("location.origin").await?;
        let event = json!({
            "origin": origin, "registrationId": registration, "tag": tag, "lastChance": false,
        });
        self.call("ServiceWorker.dispatchSyncEvent", event).await?;
        Ok(())
    }

    /// What stands in the way of installing the page as an app, in the browser's own words.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn obstacles_to_installing(&self) -> Result<Vec<String>, PageError> {
        let manifest = self.call("Page.getAppManifest", json!({})).await?;
        let errors = manifest["errors"].as_array().cloned().unwrap_or_default();
        let faults = errors.iter().map(|error| error["message"].to_string());
        let answer = self.call("Page.getInstallabilityErrors", json!({})).await?;
        let obstacles = answer["installabilityErrors"].as_array().cloned().unwrap_or_default();
        let obstacles = obstacles.iter().map(|obstacle| obstacle["errorId"].to_string());
        Ok(faults.chain(obstacles).collect())
    }

    /// Freezes the page, as the browser does with a tab that was in the background for long.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn freeze(&self) -> Result<(), PageError> {
        self.call("Page.setWebLifecycleState", json!({"state": "frozen"})).await?;
        Ok(())
    }

    /// Lets a frozen page run again.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn thaw(&self) -> Result<(), PageError> {
        self.call("Page.setWebLifecycleState", json!({"state": "active"})).await?;
        Ok(())
    }

    /// Sets what the page learns of its user's wishes, such as `prefers-color-scheme: dark`.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn prefer(&self, features: &[(&str, &str)]) -> Result<(), PageError> {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.call("Emulation.setEmulatedMedia", json!({"features": features})).await?;
        Ok(())
    }

    /// Sets the size of the window, in CSS pixels.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn resize(&self, width: u32, height: u32) -> Result<(), PageError> {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", size).await?;
        Ok(())
    }

    /// Writes what can be seen as a PNG file.
    ///
    /// # Errors
    /// When the browser refuses or the file cannot be written.
    pub async fn screenshot(&self, file: &Path) -> Result<(), PageError> {
        let answer = self.call("Page.captureScreenshot", json!({"format": "png"})).await?;
        let text = answer["data"].as_str().unwrap_or_default();
        let failed = |reason: String| PageError::Screenshot(reason);
        let picture = base64(text).ok_or_else(|| failed("it is no base64".into()))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        std::fs::write(file, picture).map_err(|error| failed(error.to_string()))
    }

    /// The text that a user would read.
    pub async fn text(&self) -> String {
        let text = self.evaluate("document.body.innerText").await;
        text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// What the browser has complained about so far.
    #[must_use]
    pub fn complaints(&self) -> Vec<Complaint> {
        self.devtools.complaints(&self.session)
    }

    async fn emulate_network(&self, offline: Value) -> Result<(), PageError> {
        let conditions = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.call("Network.emulateNetworkConditions", conditions).await?;
        Ok(())
    }

    async fn too_late(&self, source: TooLate) -> PageError {
        PageError::TooLate { source, text: self.text().await, complaints: self.complaints() }
    }

    async fn call(&self, method: &str, params: Value) -> Result<Value, DevtoolsError> {
        self.devtools.call(Some(&self.session), method, params).await
    }
}

/// Reads base64, the only way in which the protocol carries bytes.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for (index, letter) in four.iter().enumerate() {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits |= u32::from(value) << (18 - 6 * index);
        }
        let [_, triple @ ..] = bits.to_be_bytes();
        bytes.extend(triple.iter().take(four.len() * 6 / 8));
    }
    Some(bytes)
}
