//! What a user wants: bodies as they should become, and the drafts that say so.

use serde_json::{Value, json};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{
    Body, Change, Changes, Conflict, ConflictStep, DocumentId, Draft, Entity, Field, MutationKind,
    Version, changes_between, shape,
};
use tidemark_shared::outbox::View;

use super::mark::Mark;
use crate::simulation::dice::Dice;

/// The documents that the user has. Few, so that both devices are often at the same one.
pub const DOCUMENTS: [&str; 7] = [
    "notes/AAPL",
    "notes/BTC-USD",
    "watchlists/main",
    "watchlists/coins",
    "alert_rules/r1",
    "alert_rules/r2",
    "settings/main",
];

/// Fields of the settings that a newer version of the page has brought.
const NEW_SETTINGS: [&str; 3] = ["density", "greeting", "start_page"];

/// A document as the user wants it after one more thought. Whatever is new in it is marked.
#[must_use]
pub fn thought(entity: &Entity, seen: &Body, mark: Mark, dice: &mut Dice) -> Body {
    let mut body = seen.clone();
    match entity.collection.as_str() {
        "notes" => note(&mut body, mark, dice),
        "watchlists" => watchlist(&mut body, mark, dice),
        "alert_rules" => alert_rule(&mut body, mark, dice),
        _ => settings(&mut body, mark, dice),
    }
    body
}

/// Something that no rule of the relay allows, however it got past the page.
#[must_use]
pub fn nonsense(entity: &Entity, seen: &Body, mark: Mark) -> Body {
    let mut body = seen.clone();
    let value = json!({ "nonsense": mark.to_string() });
    for name in ["text", "items", "threshold", "theme"] {
        let is_its_own = match entity.collection.as_str() {
            "notes" => name == "text",
            "watchlists" => name == "items",
            "alert_rules" => name == "threshold",
            _ => name == "theme",
        };
        if is_its_own {
            put(&mut body, name, value.clone());
        }
    }
    body
}

/// A draft that makes what the user sees into what it wants; none when that is the same.
#[must_use]
pub fn edit(entity: &Entity, view: Option<&View>, wanted: &Body) -> Option<Draft> {
    let nothing = Body::default();
    let seen = view.map_or(&nothing, |view| &view.body);
    let changes = with_whole_groups(entity, seen, changes_between(seen, wanted));
    let draft = draft(MutationKind::Edit, entity, view, changes);
    (!draft.changes.is_empty()).then_some(draft)
}

/// A draft that makes a document go away.
#[must_use]
pub fn delete(entity: &Entity, view: &View) -> Draft {
    let gone = changes_between(&view.body, &Body::default());
    draft(MutationKind::Delete, entity, Some(view), gone)
}

/// The body that there would be without what an earlier act has changed.
#[must_use]
pub fn undone(seen: &Body, act: &Changes) -> Body {
    let mut body = seen.clone();
    for (field, change) in act {
        match &change.from {
            Some(value) => body.0.insert(field.clone(), value.clone()),
            None => body.0.remove(field),
        };
    }
    body
}

/// The user decides a conflict: for its own write, or for what is there now.
#[must_use]
pub fn resolve(id: &DocumentId, conflict: &Conflict, now: Option<&View>, dice: &mut Dice) -> Draft {
    let seen = now.map(|view| view.body.clone()).unwrap_or_default();
    let step = Some(ConflictStep::Resolves(id.clone()));
    let takes_mine = dice.once_in(2);
    if takes_mine && conflict.kind == MutationKind::Delete {
        let gone = changes_between(&seen, &Body::default());
        let draft = draft(MutationKind::Delete, &conflict.entity, now, gone);
        return Draft { conflict: step, ..draft };
    }
    let mut wanted = seen.clone();
    for (field, change) in conflict.mine.iter().filter(|_| takes_mine) {
        match &change.to {
            Some(value) => wanted.0.insert(field.clone(), value.clone()),
            None => wanted.0.remove(field),
        };
    }
    let changes = changes_between(&seen, &wanted);
    let changes = with_whole_groups(&conflict.entity, &seen, changes);
    Draft { conflict: step, ..draft(MutationKind::Edit, &conflict.entity, now, changes) }
}

/// The user takes a decision back: the conflict waits again.
#[must_use]
pub fn reopen(id: &DocumentId, conflict: &Conflict, now: Option<&View>) -> Draft {
    let step = Some(ConflictStep::Reopens(id.clone()));
    let draft = draft(MutationKind::Edit, &conflict.entity, now, Changes::new());
    Draft { conflict: step, ..draft }
}

