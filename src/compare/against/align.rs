//! Which rows of two tables go together.
//!
//! Rows are the same where x and y are; the longest sequence that both tables have in common is
//! found with Myers' algorithm, which takes time for what differs, not for what is the same. The
//! ends are free: a table that goes on for more epochs differs in nothing before them.

/// So many inserted and missing rows are told apart; tables that differ more have other samples.
const MOST_EDITS: usize = 1000;
/// A row that stands so far away in the other table is another row with the same sample.
const FARTHEST: usize = 50;

/// The rows of two tables that go together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alignment {
    /// For each row of ours, the row of theirs.
    pub partner: Vec<Option<usize>>,
    /// Rows without a partner whose sample stands elsewhere: ours, theirs.
    pub moved: Vec<(usize, usize)>,
    /// By what they were put together: `step`, `x and y`, `position`.
    pub by: &'static str,
    /// What was assumed, where that is not plain.
    pub remark: Option<String>,
}

/// What rows are known by.
pub(super) struct Keys<'a> {
    /// The number of rows of ours and of theirs.
    pub rows: (usize, usize),
    /// Whether a row of ours has the sample of a row of theirs; none where x and y are not known.
    pub same: Option<&'a dyn Fn(usize, usize) -> bool>,
    /// The step numbers of ours and of theirs, where both have some that only grow.
    pub steps: Option<(Vec<f64>, Vec<f64>)>,
}

/// Puts the rows together: by step where that puts the same samples together, else by sample.
pub(super) fn align(keys: &Keys) -> Alignment {
    let by_step = keys.steps.as_ref().map(|(ours, theirs)| by_step(ours, theirs));
    let plain = |partner, by| Alignment { partner, moved: Vec::new(), by, remark: None };
    let Some(same) = keys.same else {
        return match by_step {
            Some(partner) => plain(partner, "step"),
            None => plain(by_order(keys.rows), "position"),
        };
    };
    let agreeing = |partner: &[Option<usize>]| {
        let pairs = partner.iter().enumerate();
        pairs.filter(|(ours, theirs)| theirs.is_some_and(|theirs| same(*ours, theirs))).count()
    };
    let by_sample = by_sample(keys.rows, same);
    let common = by_sample.as_deref().map_or(0, agreeing);
    let shorter = keys.rows.0.min(keys.rows.1);
    match (by_step, by_sample) {
        (Some(partner), _) if agreeing(&partner) >= common => plain(partner, "step"),
        (by_step, Some(partner)) if 2 * common >= shorter => {
            let remark = by_step.map(|_| {
                "the step numbers do not go together with x and y, so rows were put together by x \
                 and y"
                    .to_owned()
            });
            Alignment { remark, ..with_gaps(partner, keys.rows.1, same) }
        }
        (by_step, _) => {
            let remark = "most rows have other samples, or the samples come in another order; rows \
                          were put together by their";
            let by = if by_step.is_some() { "step" } else { "position" };
            let partner = by_step.unwrap_or_else(|| by_order(keys.rows));
            Alignment { remark: Some(format!("{remark} {by}")), ..plain(partner, by) }
        }
    }
}

fn by_order((ours, theirs): (usize, usize)) -> Vec<Option<usize>> {
    (0..ours).map(|row| (row < theirs).then_some(row)).collect()
}

/// Rows with the same step number; both numbers only grow.
fn by_step(ours: &[f64], theirs: &[f64]) -> Vec<Option<usize>> {
    let mut next = 0;
    let partner = ours.iter().map(|step| {
        next += theirs[next..].iter().take_while(|other| *other < step).count();
        (theirs.get(next) == Some(step)).then_some(next)
    });
    partner.collect()
}

/// How far each diagonal was followed with so many edits; -1 where no path leads there.
type Reached = Vec<isize>;

