//! The queue as a file: what is not everywhere yet, with its texts, for people and for support.

use serde::Serialize;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{Draft, MutationId, UserName};
use tidemark_shared::outbox::{Item, ItemState};

#[derive(Serialize)]
struct File<'a> {
    what: &'static str,
    user: &'a UserName,
    written_at: UnixMillis,
    items: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    number: MutationId,
    saved_at: UnixMillis,
    #[serde(flatten)]
    state: &'a ItemState,
    draft: &'a Draft,
}

/// The file's text.
pub(super) fn file<'a>(
    user: &UserName,
    items: impl Iterator<Item = &'a Item>,
    now: UnixMillis,
) -> String {
    let lines = items.map(|item| Line {
        number: item.mid(),
        saved_at: item.saved_at,
        state: &item.state,
        draft: &item.mutation.draft,
    });
    let what = "Tidemark: what was written on this device and is not everywhere yet";
    let file = File { what, user, written_at: now, items: lines.collect() };
    // Only keys that are no text could fail, and ours are names. By way of text, because the page
    // then carries one copy of each serializer.
    let text = serde_json::to_string(&file).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    format!("{value:#}")
}

#[cfg(test)]
mod tests {
    use tidemark_shared::documents::Mutation;

    use super::*;

    #[test]
    fn the_file_holds_the_texts() {
        let draft = serde_json::from_str(
            r#"{"kind":"edit","entity":"notes/AAPL","base_version":0,
                "changes":{"text":{"to":"Buy \"low\""}}}"#,
        );
        let user: UserName = "alice".parse().unwrap();
        let mutation =
            Mutation::seal(draft.unwrap(), MutationId(1), user.clone(), Default::default());
        let item = Item { mutation, saved_at: UnixMillis(5), state: ItemState::Saved };
        let text = file(&user, [&item].into_iter(), UnixMillis(9));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["items"][0]["draft"]["changes"]["text"]["to"], r#"Buy "low""#);
        assert_eq!(read["items"][0]["state"], "saved");
    }
}
