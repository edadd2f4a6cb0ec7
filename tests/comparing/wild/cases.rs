//! The sheets: how people build them, and what is said of each.

use crate::wild::sheet::{Cells, Column};

/// A sheet and what is expected of it.
pub struct Case {
    pub name: &'static str,
    pub cells: Cells,
    /// `OPTIMIZER` or `OPTIMIZER:VARIANT`, in any form where no variant is named; empty where no
    /// optimizer fits.
    pub optimizer: &'static str,
    /// A part of each departure that is told, in their order.
    pub departures: &'static [&'static str],
    /// `KIND CELL` of each mistake that is told as a cause, in their order.
    pub mistakes: &'static [&'static str],
}

const DATA: [Column; 2] = [("x", "x", "x", ""), ("y", "y", "y", "")];
const WEIGHTS: [Column; 2] = [("b", "b", "={^nb}", "1"), ("a", "a", "={^na}", "1")];
const GUESS: [Column; 1] = [("p", "guess", "={a}*{x}+{b}", "")];
const GRADIENT: [Column; 2] = [("gb", "db", "=2*({p}-{y})", ""), ("ga", "da", "={gb}*{x}", "")];

fn joined(parts: &[&[Column]]) -> Vec<Column> {
    parts.iter().flat_map(|part| part.iter().copied()).collect()
}

/// Data, weights, guess, gradient and what follows them, with the headers in row 4.
pub fn usual(settings: &str, rest: &[Column]) -> Cells {
    let columns = joined(&[&DATA, &WEIGHTS, &GUESS, &GRADIENT, rest]);
    Cells::default().with(settings).table(4, 0, &columns)
}

pub const MOMENTUM: &str = "A1 lr; B1 0.0001; C1 beta; D1 0.9";
const STEP: [Column; 2] =
    [("nb", "new b", "={b}-$B$1*{vb}", ""), ("na", "new a", "={a}-$B$1*{va}", "")];
const VELOCITY: [Column; 2] = [
    ("vb", "v b", "=$D$1*{^vb}+(1-$D$1)*{gb}", "=(1-$D$1)*{gb}"),
    ("va", "v a", "=$D$1*{^va}+(1-$D$1)*{ga}", "=(1-$D$1)*{ga}"),
];

pub fn momentum() -> Cells {
    usual(MOMENTUM, &joined(&[&VELOCITY, &STEP]))
}

const RMSPROP: &str = "A1 lr; B1 0.02; C1 beta; D1 0.9; E1 eps; F1 1e-8";
const SQUARES: [Column; 2] = [
    ("sb", "S b", "=$D$1*{^sb}+(1-$D$1)*{gb}^2", "=(1-$D$1)*{gb}^2"),
    ("sa", "S a", "=$D$1*{^sa}+(1-$D$1)*{ga}^2", "=(1-$D$1)*{ga}^2"),
];
const ROOTS: [Column; 2] = [
    ("nb", "new b", "={b}-$B$1*{gb}/(SQRT({sb})+$F$1)", ""),
    ("na", "new a", "={a}-$B$1*{ga}/(SQRT({sa})+$F$1)", ""),
];

const ADAM: &str = "A1 alpha; B1 0.1; C1 beta1; D1 0.9; E1 beta2; F1 0.999; G1 epsilon; H1 1e-8";

/// Adam as it is taught in courses: w and b updated from the row above, all in columns of its own.
/// `t` is what the corrections have for the step, `first` the column that counts it.
fn adam(t: &'static str, count: Column) -> Cells {
    let corrected = |moment: &str, beta: &str| -> &'static str {
        Box::leak(format!("={{{moment}}}/(1-{beta}^{t})").into_boxed_str())
    };
    let columns = [
        count,
        DATA[0],
        DATA[1],
        ("w", "w", "={^w}-$B$1*{^mw}/(SQRT({^rw})+$H$1)", "0"),
        ("b", "b", "={^b}-$B$1*{^mb}/(SQRT({^rb})+$H$1)", "0"),
        ("dw", "dw", "=2*({w}*{x}+{b}-{y})*{x}", ""),
        ("db", "db", "=2*({w}*{x}+{b}-{y})", ""),
        ("vw", "vdw", "=$D$1*{^vw}+(1-$D$1)*{dw}", "=(1-$D$1)*{dw}"),
        ("vb", "vdb", "=$D$1*{^vb}+(1-$D$1)*{db}", "=(1-$D$1)*{db}"),
        ("sw", "sdw", "=$F$1*{^sw}+(1-$F$1)*{dw}^2", "=(1-$F$1)*{dw}^2"),
        ("sb", "sdb", "=$F$1*{^sb}+(1-$F$1)*{db}^2", "=(1-$F$1)*{db}^2"),
        ("mw", "vdw corrected", corrected("vw", "$D$1"), ""),
        ("mb", "vdb corrected", corrected("vb", "$D$1"), ""),
        ("rw", "sdw corrected", corrected("sw", "$F$1"), ""),
        ("rb", "sdb corrected", corrected("sb", "$F$1"), ""),
    ];
    Cells::default().with(ADAM).table(4, 0, &columns)
}

