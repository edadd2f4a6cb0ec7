//! Places of points and texts: thinning long lines, keeping texts apart.

/// At most about `most` of `points`, with the highest and the lowest of each stretch, so that
/// nothing extreme is hidden.
pub fn thin(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    if points.len() <= most {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(most / 2);
    let mut kept = vec![points[0]];
    for chunk in points.chunks(stretch) {
        let by_height = |one: &usize, other: &usize| chunk[*one].1.total_cmp(&chunk[*other].1);
        let lowest = (0..chunk.len()).min_by(by_height);
        let highest = (0..chunk.len()).max_by(by_height);
        let mut ends: Vec<usize> = lowest.into_iter().chain(highest).collect();
        ends.sort_unstable();
        ends.dedup();
        kept.extend(ends.into_iter().map(|index| chunk[index]));
    }
    kept.push(points[points.len() - 1]);
    kept
}

/// How far a line goes up and down in all.
pub fn travel(points: &[(f64, f64)]) -> f64 {
    points.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).sum()
}

/// `wanted` places moved as little as is needed for a gap between any two of them, within `low`
/// and `high` as long as there is room.
pub fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|one, other| wanted[*one].total_cmp(&wanted[*other]));
    let mut places = wanted.to_vec();
    let mut least = low;
    for &index in &order {
        places[index] = places[index].max(least);
        least = places[index] + gap;
    }
    let mut most = high;
    for &index in order.iter().rev() {
        places[index] = places[index].min(most);
        most = places[index] - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_stand_on_each_other() {
        assert_eq!(spread(&[50.0, 10.0], 15.0, 0.0, 100.0), [50.0, 10.0]);
        assert_eq!(spread(&[50.0, 50.0, 49.0], 15.0, 0.0, 100.0), [64.0, 79.0, 49.0]);
        assert_eq!(spread(&[99.0, 100.0], 15.0, 0.0, 100.0), [85.0, 100.0]);
    }

    #[test]
    fn long_lines_are_thinned_without_hiding_extremes() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|x| (f64::from(x), 1.0)).collect();
        points[1234].1 = 9.0;
        points[7777].1 = -9.0;
        let thinned = thin(&points, 600);
        assert!(thinned.len() <= 1202, "{}", thinned.len());
        assert!(thinned.contains(&(1234.0, 9.0)) && thinned.contains(&(7777.0, -9.0)));
        assert_eq!((thinned[0], thinned[thinned.len() - 1]), (points[0], points[9_999]));
        assert!(thinned.is_sorted_by(|one, other| one.0 <= other.0));
    }
}
