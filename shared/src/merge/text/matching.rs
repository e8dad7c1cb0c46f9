//! Which lines of one text are still there in another (Myers, "An O(ND) Difference Algorithm and
//! Its Variations", 1986).

/// Most lines that were added and removed together. The search takes at most about the square of
/// it in steps, beside what is the same, and half of that in memory. A note has some hundreds of
/// lines; who rewrites more than this has written another text.
const DISTANCE_MAX: usize = 1_000;

/// For each line of `from` its place in `to`, where it still is; the places increase. `None` when
/// the two have too little in common.
pub(super) fn matching(from: &[u32], to: &[u32]) -> Option<Vec<Option<usize>>> {
    let head = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let (from_rest, to_rest) = (from.get(head..)?, to.get(head..)?);
    let tail = from_rest.iter().rev().zip(to_rest.iter().rev()).take_while(|(a, b)| a == b).count();

    let search = Search {
        from: from_rest.get(..from_rest.len() - tail)?,
        to: to_rest.get(..to_rest.len() - tail)?,
    };
    let middle = search.matching()?.into_iter().map(|at| at.map(|at| at + head));
    let tail = (to.len() - tail..to.len()).map(Some);
    Some((0..head).map(Some).chain(middle).chain(tail).collect())
}

/// The search for a shortest way from one text to the other. On the way, `x` lines of the one and
/// `y` of the other have been passed; a step passes one of either, and where both have the same
/// line, both are passed for nothing (a snake).
struct Search<'a> {
    from: &'a [u32],
    to: &'a [u32],
}

/// The furthest `x` that some number of steps reaches on each diagonal. After `d` steps the
/// diagonals `x - y` are -d, -d + 2, …, d, in this order.
type Reached = Vec<usize>;

/// How a diagonal is come to.
enum Step {
    /// By passing a line of `to`.
    Down,
    /// By passing a line of `from`.
    Right,
}

impl Search<'_> {
    fn matching(&self) -> Option<Vec<Option<usize>>> {
        let rounds = self.rounds()?;
        let mut places = vec![None; self.from.len()];
        let (mut x, mut y) = (self.from.len(), self.to.len());
        for steps in (0..rounds.len()).rev() {
            let diagonal = (x + steps - y) / 2;
            let before = steps.checked_sub(1).and_then(|before| rounds.get(before));
            let start = before.and_then(|before| stepped(before, diagonal));
            let snake_start = start.as_ref().map_or(0, |(_, x)| *x);
            while x > snake_start {
                (x, y) = (x - 1, y - 1);
                *places.get_mut(x)? = Some(y);
            }
            match start {
                Some((Step::Down, _)) => y -= 1,
                Some((Step::Right, _)) => x -= 1,
                None => {}
            }
        }
        Some(places)
    }

    /// What is reached after no step, after one, and so on until the end is.
    fn rounds(&self) -> Option<Vec<Reached>> {
        let mut rounds: Vec<Reached> = Vec::new();
        for steps in 0..=DISTANCE_MAX.min(self.from.len() + self.to.len()) {
            let mut reached = Vec::with_capacity(steps + 1);
            for diagonal in 0..=steps {
                let start = rounds.last().and_then(|before| stepped(before, diagonal));
                let start_x = start.map_or(0, |(_, x)| x);
                let (x, y) = self.slide(start_x, start_x + steps - 2 * diagonal);
                reached.push(x);
                if x >= self.from.len() && y >= self.to.len() {
                    rounds.push(reached);
                    return Some(rounds);
                }
            }
            rounds.push(reached);
        }
        None
    }

    /// Passes what both have.
    fn slide(&self, mut x: usize, mut y: usize) -> (usize, usize) {
        while let (Some(a), Some(b)) = (self.from.get(x), self.to.get(y))
            && a == b
        {
            (x, y) = (x + 1, y + 1);
        }
        (x, y)
    }
}

/// The step onto a diagonal that leads furthest, and the `x` after it.
fn stepped(before: &Reached, diagonal: usize) -> Option<(Step, usize)> {
    let down = before.get(diagonal).copied();
    let right = diagonal.checked_sub(1).and_then(|left| before.get(left)).map(|x| x + 1);
    match (down, right) {
        (Some(down), Some(right)) if down < right => Some((Step::Right, right)),
        (Some(down), _) => Some((Step::Down, down)),
        (None, right) => right.map(|right| (Step::Right, right)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The length of a longest common subsequence, by the table of all prefixes.
    fn common(from: &[u32], to: &[u32]) -> usize {
        let mut row = vec![0; to.len() + 1];
        for a in from {
            let mut diagonal = 0;
            for (at, b) in to.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if a == b { diagonal + 1 } else { above.max(row[at]) };
                diagonal = above;
            }
        }
        row[to.len()]
    }

    proptest! {
        #[test]
        fn as_many_lines_are_matched_as_can_be(
            from in prop::collection::vec(0_u32..5, 0..40),
            to in prop::collection::vec(0_u32..5, 0..40),
        ) {
            let places = matching(&from, &to).unwrap();
            prop_assert_eq!(places.len(), from.len());
            let pairs: Vec<(usize, usize)> =
                places.iter().enumerate().filter_map(|(at, to)| Some((at, (*to)?))).collect();
            prop_assert!(pairs.iter().all(|(at, there)| from[*at] == to[*there]));
            prop_assert!(pairs.is_sorted_by(|a, b| a.1 < b.1));
            prop_assert_eq!(pairs.len(), common(&from, &to));
        }
    }

    #[test]
    fn two_long_texts_without_a_common_line_are_given_up() {
        let from: Vec<u32> = (0..20_000).collect();
        let to: Vec<u32> = (20_000..40_000).collect();
        assert_eq!(matching(&from, &to), None);
    }
}
