//! The merge of a text, line by line (diff3, as Khanna, Kunal and Pierce describe it in "A Formal
//! Investigation of Diff3", 2007).

mod lines;
mod matching;

use std::ops::Range;

use serde_json::Value;

use self::lines::Lines;
use self::matching::matching;
use super::StillOverlap;

/// Merges a text that both have changed. What only one has changed is taken; what both have
/// changed to the same is taken once. Between two changes there has to be a line that neither has
/// changed: else they belong together, and are an overlap. It is the same with `ours` and `theirs`
/// swapped. Line ends stay as they are.
///
/// # Errors
/// When both have changed the same lines, differently; when one has changed more than can be
/// compared in good time; when one of the three is no text.
pub fn text(
    base: Option<&Value>,
    ours: Option<&Value>,
    theirs: Option<&Value>,
) -> Result<Option<Value>, StillOverlap> {
    if ours == theirs || base == theirs {
        return Ok(ours.cloned());
    }
    if base == ours {
        return Ok(theirs.cloned());
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let (Some(base), Some(ours), Some(theirs)) = (text(base), text(ours), text(theirs)) else {
        return Err(StillOverlap::whole());
    };
    match diff3(&base, &ours, &theirs) {
        Some(merged) => Ok(Some(Value::from(merged))),
        None => Err(StillOverlap::whole()),
    }
}

/// The three texts as one; `None` when they overlap.
fn diff3(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let lines = Lines::of([base, ours, theirs]);
    let [base, ours, theirs] = &lines.numbered;
    let stable = stable(base, ours, theirs)?;

    let mut merged = Vec::with_capacity(ours.len().max(theirs.len()));
    let mut at = Place::default();
    let end = Place { base: base.len(), ours: ours.len(), theirs: theirs.len() };
    for place in stable.into_iter().chain([end]) {
        let base_part = part(base, at.base..place.base);
        let ours_part = part(ours, at.ours..place.ours);
        let theirs_part = part(theirs, at.theirs..place.theirs);
        merged.extend_from_slice(match () {
            () if base_part == theirs_part || ours_part == theirs_part => ours_part,
            () if base_part == ours_part => theirs_part,
            () => return None,
        });
        merged.extend(base.get(place.base));
        at = Place { base: place.base + 1, ours: place.ours + 1, theirs: place.theirs + 1 };
    }
    Some(lines.joined(&merged))
}

/// A line that all three have.
#[derive(Clone, Copy, Default)]
struct Place {
    base: usize,
    ours: usize,
    theirs: usize,
}

/// The lines that neither has changed.
fn stable(base: &[u32], ours: &[u32], theirs: &[u32]) -> Option<Vec<Place>> {
    let (in_ours, in_theirs) = (matching(base, ours)?, matching(base, theirs)?);
    let matches = in_ours.into_iter().zip(in_theirs).enumerate();
    Some(
        matches
            .filter_map(|(base, (ours, theirs))| Some(Place { base, ours: ours?, theirs: theirs? }))
            .collect(),
    )
}

fn part(lines: &[u32], range: Range<usize>) -> &[u32] {
    lines.get(range).unwrap_or_default()
}

#[cfg(test)]
mod tests;
