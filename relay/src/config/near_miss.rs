//! What somebody may have meant who wrote a word that is none.

/// The candidate with the fewest edits, if they are few enough for a slip: a third of the word.
pub(super) fn near_miss<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let edits_max = word.chars().count() / 3;
    candidates
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(edits, _)| *edits <= edits_max)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out or replaced to make one word of the other.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    // Row by row: the edits between what was read of `one` and each beginning of `other`.
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (read, letter) in one.chars().enumerate() {
        let mut next = vec![read + 1];
        let mut left = read + 1;
        for ((above_left, above), theirs) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let replaced = above_left + usize::from(letter != *theirs);
            left = replaced.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let words = ["listen", "data_dir", "connection.heartbeat_ms"];
        assert_eq!(near_miss("lisen", words), Some("listen"));
        assert_eq!(near_miss("data-dir", words), Some("data_dir"));
        assert_eq!(near_miss("conection.heartbeat", words), Some("connection.heartbeat_ms"));
        assert_eq!(near_miss("colour", words), None);
        assert_eq!((edits("", "abc"), edits("abc", ""), edits("kitten", "sitting")), (3, 3, 3));
    }
}
