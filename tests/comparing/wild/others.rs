//! Sheets with two optimizers in one table, and sheets that are something else.

use crate::wild::cases::{MOMENTUM, momentum, usual};
use crate::wild::sheet::{Cells, Column};

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

/// A table under settings in row 1.
fn table(settings: &str, columns: &[Column]) -> Cells {
    Cells::default().with(settings).table(4, 0, columns)
}

/// Sheets that are something else, and what is said of each.
pub fn none() -> Vec<(&'static str, Cells, &'static str)> {
    let no_descent = "its formulas are no gradient descent";
    let balance = "as a balance does that grows or shrinks by a share of itself";
    let average = "as a moving average does, which goes a share of the way to each new number";
    let simulation = "as in a schedule or a simulation";
    vec![
        (
            "a loan",
            table(
                "A1 rate; B1 0.03; C1 payment; D1 500",
                &[
                    ("n", "n", "x", ""),
                    ("b", "balance", "={^b}-{^p}", "10000"),
                    ("i", "interest", "={b}*$B$1/12", ""),
                    ("p", "principal", "=$D$1-{i}", ""),
                ],
            ),
            balance,
        ),
        (
            "a loan with rounded interest",
            table(
                "A1 rate; B1 0.03; C1 payment; D1 500",
                &[
                    ("o", "opening", "={^c}", "10000"),
                    ("i", "interest", "=ROUND({o}*$B$1/12,2)", ""),
                    ("p", "principal", "=$D$1-{i}", ""),
                    ("c", "closing", "={o}-{p}", ""),
                ],
            ),
            no_descent,
        ),
        (
            "savings with a goal",
            table(
                "A1 rate; B1 0.04; C1 goal; D1 2000",
                &[
                    ("b", "balance", "={^b}+$B$1*{^b}", "1000"),
                    ("e", "error", "=$D$1-{b}", ""),
                    ("s", "squared error", "={e}^2", ""),
                ],
            ),
            balance,
        ),
        (
            "a smoothed demand",
            table(
                "A1 alpha; B1 0.3; C1 beta; D1 0.1",
                &[
                    ("y", "demand", "y", ""),
                    ("l", "level", "=$B$1*{y}+(1-$B$1)*({^l}+{^b})", "50"),
                    ("b", "trend", "=$D$1*({l}-{^l})+(1-$D$1)*{^b}", "1"),
                ],
            ),
            no_descent,
        ),
        (
            "an average in its form of corrections",
            table(
                "A1 alpha; B1 0.3",
                &[("y", "price", "y", ""), ("m", "average", "={^m}+$B$1*({y}-{^m})", "60")],
            ),
            average,
        ),
        (
            "a forecast corrected by its error",
            table(
                "A1 alpha; B1 0.3",
                &[
                    ("y", "demand", "y", ""),
                    ("f", "forecast", "={^f}+$B$1*{^e}", "60"),
                    ("e", "error", "={y}-{f}", ""),
                    ("s", "squared error", "={e}^2", ""),
                ],
            ),
            average,
        ),
        (
            "level and trend corrected by the error",
            table(
                "A1 alpha; B1 0.3; C1 beta; D1 0.1",
                &[
                    ("y", "demand", "y", ""),
                    ("l", "level", "={^l}+{^t}+$B$1*{^e}", "60"),
                    ("t", "trend", "={^t}+$B$1*$D$1*{^e}", "1"),
                    ("f", "fit", "={l}+{t}", ""),
                    ("e", "error", "={y}-{f}", ""),
                    ("s", "squared error", "={e}^2", ""),
                ],
            ),
            simulation,
        ),
        (
            "a running total",
            table("", &[("y", "amount", "y", ""), ("t", "total", "={^t}+{y}", "0")]),
            "as a running total does",
        ),
        (
            "a stock that is filled up",
            table(
                "A1 least; B1 90; C1 order; D1 150",
                &[
                    ("y", "sold", "x", ""),
                    ("s", "stock", "={^s}-{^y}+{^o}", "200"),
                    ("o", "ordered", "=IF({s}<$B$1,$D$1,0)", ""),
                ],
            ),
            no_descent,
        ),
        (
            "Newton's method",
            table(
                "",
                &[
                    ("x", "x", "={^x}-{^f}/{^d}", "3"),
                    ("f", "f(x)", "={x}^3-{x}-4", ""),
                    ("d", "slope", "=3*{x}^2-1", ""),
                ],
            ),
            "by Newton's method",
        ),
        (
            "values with targets of their own",
            table(
                "A1 alpha; B1 0.2; C1 gamma; D1 0.9",
                &[
                    ("r", "reward", "x", ""),
                    ("v", "V1", "={^v}+$B$1*{^e}", "0"),
                    ("w", "V2", "={^w}+$B$1*(1-{^w})", "0"),
                    ("e", "error", "={r}+$D$1*{w}-{v}", ""),
                ],
            ),
            simulation,
        ),
        (
            "two tanks",
            table(
                "A1 time step; B1 0.5; C1 k; D1 0.1",
                &[
                    ("a", "upper", "={^a}-$B$1*{^f}", "9"),
                    ("b", "lower", "={^b}-$B$1*{^g}", "7"),
                    ("f", "out of the upper", "=$D$1*SQRT({a})", ""),
                    ("g", "out of the lower", "=$D$1*{b}", ""),
                ],
            ),
            simulation,
        ),
        (
            "each the sum of the two before",
            Cells::default().with("A1 2; A2 5; A3 =A2+A1; A4 =A3+A2; A5 =A4+A3; A6 =A5+A4"),
            no_descent,
        ),
        (
            "a loss for Solver",
            table(
                "A1 slope; B1 1.5; C1 start; D1 20; E1 SSE; F1 =SUM(D5:D16)",
                &[
                    ("x", "x", "x", ""),
                    ("y", "y", "y", ""),
                    ("p", "fit", "=$B$1*{x}+$D$1", ""),
                    ("s", "squares", "=({p}-{y})^2", ""),
                ],
            ),
            "it computes a loss (SSE, F1) with B1, D1, but no formula changes these step by step",
        ),
        (
            "a slope by a wrong sum",
            table(
                "F1 slope; G1 =(12*SUM(C5:C16)-SUM(A5:A16)*SUM(B5:B16))/(12*SUM(D5:D16)-SUM(B5:B16)^2)",
                &[
                    ("x", "x", "x", ""),
                    ("y", "y", "y", ""),
                    ("p", "xy", "={x}*{y}", ""),
                    ("s", "xx", "={x}^2", ""),
                ],
            ),
            "should be 2",
        ),
        (
            "numbers at random",
            Cells::default().with("A1 =RAND(); A2 =RAND(); B1 =A1+A2"),
            "2 numbers at random, and 1 formula",
        ),
    ]
}

