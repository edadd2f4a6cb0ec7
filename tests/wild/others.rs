//! Sheets with two optimizers in one table, and sheets that are something else.

use crate::cases::{MOMENTUM, usual};
use crate::sheet::Cells;

/// Gradient descent and momentum over the same samples, in one table.
pub fn two_optimizers() -> Cells {
    usual(
        MOMENTUM,
        &[
            ("nb", "new b", "={b}-$B$1*{gb}", ""),
            ("na", "new a", "={a}-$B$1*{ga}", ""),
            ("b2", "b", "={^nb2}", "1"),
            ("a2", "a", "={^na2}", "1"),
            ("gb2", "db", "=2*({a2}*{x}+{b2}-{y})", ""),
            ("ga2", "da", "={gb2}*{x}", ""),
            ("vb2", "v b", "=$D$1*{^vb2}+(1-$D$1)*{gb2}", "=(1-$D$1)*{gb2}"),
            ("va2", "v a", "=$D$1*{^va2}+(1-$D$1)*{ga2}", "=(1-$D$1)*{ga2}"),
            ("nb2", "new b", "={b2}-$B$1*{vb2}", ""),
            ("na2", "new a", "={a2}-$B$1*{va2}", ""),
        ],
    )
}

/// Sheets that are something else, and why.
pub fn none() -> Vec<(&'static str, Cells, &'static str)> {
    let no_descent = "its formulas are no gradient descent";
    vec![
        (
            "a loan",
            Cells::default().with("A1 rate; B1 0.03; A2 payment; B2 500").table(
                4,
                0,
                &[
                    ("n", "n", "x", ""),
                    ("b", "balance", "={^b}-{^p}", "10000"),
                    ("i", "interest", "={b}*$B$1/12", ""),
                    ("p", "principal", "=$B$2-{i}", ""),
                ],
            ),
            no_descent,
        ),
        (
            "a smoothed demand",
            Cells::default().with("A1 alpha; B1 0.3; C1 beta; D1 0.1").table(
                4,
                0,
                &[
                    ("y", "demand", "y", ""),
                    ("l", "level", "=$B$1*{y}+(1-$B$1)*({^l}+{^b})", "50"),
                    ("b", "trend", "=$D$1*({l}-{^l})+(1-$D$1)*{^b}", "1"),
                ],
            ),
            no_descent,
        ),
    ]
}

/// A line through the origin: no table of x, y, a and b, and a training all the same.
pub fn through_the_origin() -> Cells {
    Cells::default().with("A1 lr; B1 0.0001").table(
        4,
        0,
        &[
            ("x", "x", "x", ""),
            ("y", "y", "y", ""),
            ("a", "a", "={^n}", "1"),
            ("g", "g", "=2*({a}*{x}-{y})*{x}", ""),
            ("n", "new a", "={a}-$B$1*{g}", ""),
        ],
    )
}