/// The longest sequence of samples that both tables have, with free ends; none where the tables
/// differ in too many rows.
fn by_sample(
    (ours, theirs): (usize, usize),
    same: &dyn Fn(usize, usize) -> bool,
) -> Option<Vec<Option<usize>>> {
    let (n, m) = (ours as isize, theirs as isize);
    let mut reached: Vec<Reached> = Vec::new();
    // Edits, diagonal and rows in common of the best path that has come to an end of a table.
    let mut best: Option<(usize, isize, isize)> = None;
    for edits in 0..=MOST_EDITS.min(ours + theirs) {
        if best.is_some_and(|(fewest, _, common)| {
            edits as isize > fewest as isize + 2 * (n.min(m) - common) + 2
        }) {
            break;
        }
        let width = edits as isize;
        let mut row = vec![-1; 2 * edits + 1];
        for diagonal in (-width..=width).step_by(2) {
            let Some(mut x) = start(&reached, edits, diagonal, (n, m)) else { continue };
            while x < n && x - diagonal < m && same(x as usize, (x - diagonal) as usize) {
                x += 1;
            }
            row[(diagonal + width) as usize] = x;
            let y = x - diagonal;
            let common = (x + y - width) / 2;
            if (x == n || y == m) && best.is_none_or(|(.., most)| common > most) {
                best = Some((edits, diagonal, common));
            }
        }
        reached.push(row);
    }
    let (edits, diagonal, _) = best?;
    Some(walk_back(&reached, (edits, diagonal), (n, m)))
}

/// Where a diagonal is entered with so many edits: the row of ours.
fn start(
    reached: &[Reached],
    edits: usize,
    diagonal: isize,
    (n, m): (isize, isize),
) -> Option<isize> {
    if edits == 0 {
        return Some(0);
    }
    let width = edits as isize - 1;
    let before = |diagonal: isize| {
        let at = usize::try_from(diagonal + width).ok()?;
        reached[edits - 1].get(at).copied().filter(|x| *x >= 0)
    };
    let inserted_there = before(diagonal + 1).filter(|x| x - diagonal <= m);
    let inserted_here = before(diagonal - 1).map(|x| x + 1).filter(|x| *x <= n);
    inserted_there.max(inserted_here)
}

fn walk_back(
    reached: &[Reached],
    (mut edits, mut diagonal): (usize, isize),
    ends: (isize, isize),
) -> Vec<Option<usize>> {
    let mut partner = vec![None; ends.0 as usize];
    loop {
        let end = reached[edits][(diagonal + edits as isize) as usize];
        let Some(first) = start(reached, edits, diagonal, ends) else { break };
        for x in first..end {
            partner[x as usize] = usize::try_from(x - diagonal).ok();
        }
        if edits == 0 {
            break;
        }
        let width = edits as isize - 1;
        let above = usize::try_from(diagonal + 1 + width).ok();
        let above = above.and_then(|at| reached[edits - 1].get(at));
        let is_from_above = above == Some(&first) && first - diagonal <= ends.1;
        diagonal += if is_from_above { 1 } else { -1 };
        edits -= 1;
    }
    partner
}