const STEPS: Column = ("t", "t", "={^t}+1", "1");

pub fn right() -> Vec<Case> {
    let case = |name, cells, optimizer, departures| Case {
        name,
        cells,
        optimizer,
        departures,
        mistakes: &[],
    };
    let inline = |rest: [Column; 2]| {
        Cells::default().with("A1 lr; B1 0.0001").table(3, 0, &joined(&[&DATA, &rest]))
    };
    vec![
        case("momentum", momentum(), "momentum", &[]),
        case(
            "the error is the gradient of b as well",
            Cells::default().with(MOMENTUM).table(
                4,
                1,
                &joined(&[
                    &DATA,
                    &[("b", "b", "={^b}-$B$1*{^vb}", "0"), ("a", "w", "={^a}-$B$1*{^va}", "0")],
                    &GUESS,
                    &[
                        ("e", "dz", "={p}-{y}", ""),
                        ("ga", "dw", "={e}*{x}", ""),
                        ("gb", "db", "={e}", ""),
                    ],
                    &VELOCITY,
                ]),
            ),
            "momentum",
            &["leaves the factor 2 out of the gradient"],
        ),
        case("a counter of steps", adam("{t}", STEPS), "adam", &[]),
        case("a counter from 0", adam("({t}+1)", ("t", "t", "={^t}+1", "0")), "adam", &[]),
        case("ROW in the formulas", adam("(ROW()-4)", ("i", "year", "{row}", "")), "adam", &[]),
        case(
            "ROWS counts the steps",
            adam("{t}", ("t", "t", "=ROWS(A$5:A{row})", "")),
            "adam",
            &[],
        ),
        case(
            "the whole step in the weights of the next row",
            inline([
                ("b", "b", "={^b}-$B$1*2*({^a}*{^x}+{^b}-{^y})", "1"),
                ("a", "a", "={^a}-$B$1*2*({^a}*{^x}+{^b}-{^y})*{^x}", "1"),
            ]),
            "sgd",
            &[],
        ),
        case(
            "weights after the sample of their row, without names",
            inline([
                ("b", "", "={^b}-$B$1*2*({^a}*{x}+{^b}-{y})", ""),
                ("a", "", "={^a}-$B$1*2*({^a}*{x}+{^b}-{y})*{x}", ""),
            ])
            .with("C3 1; D3 1"),
            "sgd",
            &[],
        ),
        case(
            "finite differences",
            usual(
                "A1 lr; B1 0.0001; C1 h; D1 0.01",
                &[
                    ("e", "err", "=({p}-{y})^2", ""),
                    ("eb", "err b", "=({a}*{x}+{b}+$D$1-{y})^2", ""),
                    ("ea", "err a", "=(({a}+$D$1)*{x}+{b}-{y})^2", ""),
                    ("fb", "est db", "=({eb}-{e})/$D$1", ""),
                    ("fa", "est da", "=({ea}-{e})/$D$1", ""),
                    ("nb", "new b", "={b}-$B$1*{fb}", ""),
                    ("na", "new a", "={a}-$B$1*{fa}", ""),
                ],
            ),
            "sgd",
            &["takes the gradient from forward differences of width h"],
        ),
        case(
            "velocities typed as 0 in the first row",
            momentum().with("H5 0; I5 0"),
            "momentum",
            &["starts v with 0 in the first row"],
        ),
        case(
            "S typed as 1 in the first row",
            usual(RMSPROP, &joined(&[&SQUARES, &ROOTS])).with("H5 1; I5 1"),
            "rmsprop",
            &["starts S with 1 in the first row"],
        ),
        case(
            "the small number for what is new",
            usual(
                "A1 lr; B1 0.0001; C1 share; D1 0.1",
                &joined(&[
                    &[
                        ("vb", "v b", "=(1-$D$1)*{^vb}+$D$1*{gb}", "=$D$1*{gb}"),
                        ("va", "v a", "=(1-$D$1)*{^va}+$D$1*{ga}", "=$D$1*{ga}"),
                    ],
                    &STEP,
                ]),
            ),
            "momentum",
            &["weighs the old average with 1 - beta and what is new with beta"],
        ),
        case(
            "running sums of squares",
            usual(
                "A1 lr; B1 1",
                &[
                    ("sb", "G b", "=SUMSQ(F$5:F{row})", ""),
                    ("sa", "G a", "=SUMSQ(G$5:G{row})", ""),
                    ("nb", "new b", "={b}-$B$1*{gb}/SQRT({sb})", ""),
                    ("na", "new a", "={a}-$B$1*{ga}/SQRT({sa})", ""),
                ],
            ),
            "adagrad",
            &["has no eps"],
        ),
        case(
            "samples that count, beside a noise",
            Cells::default().with(MOMENTUM).table(
                4,
                0,
                &joined(&[
                    &[
                        ("x", "x", "={^x}+1", "1"),
                        ("n", "noise", "x", ""),
                        ("y", "y", "=2*{x}+30+{n}", ""),
                    ],
                    &WEIGHTS,
                    &GUESS,
                    &GRADIENT,
                    &VELOCITY,
                    &STEP,
                ]),
            ),
            "momentum",
            &[],
        ),
    ]
}

