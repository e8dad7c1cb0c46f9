//! What a page must not make its browser say.

use std::fmt;

use serde_json::Value;

/// Something that a browser complained about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// The page wrote an error or a warning to the console.
    Console(String),
    /// An exception that nobody caught.
    Exception(String),
    /// The page broke its content security policy.
    Policy(String),
    /// Anything else that the browser calls an error.
    Browser(String),
}

impl Complaint {
    /// Reads an event of the DevTools protocol.
    #[must_use]
    pub fn of_event(method: &str, params: &Value) -> Option<Complaint> {
        match method {
            "Runtime.consoleAPICalled" => {
                let level = params["type"].as_str()?;
                let is_bad = ["error", "warning", "assert"].contains(&level);
                is_bad.then(|| Complaint::Console(arguments(&params["args"])))
            }
            "Runtime.exceptionThrown" => {
                let details = &params["exceptionDetails"];
                let said = details["exception"]["description"].as_str();
                let said = said.or(details["text"].as_str()).unwrap_or("no text");
                Some(Complaint::Exception(said.to_owned()))
            }
            "Log.entryAdded" => of_log_entry(&params["entry"]),
            "Audits.issueAdded" => {
                let issue = &params["issue"];
                let is_policy = issue["code"] == "ContentSecurityPolicyIssue";
                is_policy.then(|| Complaint::Policy(issue["details"].to_string()))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, text) = match self {
            Complaint::Console(text) => ("console", text),
            Complaint::Exception(text) => ("exception", text),
            Complaint::Policy(text) => ("policy", text),
            Complaint::Browser(text) => ("browser", text),
        };
        write!(f, "{kind}: {text}")
    }
}

fn of_log_entry(entry: &Value) -> Option<Complaint> {
    let text = entry["text"].as_str().unwrap_or_default().to_owned();
    // That a connection failed is written by the browser itself. No page can prevent that, and in
    // half of the scenarios the network is bad on purpose.
    let is_network = entry["source"] == "network" || text.starts_with("WebSocket connection to ");
    if is_network || entry["level"] != "error" {
        return None;
    }
    match entry["source"].as_str() {
        Some("security") => Some(Complaint::Policy(text)),
        _ => Some(Complaint::Browser(text)),
    }
}

fn arguments(args: &Value) -> String {
    let texts = args.as_array().into_iter().flatten().map(|arg| match &arg["value"] {
        Value::String(text) => text.clone(),
        Value::Null => arg["description"].as_str().unwrap_or("?").to_owned(),
        other => other.to_string(),
    });
    texts.collect::<Vec<_>>().join(" ")
}
