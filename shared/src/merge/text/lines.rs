//! Texts as numbers, one per line, so that lines are compared in one step.

use std::collections::HashMap;

/// Three texts, cut into lines. The same line has the same number.
pub(super) struct Lines<'a> {
    /// The texts.
    pub(super) numbered: [Vec<u32>; 3],
    distinct: Vec<&'a str>,
    end: &'static str,
}

impl<'a> Lines<'a> {
    /// Cuts the texts where lines end. A text that ends with a line's end has an empty line after
    /// it, so that something can be added at the end of a text without changing its last line.
    pub(super) fn of(texts: [&'a str; 3]) -> Self {
        let end = line_end(texts);
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut distinct = Vec::new();
        let mut number = |line: &'a str| {
            *numbers.entry(line).or_insert_with(|| {
                distinct.push(line);
                // A document has less than 2^32 bytes, so it has fewer lines.
                u32::try_from(distinct.len() - 1).unwrap_or(u32::MAX)
            })
        };
        let numbered = texts.map(|text| text.split(end).map(&mut number).collect());
        Lines { numbered, distinct, end }
    }

    /// The text of some lines.
    pub(super) fn joined(&self, numbers: &[u32]) -> String {
        let line = |number: &u32| {
            let index = usize::try_from(*number).unwrap_or(usize::MAX);
            self.distinct.get(index).copied().unwrap_or_default()
        };
        numbers.iter().map(line).collect::<Vec<_>>().join(self.end)
    }
}

/// What ends lines. Where not all lines end with `\r\n`, its `\r` is taken for a part of the line,
/// and so stays where it is.
fn line_end(texts: [&str; 3]) -> &'static str {
    let count = |pattern| texts.iter().map(|text| text.matches(pattern).count()).sum::<usize>();
    if count("\r\n") == count("\n") { "\r\n" } else { "\n" }
}