pub fn wrong() -> Vec<Case> {
    let case = |name, cells, optimizer, mistakes| Case {
        name,
        cells,
        optimizer,
        departures: &[],
        mistakes,
    };
    let gradient = |rest: [Column; 2]| {
        let columns = joined(&[&DATA, &WEIGHTS, &GUESS, &rest, &VELOCITY, &STEP]);
        Cells::default().with(MOMENTUM).table(4, 0, &columns)
    };
    let moments = |v: [&'static str; 2]| {
        let rest = [("vb", "v b", v[0], ""), ("va", "v a", v[1], "")];
        usual(MOMENTUM, &joined(&[&rest, &STEP])).with("H4 0; I4 0")
    };
    let stray = [("nb", "new b", "={b}-B{above}*{vb}", ""), ("na", "new a", "={a}-$B$1*{va}", "")];
    let strayed = (5..17).fold(usual(MOMENTUM, &joined(&[&VELOCITY, &stray])), |cells, row| {
        cells.with(&format!("J{row} =C{row}-B{}*H{row}", row - 4))
    });
    vec![
        case(
            "one velocity for both weights",
            usual(
                MOMENTUM,
                &joined(&[&VELOCITY, &[STEP[0], ("na", "new a", "={a}-$B$1*{vb}", "")]]),
            ),
            "momentum",
            &["value K5"],
        ),
        case(
            "y where x belongs",
            gradient([GRADIENT[0], ("ga", "da", "={gb}*{y}", "")]),
            "momentum",
            &["value G5"],
        ),
        case(
            "a guess that subtracts",
            Cells::default().with(MOMENTUM).table(
                4,
                0,
                &joined(&[
                    &DATA,
                    &WEIGHTS,
                    &[("p", "guess", "={a}*{x}-{b}", "")],
                    &GRADIENT,
                    &VELOCITY,
                    &STEP,
                ]),
            ),
            "momentum",
            &["value E5"],
        ),
        case(
            "the gradient of y - guess",
            gradient([("gb", "db", "=2*({y}-{p})", ""), ("ga", "da", "={gb}*{x}", "")]),
            "momentum",
            // The gradient of a has it from that of b.
            &["value F5"],
        ),
        case(
            "beta and 1 - beta exchanged",
            moments(["=(1-$D$1)*{^vb}+$D$1*{gb}", "=(1-$D$1)*{^va}+$D$1*{ga}"]),
            "momentum",
            &["value I5", "value H5"],
        ),
        case(
            "the corrections count one step too many",
            adam("({t}+1)", STEPS),
            "adam",
            &["value L5", "value M5", "value N5", "value O5"],
        ),
        case(
            "the corrections have the same step in every row",
            adam("$J$1", STEPS).with("I1 t; J1 1"),
            "adam",
            &["value L6", "value M6", "value N6", "value O6"],
        ),
        case(
            "the steps are counted from 0",
            adam("{t}", ("t", "t", "={^t}+1", "0")),
            "adam",
            &["value A5"],
        ),
        case(
            "beta2 in the velocity, beta1 in its correction",
            {
                let cells = adam("{t}", STEPS).with("H5 =(1-$F$1)*F5; I5 =(1-$F$1)*G5");
                (6..17).fold(cells, |cells, row| {
                    cells.with(&format!(
                        "H{row} =$F$1*H{above}+(1-$F$1)*F{row}; I{row} =$F$1*I{above}+(1-$F$1)*G{row}",
                        above = row - 1
                    ))
                })
            },
            "adam",
            &["value H6", "value I6"],
        ),
        case(
            "labels exchanged",
            adam("{t}", STEPS).with("C1 beta2; E1 beta1"),
            "adam",
            &["label D1", "label F1"],
        ),
        case(
            "a percentage as text",
            usual(RMSPROP, &joined(&[&SQUARES, &ROOTS])).with("D1 '90%"),
            "rmsprop",
            &["text-number D1"],
        ),
        case("a word for a number", momentum().with("B1 small"), "momentum", &["text-number B1"]),
        case("$ forgotten in a whole column", strayed, "momentum", &["inconsistent-formula J6"]),
    ]
}
