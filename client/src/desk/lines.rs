//! What is different between two texts, line by line, to be looked at. (Texts are merged by the
//! relay, never here.)

/// Largest table of comparisons. Two texts of more than about a thousand different lines are
/// shown as one block replaced by another.
const CELLS_MAX: usize = 1_000_000;

/// A line of two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// In both.
    Same(&'a str),
    /// In the old one only.
    Gone(&'a str),
    /// In the new one only.
    New(&'a str),
}

/// The lines of both texts: what is gone stands before what is new in its place.
pub(crate) fn difference<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - before;
    let behind = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(rest)
        .take_while(|(old, new)| old == new)
        .count();
    let (head, old) = old.split_at(before);
    let (old, tail) = old.split_at(old.len() - behind);
    let new = new.get(before..new.len() - behind).unwrap_or_default();
    let mut lines: Vec<Line<'a>> = head.iter().map(|line| Line::Same(line)).collect();
    middle(old, new, &mut lines);
    lines.extend(tail.iter().map(|line| Line::Same(line)));
    lines
}

/// The part where they differ: by a longest common subsequence.
fn middle<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<Line<'a>>) {
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > CELLS_MAX {
        lines.extend(old.iter().map(|line| Line::Gone(line)));
        lines.extend(new.iter().map(|line| Line::New(line)));
        return;
    }
    // `common[at * width + to]`: how many lines `old[at..]` and `new[to..]` can have in common.
    let mut common = vec![0_u32; (old.len() + 1) * width];
    let cell = |common: &[u32], at: usize, to: usize| {
        common.get(at * width + to).copied().unwrap_or_default()
    };
    for (at, gone) in old.iter().enumerate().rev() {
        for (to, added) in new.iter().enumerate().rev() {
            let most = if gone == added {
                cell(&common, at + 1, to + 1) + 1
            } else {
                cell(&common, at + 1, to).max(cell(&common, at, to + 1))
            };
            if let Some(place) = common.get_mut(at * width + to) {
                *place = most;
            }
        }
    }
    let (mut at, mut to) = (0, 0);
    loop {
        match (old.get(at), new.get(to)) {
            (Some(gone), Some(added)) if gone == added => {
                lines.push(Line::Same(gone));
                (at, to) = (at + 1, to + 1);
            }
            (Some(gone), added)
                if added.is_none() || cell(&common, at + 1, to) >= cell(&common, at, to + 1) =>
            {
                lines.push(Line::Gone(gone));
                at += 1;
            }
            (_, Some(added)) => {
                lines.push(Line::New(added));
                to += 1;
            }
            (_, None) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(old: &str, new: &str) -> String {
        let lines = difference(old, new).into_iter().map(|line| match line {
            Line::Same(line) => format!(" {line}"),
            Line::Gone(line) => format!("-{line}"),
            Line::New(line) => format!("+{line}"),
        });
        lines.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn only_what_is_different_is_marked() {
        let cases = [
            ("a\nb\nc", "a\nB\nc", " a|-b|+B| c"),
            ("a\nb\nc", "a\nc", " a|-b| c"),
            ("a\nc", "a\nb\nc", " a|+b| c"),
            ("", "a", "+a"),
            ("a", "", "-a"),
            ("a\nx\nb\ny\nc", "a\nb\nz\nc", " a|-x| b|-y|+z| c"),
            ("same", "same", " same"),
        ];
        for (old, new, expected) in cases {
            assert_eq!(drawn(old, new), expected);
        }
    }

    #[test]
    fn texts_of_thousands_of_lines_are_shown_without_making_the_user_wait() {
        let (old, new): (String, String) =
            (0..8_000).map(|n| (format!("a{n}\n"), format!("b{n}\n"))).unzip();
        assert_eq!(difference(&old, &new).len(), 16_000);
    }
}
