//! Where the caret belongs after a text under it was replaced.

/// The caret's new place in `new`, when it was at `at` in `old`. Places are counted in UTF-16, as
/// browsers do.
///
/// The two texts are taken to differ in one stretch. A caret before it stays, one behind it moves
/// with the text, one inside it goes to its end.
pub(crate) fn moved(old: &str, new: &str, at: u32) -> u32 {
    let old: Vec<u16> = old.encode_utf16().collect();
    let new: Vec<u16> = new.encode_utf16().collect();
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(old.len());
    let same_before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    if at <= same_before {
        return small(at);
    }
    let rest = old.len().min(new.len()) - same_before;
    let same_behind = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(rest)
        .take_while(|(old, new)| old == new)
        .count();
    let behind = old.len() - at;
    small(new.len() - behind.min(same_behind))
}

/// Texts are a few kilobytes.
fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stays_with_the_words_around_it() {
        let cases = [
            ("one\ntwo", "one\ntwo", 5, 5),
            ("one\ntwo", "zero\none\ntwo", 5, 10),
            ("one\ntwo", "one\ntwo\nthree", 5, 5),
            ("one two three", "one three", 9, 5),
            ("abc", "", 2, 0),
            ("", "abc", 0, 0),
            ("aaa", "aaaa", 3, 3),
            ("한국", "한국어", 1, 1),
            ("x😀y", "xx😀y", 4, 5),
            ("abc", "abd", 99, 3),
        ];
        for (old, new, at, expected) in cases {
            assert_eq!(moved(old, new, at), expected, "{old:?} -> {new:?} at {at}");
        }
    }
}
