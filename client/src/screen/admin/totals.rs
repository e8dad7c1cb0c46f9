//! How the relay is doing, as it says itself.

use leptos::prelude::*;
use serde_json::Value;

use super::listing::Listing;
use crate::app::App;

/// More lines than this are no overview.
const LINES_MAX: usize = 80;

pub(super) fn totals(app: App) -> AnyView {
    let listing = Listing::of(app, "/api/status");
    let lines = move || {
        let mut lines = Vec::new();
        flatten("", &listing.whole().unwrap_or_default(), &mut lines);
        let lines = lines.into_iter().take(LINES_MAX);
        lines
            .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any())
            .collect_view()
    };
    view! { {listing.head()} <dl class="fields" data-testid="totals">{lines}</dl> }.into_any()
}

/// Every figure with the way to it: `connections websocket`.
fn flatten(way: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('_', " ");
                flatten(format!("{way} {name}").trim(), value, lines);
            }
        }
        Value::Array(items) => {
            for item in items {
                flatten(way, item, lines);
            }
        }
        Value::Null => {}
        Value::String(text) => lines.push((way.to_owned(), text.clone())),
        other => lines.push((way.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_figure_has_a_name_that_can_be_read() {
        let mut lines = Vec::new();
        let status = json!({ "uptime_s": 5, "connections": { "web_socket": 2 }, "none": null });
        flatten("", &status, &mut lines);
        lines.sort();
        let expected = [("connections web socket", "2"), ("uptime s", "5")];
        assert_eq!(lines, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