/// Tells rows that moved and rows that were changed from those that one table lacks.
fn with_gaps(
    mut partner: Vec<Option<usize>>,
    theirs: usize,
    same: &dyn Fn(usize, usize) -> bool,
) -> Alignment {
    let mut is_taken = vec![false; theirs];
    partner.iter().flatten().for_each(|at| is_taken[*at] = true);
    let mut moved = Vec::new();
    let mut place = 0;
    for (ours, known) in partner.iter().enumerate() {
        if let Some(at) = *known {
            place = at;
            continue;
        }
        let near = place.saturating_sub(FARTHEST)..theirs.min(place + FARTHEST);
        let free = near.filter(|at| !is_taken[*at] && same(ours, *at));
        if let Some(at) = free.min_by_key(|at| at.abs_diff(place)) {
            is_taken[at] = true;
            moved.push((ours, at));
        }
    }
    let is_moved = |row: usize| moved.iter().any(|(ours, _)| *ours == row);
    let (mut first, mut next) = (0, 0);
    for ours in 0..=partner.len() {
        let end = match partner.get(ours) {
            Some(None) => continue,
            Some(Some(at)) => *at,
            None => theirs,
        };
        // As many rows on both sides of a gap: the same rows with another sample.
        let here: Vec<usize> = (first..ours).filter(|row| !is_moved(*row)).collect();
        let there: Vec<usize> = (next..end).filter(|row| !is_taken[*row]).collect();
        if here.len() == there.len() {
            for (ours, theirs) in here.into_iter().zip(there) {
                partner[ours] = Some(theirs);
            }
        }
        (first, next) = (ours + 1, end + 1);
    }
    Alignment { partner, moved, by: "x and y", remark: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(ours: &str, theirs: &str) -> (String, Vec<(usize, usize)>) {
        let (ours, theirs) = (ours.as_bytes(), theirs.as_bytes());
        let same = |one: usize, other: usize| ours[one] == theirs[other];
        let keys = Keys { rows: (ours.len(), theirs.len()), same: Some(&same), steps: None };
        let found = align(&keys);
        let partner = found.partner.iter();
        let shown = partner.map(|at| at.map_or("-".to_owned(), |at| format!("{at:x}")));
        (shown.collect(), found.moved)
    }

    #[test]
    fn rows_go_together_by_what_they_hold() {
        assert_eq!(aligned("abcde", "abcde"), ("01234".into(), vec![]));
        assert_eq!(aligned("abXcde", "abcde"), ("01-234".into(), vec![]));
        assert_eq!(aligned("abde", "abcde"), ("0134".into(), vec![]));
        assert_eq!(aligned("abXde", "abcde"), ("01234".into(), vec![]), "changed");
        assert_eq!(aligned("abcdX", "abcde"), ("01234".into(), vec![]), "changed at the end");
        assert_eq!(aligned("cde", "abcde"), ("234".into(), vec![]));
        assert_eq!(aligned("XYabcde", "abcde"), ("--01234".into(), vec![]));
        let (partner, moved) = aligned("abdcef", "abcdef");
        assert_eq!((partner.matches('-').count(), moved.len()), (1, 1), "swapped: {partner}");
    }

    #[test]
    fn more_epochs_are_at_the_end() {
        assert_eq!(aligned("abcdabcd", "abcdabcdabcd"), ("01234567".into(), vec![]));
        assert_eq!(aligned("acdabcd", "abcdabcdabcd"), ("0234567".into(), vec![]));
        assert_eq!(aligned("abcdabcdabcd", "abdabcd"), ("01-23456----".into(), vec![]));
    }

    #[test]
    fn many_rows_are_no_trouble() {
        let ours = |row: usize| row % 29 + usize::from(row > 50_000);
        let same = |one: usize, other: usize| ours(one) == ours(other + usize::from(other > 700));
        let keys = Keys { rows: (100_000, 99_999), same: Some(&same), steps: None };
        let found = align(&keys);
        assert_eq!(found.partner.iter().filter(|at| at.is_none()).count(), 1);
        assert_eq!(found.partner[701], None);
        // Nothing in common: given up, and put together in order.
        let same = |_: usize, _: usize| false;
        let keys = Keys { rows: (100_000, 100_000), same: Some(&same), steps: None };
        assert_eq!(align(&keys).by, "position");
    }

    #[test]
    fn steps_go_first_where_they_put_the_same_samples_together() {
        let steps = |of: &[i32]| of.iter().map(|step| f64::from(*step)).collect::<Vec<_>>();
        let same = |one: usize, other: usize| one == other || one > 1 && one == other - 1;
        let by = |ours: &[i32], theirs: &[i32]| {
            let rows = (ours.len(), theirs.len());
            align(&Keys { rows, same: Some(&same), steps: Some((steps(ours), steps(theirs))) })
        };
        let typed = by(&[1, 2, 4, 5, 6, 7], &[1, 2, 3, 4, 5, 6, 7]);
        assert_eq!((typed.by, typed.partner[2]), ("step", Some(3)));
    }
}