/// What a write wanted, on top of what is there now; none when all of it is so already.
#[must_use]
pub fn again(failed: &Draft, now: Option<&View>, until: Option<UnixMillis>) -> Option<Draft> {
    let mut draft = match (failed.kind, now) {
        (MutationKind::Delete, Some(view)) if !view.deleted => delete(&failed.entity, view),
        (MutationKind::Delete, _) => return None,
        (MutationKind::Edit, view) => {
            let mut wanted = view.map(|view| view.body.clone()).unwrap_or_default();
            for (field, change) in &failed.changes {
                match &change.to {
                    Some(value) => wanted.0.insert(field.clone(), value.clone()),
                    None => wanted.0.remove(field),
                };
            }
            edit(&failed.entity, view, &wanted)?
        }
    };
    draft.valid_until = until;
    Some(draft)
}

fn draft(kind: MutationKind, entity: &Entity, view: Option<&View>, changes: Changes) -> Draft {
    let is_there = view.filter(|view| !view.deleted);
    Draft {
        kind,
        entity: entity.clone(),
        base_version: is_there.map_or(Version::NONE, View::base_version),
        changes,
        policy: None,
        valid_until: None,
        conflict: None,
    }
}

/// Of fields that mean something only together, a write that touches one names all.
fn with_whole_groups(entity: &Entity, seen: &Body, mut changes: Changes) -> Changes {
    for group in shape::together(entity.collection.as_str()) {
        if group.iter().any(|name| changes.contains_key(*name)) {
            for name in *group {
                let value = seen.get(name).cloned();
                let unchanged = || Change { from: value.clone(), to: value };
                changes.entry(field(name)).or_insert_with(unchanged);
            }
        }
    }
    changes
}

/// Lines come, go and are written anew.
fn note(body: &mut Body, mark: Mark, dice: &mut Dice) {
    let text = body.text("text").unwrap_or_default();
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    match dice.below(10) {
        0 | 1 if !lines.is_empty() => {
            let line = dice.between(0, lines.len() - 1);
            lines.remove(line);
        }
        2..=4 if !lines.is_empty() => {
            let line = dice.between(0, lines.len() - 1);
            lines[line] = format!("rather {mark}");
        }
        _ => lines.insert(dice.between(0, lines.len()), format!("line {mark}")),
    }
    put(body, "text", lines.join("\n").into());
}

/// Instruments come, go and move; lists are renamed and moved.
fn watchlist(body: &mut Body, mark: Mark, dice: &mut Dice) {
    let listed = body.get("items").and_then(Value::as_array);
    let mut items: Vec<Value> = listed.cloned().unwrap_or_default();
    if body.get("name").is_none() || dice.once_in(8) {
        put(body, "name", format!("List {mark}").into());
    } else if dice.once_in(10) {
        put(body, "position", dice.below(5).into());
    } else {
        match dice.below(6) {
            0 if !items.is_empty() => {
                items.remove(dice.between(0, items.len() - 1));
            }
            1 if !items.is_empty() => {
                let moved = items.remove(dice.between(0, items.len() - 1));
                items.insert(dice.between(0, items.len()), moved);
            }
            _ => items.insert(dice.between(0, items.len()), format!("S{mark}").into()),
        }
    }
    put(body, "items", items.into());
}

/// Conditions are set, rules named, worded, switched on and off.
fn alert_rule(body: &mut Body, mark: Mark, dice: &mut Dice) {
    if body.get("symbol").is_none() || dice.once_in(3) {
        put(body, "symbol", "AAPL".into());
        put(body, "metric", dice.pick(&["price", "volume"]).into());
        put(body, "op", dice.pick(&["above", "below"]).into());
        put(body, "threshold", mark.to_string().into());
        put(body, "unit", dice.pick(&["currency", "units"]).into());
        return;
    }
    match dice.below(3) {
        0 => put(body, "name", format!("Rule {mark}").into()),
        1 => put(body, "message", format!("Look at {mark}").into()),
        _ => put(body, "active", dice.once_in(2).into()),
    }
}

fn settings(body: &mut Body, mark: Mark, dice: &mut Dice) {
    match dice.below(4) {
        0 => put(body, "theme", dice.pick(&["light", "dark", "system"]).into()),
        1 => put(body, "watchlist", mark.to_string().into()),
        _ => put(body, dice.pick(&NEW_SETTINGS), format!("about {mark}").into()),
    }
}

fn put(body: &mut Body, name: &str, value: Value) {
    body.0.insert(field(name), value);
}

fn field(name: &str) -> Field {
    name.parse().expect("these are fields' names")
}