/// A function of two unknowns, each of which takes its steps by itself; the slope by v as given.
pub fn each_by_itself(slope: &'static str) -> Cells {
    table(
        "A1 eta; B1 0.1",
        &[
            ("u", "u", "={^u}-$B$1*{^du}", "2"),
            ("v", "v", "={^v}-$B$1*{^dv}", "-1"),
            ("f", "f", "=3*{u}^2+EXP({v})-{v}", ""),
            ("du", "du", "=6*{u}", ""),
            ("dv", "dv", slope, ""),
        ],
    )
}

/// A learning rate that takes a share of itself away at each step.
pub fn with_a_falling_rate() -> Cells {
    table(
        "",
        &[
            ("u", "u", "={^u}-{^r}*{^du}", "2"),
            ("v", "v", "={^v}-{^r}*{^dv}", "-1"),
            ("f", "f", "={u}^2+{u}*{v}+2*{v}^2", ""),
            ("du", "du", "=2*{u}+{v}", ""),
            ("dv", "dv", "={u}+4*{v}", ""),
            ("r", "learning rate", "={^r}-0.03*{^r}", "0.1"),
        ],
    )
}

/// A correction by what is measured less what is predicted, added.
pub fn delta_rule() -> Cells {
    table(
        "A1 eta; B1 0.0001",
        &[
            ("x", "x1", "x", ""),
            ("z", "x2", "={x}/2-{row}", ""),
            ("y", "target", "y", ""),
            ("a", "w1", "={^a}+$B$1*{^e}*{^x}", "0.2"),
            ("b", "w2", "={^b}+$B$1*{^e}*{^z}", "-0.1"),
            ("c", "bias", "={^c}+$B$1*{^e}", "0"),
            ("p", "out", "={a}*{x}+{b}*{z}+{c}", ""),
            ("e", "error", "={y}-{p}", ""),
        ],
    )
}

/// A training, and what people keep beside one: means and totals of its loss, its weight averaged.
pub fn with_looks_back() -> Cells {
    table(
        "A1 lr; B1 0.0001; C1 alpha; D1 0.1",
        &[
            ("x", "x", "x", ""),
            ("y", "y", "y", ""),
            ("a", "a", "={^a}-$B$1*{^g}", "1"),
            ("p", "guess", "={a}*{x}", ""),
            ("l", "loss", "=({p}-{y})^2", ""),
            ("g", "g", "=2*({p}-{y})*{x}", ""),
            ("m", "mean loss", "={^m}+({l}-{^m})/ROWS(E$5:E{row})", "=E5"),
            ("s", "smoothed loss", "={^s}+$D$1*({l}-{^s})", "=E5"),
            ("t", "total", "={^t}+{l}", "=E5"),
            ("w", "mean a", "={^w}+({a}-{^w})/ROWS(E$5:E{row})", "=C5"),
            ("d", "step", "=$B$1*ABS({g})", ""),
            ("d2", "way", "={^d2}+{d}", "=K5"),
            ("n", "mean of three", "=({l}+2*{^l})/{row}", "0"),
        ],
    )
}

/// A table of a line with a shorter one beside it and another below, both with errors.
pub fn with_budgets() -> Cells {
    momentum()
        .with("N4 item; O4 plan; P4 spent; N5 rent; O5 9; P5 8; N6 food; O6 5; P6 =O6/0; N7 fuel; O7 3; P7 4")
        .with("A20 item; B20 share; A21 rent; B21 =3/0; A22 food; B22 =B21+1")
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
