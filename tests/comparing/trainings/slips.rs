//! Slips that hide: in columns between the loss and the gradients, in what all iterations share, in
//! trainings without a loss. Each is one finding, in the cell with the slip, with the formula that mends
//! it; the same sheet without the slip holds.

use gdtrace::compare::training::{Kind, Training, Verdict};
use gdtrace::graph::Graph;

use super::book::{Book, letters};
use super::look;

/// A table with a row an iteration: what stands above it, the weights with their starts and updates,
/// and the columns that are computed from them. `{r}` is the row, `{p}` the one before.
pub struct Table {
    pub name: &'static str,
    pub above: &'static [&'static [&'static str]],
    pub weights: &'static [(&'static str, &'static str, &'static str)],
    pub columns: &'static [(&'static str, &'static str)],
}

/// The row of the first iteration, as spreadsheets count.
const FIRST: u32 = 6;
const ROWS: u32 = 8;

impl Table {
    pub fn book(&self) -> Book {
        let mut book = Book::new(&["S"]);
        for (row, cells) in (0..).zip(self.above) {
            book.row(0, (row, 0), cells);
        }
        for at in 0..ROWS {
            let row = FIRST - 1 + at;
            let filled = |text: &str| {
                text.replace("{r}", &(row + 1).to_string()).replace("{p}", &row.to_string())
            };
            for (column, (name, start, update)) in (0..).zip(self.weights) {
                book.set(0, (FIRST - 2, column), name);
                book.set(
                    0,
                    (row, column),
                    if at == 0 { (*start).to_owned() } else { filled(update) },
                );
            }
            for (column, (name, formula)) in (self.weights.len() as u32..).zip(self.columns) {
                book.set(0, (FIRST - 2, column), name);
                book.set(0, (row, column), filled(formula));
            }
        }
        book
    }

    /// The book with another formula in a column, from an iteration on, or a number where it is one.
    fn with(&self, slip: &Slip) -> Book {
        let mut book = self.book();
        let all = self.weights.iter().map(|one| one.0).chain(self.columns.iter().map(|one| one.0));
        let column = all.clone().position(|name| name == slip.column).expect("a column") as u32;
        for row in FIRST + slip.from..FIRST + slip.from + slip.count {
            let text = slip.formula.replace("{r}", &row.to_string());
            let text = text.replace("{p}", &(row - 1).to_string());
            let text = text.replace("{walk}", &(row - FIRST + 2).to_string());
            book.set(0, (row - 1, column), text);
        }
        book
    }
}

/// A slip: which column has which formula instead, in how many rows.
struct Slip {
    column: &'static str,
    formula: &'static str,
    from: u32,
    count: u32,
    kind: Kind,
    /// What is proposed for the first of them.
    proposed: &'static str,
}

/// One tanh neuron behind another; the slopes stand in columns of their own.
const NET: Table = Table {
    name: "tanh",
    above: &[&["learning rate", "0.2"], &["x", "0.9"], &["t", "0.35"]],
    weights: &[
        ("w", "0.7", "=A{p}-$B$1*J{p}"),
        ("b", "0.1", "=B{p}-$B$1*K{p}"),
        ("v", "-0.6", "=C{p}-$B$1*L{p}"),
    ],
    columns: &[
        ("h", "=TANH(A{r}*$B$2+B{r})"),
        ("o", "=C{r}*D{r}"),
        ("loss", "=(E{r}-$B$3)^2"),
        ("delta", "=2*(E{r}-$B$3)"),
        ("slope", "=1-D{r}^2"),
        ("delta h", "=G{r}*C{r}*H{r}"),
        ("dw", "=I{r}*$B$2"),
        ("db", "=I{r}"),
        ("dv", "=G{r}*D{r}"),
    ],
};

/// A line over three samples, the shares of the gradients sample by sample.
const SHARES: Table = Table {
    name: "shares",
    above: &[&["rate", "0.03", "x", "0.5", "1.4", "2.2"], &["", "", "y", "0.8", "2.9", "3.7"]],
    weights: &[("k", "0.3", "=A{p}-$B$1*P{p}"), ("d", "0.2", "=B{p}-$B$1*Q{p}")],
    columns: &[
        ("e1", "=$A{r}*D$1+$B{r}-D$2"),
        ("e2", "=$A{r}*E$1+$B{r}-E$2"),
        ("e3", "=$A{r}*F$1+$B{r}-F$2"),
        ("loss", "=SUMSQ(C{r}:E{r})"),
        ("k1", "=2*C{r}*D$1"),
        ("k2", "=2*D{r}*E$1"),
        ("k3", "=2*E{r}*F$1"),
        ("d1", "=2*C{r}"),
        ("d2", "=2*D{r}"),
        ("d3", "=2*E{r}"),
        ("n", "=COUNT(C{r}:E{r})"),
        ("mean", "=F{r}/M{r}"),
        ("root", "=SQRT(N{r})"),
        ("dk", "=SUM(G{r}:I{r})"),
        ("dd", "=SUM(J{r}:L{r})"),
    ],
};

/// The likelihood of a normal distribution, climbed.
const LIKELIHOOD: Table = Table {
    name: "likelihood",
    above: &[&["rate", "0.05"], &["", "x", "0.4", "1.3", "2.1"]],
    weights: &[("mu", "0.2", "=A{p}+$B$1*G{p}"), ("s", "0.1", "=B{p}+$B$1*H{p}")],
    columns: &[
        ("z1", "=($C$2-$A{r})/EXP($B{r})"),
        ("z2", "=($D$2-$A{r})/EXP($B{r})"),
        ("z3", "=($E$2-$A{r})/EXP($B{r})"),
        ("likelihood", "=-3*B{r}-SUMSQ(C{r}:E{r})/2"),
        ("dmu", "=SUM(C{r}:E{r})/EXP(B{r})"),
        ("ds", "=SUMSQ(C{r}:E{r})-3"),
    ],
};

/// A function whose derivatives have nothing to do with each other, the rate typed.
const SEPARABLE: Table = Table {
    name: "separable",
    above: &[],
    weights: &[("p", "3", "=A{p}-0.1*D{p}"), ("q", "-2", "=B{p}-0.1*E{p}")],
    columns: &[("f", "=(A{r}-2)^2+2*(B{r}+1)^2"), ("dp", "=2*(A{r}-2)"), ("dq", "=4*(B{r}+1)")],
};

/// A softmax over three classes, a weight each.
const SOFTMAX: Table = Table {
    name: "softmax",
    above: &[&["rate", "0.2", "x", "0.7"], &["", "t", "0", "1", "0"]],
    weights: &[
        ("u", "0.3", "=A{p}-$B$1*R{p}"),
        ("v", "-0.2", "=B{p}-$B$1*S{p}"),
        ("w", "0.1", "=C{p}-$B$1*T{p}"),
    ],
    columns: &[
        ("zu", "=A{r}*$D$1"),
        ("zv", "=B{r}*$D$1"),
        ("zw", "=C{r}*$D$1"),
        ("eu", "=EXP(D{r})"),
        ("ev", "=EXP(E{r})"),
        ("ew", "=EXP(F{r})"),
        ("sum", "=G{r}+H{r}+I{r}"),
        ("pu", "=G{r}/J{r}"),
        ("pv", "=H{r}/J{r}"),
        ("pw", "=I{r}/J{r}"),
        ("loss", "=-($C$2*LN(K{r})+$D$2*LN(L{r})+$E$2*LN(M{r}))"),
        ("du", "=K{r}-$C$2"),
        ("dv", "=L{r}-$D$2"),
        ("dw", "=M{r}-$E$2"),
        ("gu", "=O{r}*$D$1"),
        ("gv", "=P{r}*$D$1"),
        ("gw", "=Q{r}*$D$1"),
    ],
};

/// The same with the logarithm of what the targets pick.
const PICKED: Table = Table {
    name: "picked",
    above: SOFTMAX.above,
    weights: SOFTMAX.weights,
    columns: &[
        ("zu", "=A{r}*$D$1"),
        ("zv", "=B{r}*$D$1"),
        ("zw", "=C{r}*$D$1"),
        ("pu", "=EXP(D{r})/(EXP($D{r})+EXP($E{r})+EXP($F{r}))"),
        ("pv", "=EXP(E{r})/(EXP($D{r})+EXP($E{r})+EXP($F{r}))"),
        ("pw", "=EXP(F{r})/(EXP($D{r})+EXP($E{r})+EXP($F{r}))"),
        ("loss", "=-LN($C$2*G{r}+$D$2*H{r}+$E$2*I{r})"),
        ("du", "=G{r}-$C$2"),
        ("dv", "=H{r}-$D$2"),
        ("dw", "=I{r}-$E$2"),
        ("g1", "0"),
        ("g2", "0"),
        ("g3", "0"),
        ("g4", "0"),
        ("gu", "=K{r}*$D$1"),
        ("gv", "=L{r}*$D$1"),
        ("gw", "=M{r}*$D$1"),
    ],
};

/// A sigmoid and its cross-entropy.
const LOGISTIC: Table = Table {
    name: "logistic",
    above: &[&["rate", "0.3"], &["x", "0.8"], &["t", "1"]],
    weights: &[("w", "0.2", "=A{p}-$B$1*F{p}"), ("b", "0.1", "=B{p}-$B$1*G{p}")],
    columns: &[
        ("p", "=1/(1+EXP(-(A{r}*$B$2+B{r})))"),
        ("loss", "=-($B$3*LN(C{r})+(1-$B$3)*LN(1-C{r}))"),
        ("d", "=C{r}-$B$3"),
        ("gw", "=E{r}*$B$2"),
        ("gb", "=E{r}"),
    ],
};

/// A sigmoid and half its squared error.
const NEURON: Table = Table {
    name: "neuron",
    columns: &[
        ("p", "=1/(1+EXP(-(A{r}*$B$2+B{r})))"),
        ("loss", "=0.5*(C{r}-$B$3)^2"),
        ("d", "=(C{r}-$B$3)*C{r}*(1-C{r})"),
        ("gw", "=E{r}*$B$2"),
        ("gb", "=E{r}"),
    ],
    ..LOGISTIC
};

/// Derivatives of a cross-entropy, beside the square of the error to look at: a factor 2 and the slope would have to be
/// missing for derivatives of that.
const WATCHED: Table = Table {
    name: "watched",
    columns: &[
        ("p", "=1/(1+EXP(-(A{r}*$B$2+B{r})))"),
        ("loss", "=(C{r}-$B$3)^2"),
        ("d", "=C{r}-$B$3"),
        ("gw", "=E{r}*$B$2"),
        ("gb", "=E{r}"),
    ],
    ..LOGISTIC
};

/// A penalty of a weight's size, and a learning rate of its own in each iteration.
const LASSO: Table = Table {
    name: "lasso",
    above: &[&["rate", "0.01"], &["lambda", "0.2"], &["x", "1.4"], &["t", "2"]],
    weights: &[("w", "-0.5", "=A{p}-F{p}*G{p}"), ("b", "0.1", "=B{p}-F{p}*H{p}")],
    columns: &[
        ("n", "=ROW()-5"),
        ("e", "=A{r}*$B$3+B{r}-$B$4"),
        ("loss", "=D{r}^2+$B$2*ABS(A{r})"),
        ("lr", "=$B$1/(1+0.1*C{r})"),
        ("gw", "=2*D{r}*$B$3+$B$2*SIGN(A{r})"),
        ("gb", "=2*D{r}"),
    ],
};

/// Four samples, their derivatives sums of products.
const PRODUCTS: Table = Table {
    name: "products",
    above: &[&["rate", "0.02"], &["x", "1", "2", "3", "4"], &["y", "2", "3.5", "6", "8.5"]],
    weights: &[("w", "0.2", "=A{p}-$B$1*H{p}"), ("b", "0.1", "=B{p}-$B$1*I{p}")],
    columns: &[
        ("e1", "=A{r}*$B$2+B{r}-$B$3"),
        ("e2", "=A{r}*$C$2+B{r}-$C$3"),
        ("e3", "=A{r}*$D$2+B{r}-$D$3"),
        ("e4", "=A{r}*$E$2+B{r}-$E$3"),
        ("loss", "=SUMSQ(C{r}:F{r})/4"),
        ("gw", "=2*SUMPRODUCT(C{r}:F{r},$B$2:$E$2)/4"),
        ("gb", "=2*SUM(C{r}:F{r})/4"),
    ],
};

/// One sample, the prediction and what it is off by in cells of their own.
const LINE: Table = Table {
    name: "line",
    above: &[&["rate", "0.05"], &["x", "1.4"], &["y", "2"]],
    weights: &[("w", "0.2", "=A{p}-$B$1*F{p}"), ("b", "0.1", "=B{p}-$B$1*G{p}")],
    columns: &[
        ("p", "=A{r}*$B$2+B{r}"),
        ("e", "=C{r}-$B$3"),
        ("loss", "=D{r}^2"),
        ("gw", "=2*D{r}*$B$2"),
        ("gb", "=2*D{r}"),
    ],
};

const SLIPS: &[(&Table, Slip)] = &[
    // One weight twice, which looks like a step of that weight; the weights of the iteration before.
    (&LINE, slip("p", "=A{r}*$B$2+A{r}", 0, ROWS, Kind::WrongForward, "=A6*$B$2+B6")),
    (&LINE, slip("p", "=B{r}*$B$2+B{r}", 0, ROWS, Kind::WrongForward, "=A6*$B$2+B6")),
    (&LINE, slip("p", "=A{p}*$B$2+B{p}", 1, ROWS - 1, Kind::WrongWeight, "=A7*$B$2+B7")),
    // Both ranges lack their last sample.
    (
        &PRODUCTS,
        slip(
            "gw",
            "=2*SUMPRODUCT(C{r}:E{r},$B$2:$D$2)/4",
            0,
            ROWS,
            Kind::WrongDerivative,
            "=2*SUMPRODUCT(C6:F6,$B$2:$E$2)/4",
        ),
    ),
    (
        &LASSO,
        slip("gw", "=2*D{r}*$B$3+$B$2", 0, ROWS, Kind::WrongDerivative, "=2*D6*$B$3+$B$2*SIGN(A6)"),
    ),
    (&LASSO, slip("b", "=B{p}-$B$1*H{p}", 1, ROWS - 1, Kind::OddWeight, "=B6-F6*H6")),
    // Without the slope they would be those of the cross-entropy, which is not the loss.
    (&NEURON, slip("d", "=C{r}-$B$3", 0, ROWS, Kind::WrongDerivative, "=(C6-$B$3)*(C6*(1-C6))")),
    (&PICKED, slip("dv", "=H{r}-$C$2", 0, ROWS, Kind::WrongDerivative, "=H6-$D$2")),
    (
        &LOGISTIC,
        slip(
            "p",
            "=1/(1+EXP(-(A{r}*$B$2)))",
            0,
            ROWS,
            Kind::WrongForward,
            "=1/(1+EXP(-(A6*$B$2+B6)))",
        ),
    ),
    (
        &LOGISTIC,
        slip(
            "loss",
            "=-($B$3*LN(C{r})+(1-$B$3)*LN(C{r}))",
            0,
            ROWS,
            Kind::WrongForward,
            "=-($B$3*LN(C6)+(1-$B$3)*LN(1-C6))",
        ),
    ),
    // The output before it is a share, another class' target, a sigmoid's slope.
    (&SOFTMAX, slip("dv", "=H{r}-$D$2", 0, ROWS, Kind::WrongDerivative, "=L6-$D$2")),
    (&SOFTMAX, slip("dv", "=L{r}-$C$2", 0, ROWS, Kind::WrongDerivative, "=L6-$D$2")),
    (
        &SOFTMAX,
        slip("dw", "=(M{r}-$E$2)*M{r}*(1-M{r})", 0, ROWS, Kind::WrongDerivative, "=M6-$E$2"),
    ),
    // The slope of tanh without its square, used by two gradients.
    (&NET, slip("slope", "=1-D{r}", 0, ROWS, Kind::WrongDerivative, "=1-D6^2")),
    (&NET, slip("delta", "=2*(E{r}+$B$3)", 0, ROWS, Kind::WrongDerivative, "=2*(E6-$B$3)")),
    (&NET, slip("delta h", "=G{r}*H{r}", 0, ROWS, Kind::WrongDerivative, "=G6*H6*C6")),
    (&NET, slip("h", "=TANH(A{r}*$B$2)", 0, ROWS, Kind::WrongForward, "=TANH(A6*$B$2+B6)")),
    (&NET, slip("loss", "=E{r}-$B$3", 0, ROWS, Kind::WrongForward, "=(E6-$B$3)^2")),
    (&NET, slip("loss", "0.5", 3, 1, Kind::Value, "=(E9-$B$3)^2")),
    (&NET, slip("w", "=A{p}-$B$1*L{p}", 1, ROWS - 1, Kind::WrongWeight, "=A6-$B$1*J6")),
    (&SHARES, slip("k2", "=2*D{r}", 0, ROWS, Kind::WrongDerivative, "=2*D6*E$1")),
    (
        &SHARES,
        slip(
            "e2",
            "=$A{r}*E$1+$B{r}-E{walk}",
            1,
            ROWS - 1,
            Kind::DriftingReference,
            "=$A7*E$1+$B7-E$2",
        ),
    ),
    (
        &LIKELIHOOD,
        slip(
            "dmu",
            "=-SUM(C{r}:E{r})/EXP(B{r})",
            0,
            ROWS,
            Kind::WrongDerivative,
            "=SUM(C6:E6)/EXP(B6)",
        ),
    ),
    (&SEPARABLE, slip("dq", "=2*(B{r}+1)", 0, ROWS, Kind::WrongDerivative, "=2*(2*(B6+1))")),
];

const fn slip(
    column: &'static str,
    formula: &'static str,
    from: u32,
    count: u32,
    kind: Kind,
    proposed: &'static str,
) -> Slip {
    Slip { column, formula, from, count, kind, proposed }
}

fn only(graph: &Graph, trainings: Vec<Training>) -> Result<Training, String> {
    match <[Training; 1]>::try_from(trainings) {
        Ok([only]) => Ok(only),
        Err(all) => {
            let starts =
                all.iter().flat_map(|one| &one.weights).map(|one| graph.address(one.start));
            Err(format!("{} trainings: {:?}", all.len(), starts.collect::<Vec<_>>()))
        }
    }
}

/// What is not as it should be where nothing is wrong.
fn complaint(book: &Book) -> Option<String> {
    let (graph, found) = look(book);
    let training = match only(&graph, found.trainings) {
        Ok(training) => training,
        Err(text) => return Some(text),
    };
    let findings = training.findings.iter();
    let told: Vec<String> =
        findings.map(|one| format!("{} {}", one.kind.name(), one.range(&graph))).collect();
    let holds = training.weights.iter().all(|one| one.verdict == Verdict::Verified);
    (!told.is_empty() || !holds).then(|| format!("holds: {holds}; {}", told.join("; ")))
}

/// What is not as it should be in what is found of a slip.
fn complaint_of(table: &Table, slip: &Slip) -> Option<String> {
    let (graph, found) = look(&table.with(slip));
    let training = match only(&graph, found.trainings) {
        Ok(training) => training,
        Err(text) => return Some(text),
    };
    let told: Vec<String> = training
        .findings
        .iter()
        .map(|one| {
            let proposed = one.proposed.as_deref().unwrap_or("-");
            format!(
                "{} {} x{} {proposed}",
                one.kind.name(),
                graph.address(one.cells[0]),
                one.cells.len()
            )
        })
        .collect();
    let all = table.weights.iter().map(|one| one.0).chain(table.columns.iter().map(|one| one.0));
    let column = all.clone().position(|name| name == slip.column).expect("a column") as u32;
    let cell = format!("S!{}{}", letters(column), FIRST + slip.from);
    let wanted = format!("{} {cell} x{} {}", slip.kind.name(), slip.count, slip.proposed);
    (told != [wanted.clone()]).then(|| format!("{told:?}, not {wanted}"))
}

#[test]
fn slips_between_the_loss_and_the_gradients_are_found_where_they_stand() {
    let mut complaints: Vec<String> = Vec::new();
    let right = [
        &NET,
        &SHARES,
        &LIKELIHOOD,
        &SEPARABLE,
        &SOFTMAX,
        &PICKED,
        &LOGISTIC,
        &NEURON,
        &WATCHED,
        &LASSO,
        &PRODUCTS,
        &LINE,
    ];
    for table in right {
        let found = complaint(&table.book());
        complaints.extend(found.map(|text| format!("{}: {text}", table.name)));
    }
    for (table, slip) in SLIPS {
        let found = complaint_of(table, slip);
        complaints.extend(found.map(|text| format!("{}, {}: {text}", table.name, slip.formula)));
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// Gradients without a loss: what the sheet's column of slopes is, and what that makes of the loss.
const IMPLIED: &[(&str, &str)] = &[
    ("=SIGN(C{r})", "mean absolute error"),
    ("=C{r}", "half the mean squared error"),
    ("=IF(ABS(C{r})<=0.4,C{r},0.4*SIGN(C{r}))", "same function, whichever it is"),
];

#[test]
fn losses_that_the_sheet_does_not_write_are_inferred() {
    for (slope, words) in IMPLIED {
        let mut book = Book::new(&["S"]);
        book.row(0, (0, 0), &["rate", "0.1", "x", "0.3", "1.1", "y", "0.9", "0.2"]);
        book.row(0, (4, 0), &["k", "d", "e1", "e2", "s1", "s2", "dk", "dd"]);
        for row in 5..12_u32 {
            let r = (row + 1).to_string();
            let slope = |cell: &str| slope.replace("C{r}", &format!("{cell}{r}"));
            let weights = match row {
                5 => ["0.4".to_owned(), "0.1".to_owned()],
                _ => [format!("=A{row}-$B$1*G{row}"), format!("=B{row}-$B$1*H{row}")],
            };
            let formulas = [
                format!("=A{r}*$D$1+B{r}-$G$1"),
                format!("=A{r}*$E$1+B{r}-$H$1"),
                slope("C"),
                slope("D"),
                format!("=(E{r}*$D$1+F{r}*$E$1)/2"),
                format!("=(E{r}+F{r})/2"),
            ];
            let all: Vec<&str> = weights.iter().chain(&formulas).map(String::as_str).collect();
            book.row(0, (row, 0), &all);
        }
        assert_eq!(complaint(&book), None, "{slope}");
        let (_, found) = look(&book);
        let implied = found.trainings[0].loss.implied.clone().unwrap_or_default();
        assert!(implied.starts_with(words), "{slope}: {implied}");
    }
}

/// A softmax over two classes, its targets 1 and 0, with and without the cross-entropy.
#[test]
fn targets_of_a_softmax_stay_shares_of_one() {
    for loss in ["=-(D{r}*LN(J{r})+E{r}*LN(K{r}))", "0"] {
        let mut book = Book::new(&["S"]);
        book.row(0, (0, 0), &["rate", "0.3"]);
        let heads =
            ["a", "b", "x", "t1", "t2", "za", "zb", "ea", "eb", "pa", "pb", "loss", "da", "db"];
        book.row(0, (4, 0), &heads);
        for row in 5..12_u32 {
            let r = (row + 1).to_string();
            let is_first = row % 2 == 0;
            let weights = match row {
                5 => ["0.2".to_owned(), "-0.3".to_owned()],
                _ => [format!("=A{row}-$B$1*M{row}"), format!("=B{row}-$B$1*N{row}")],
            };
            let data = [format!("{}", 0.3 + f64::from(row) / 8.0), u8::from(is_first).to_string()];
            let formulas = [
                "=A{r}*C{r}",
                "=B{r}*C{r}",
                "=EXP(F{r})",
                "=EXP(G{r})",
                "=H{r}/(H{r}+I{r})",
                "=I{r}/(H{r}+I{r})",
                loss,
                "=(J{r}-D{r})*C{r}",
                "=(K{r}-E{r})*C{r}",
            ];
            let mut all: Vec<String> = weights.into_iter().chain(data).collect();
            all.push(u8::from(!is_first).to_string());
            all.extend(formulas.iter().map(|text| text.replace("{r}", &r)));
            book.row(0, (row, 0), &all.iter().map(String::as_str).collect::<Vec<_>>());
        }
        assert_eq!(complaint(&book), None, "{loss}");
    }
}

#[test]
fn values_typed_as_the_updates_give_them_go_on_and_are_said() {
    let mut book = SEPARABLE.book();
    // What the second update gives: 2.8 less a tenth of 2*(2.8-2).
    book.set(0, (7, 0), "2.64");
    let (graph, found) = look(&book);
    assert_eq!(complaint(&book), None);
    let typed: Vec<String> =
        found.trainings[0].typed.iter().map(|cell| graph.address(*cell)).collect();
    assert_eq!(typed, ["S!A8"]);
}

/// A step along one slope, whose function the sheet does not write: what its column and its rate are called.
const CALLED: &[(&str, &str, bool)] = &[
    ("learning rate", "f'(x)", true),
    ("lr", "dE/dx", true),
    ("Lernrate", "Ableitung", true),
    ("rate", "slope", false),
    ("learning rate", "interest", false),
];

#[test]
fn steps_along_what_is_called_a_derivative_are_trainings_that_nothing_is_held_against() {
    for (rate, slope, is_training) in CALLED {
        let mut book = Book::new(&["S"]);
        book.row(0, (0, 0), &[rate, "0.05"]);
        book.row(0, (2, 0), &["x", slope]);
        for row in 3..12_u32 {
            let x = if row == 3 { "3".to_owned() } else { format!("=A{row}-$B$1*B{row}") };
            book.row(0, (row, 0), &[&x, &format!("=4*A{0}^3-9*A{0}^2", row + 1)]);
        }
        let (_, found) = look(&book);
        assert_eq!(found.trainings.len(), usize::from(*is_training), "{rate}, {slope}");
        for training in &found.trainings {
            let implied = training.loss.implied.as_deref().expect("a loss that is not written");
            assert!(implied.contains("nothing to hold them against"), "{implied}");
            assert!(training.findings.is_empty(), "{rate}, {slope}");
        }
    }
}

/// Formulas with names of their own, of which the first gradient lacks its x where `is_wrong`.
fn with_names(is_wrong: bool) -> Book {
    let mut book = Book::new(&["S"]);
    let rows: [&[&str]; 3] = [&["lr", "0.05"], &["x", "1", "2", "0.5"], &["y", "2", "3.9", "1.2"]];
    (0..).zip(rows).for_each(|(row, cells)| book.row(0, (row, 0), cells));
    book.row(0, (4, 0), &["w", "b", "loss", "dw", "db"]);
    let by = if is_wrong { "$B$3:$D$3" } else { "$B$2:$D$2" };
    for row in 5..12_u32 {
        let r = row + 1;
        let next = |of: &str, slope: &str| format!("={of}{row}-$B$1*{slope}{row}");
        let [w, b] = match row {
            5 => ["0.1".to_owned(), "0".to_owned()],
            _ => [next("A", "D"), next("B", "E")],
        };
        let error = format!("_xlpm.p,A{r}*$B$2:$D$2+B{r},_xlpm.e,_xlpm.p-$B$3:$D$3");
        book.row(
            0,
            (row, 0),
            &[
                &w,
                &b,
                &format!("=_xlfn.LET({error},SUMPRODUCT(_xlpm.e,_xlpm.e)/3)"),
                &format!("=_xlfn.LET({error},SUMPRODUCT(_xlpm.e,{by})*2/3)"),
                &format!("=_xlfn.LET({error},SUM(_xlpm.e)*2/3)"),
            ],
        );
    }
    book
}

#[test]
fn names_within_formulas_are_read() {
    let (graph, found) = look(&with_names(false));
    assert!(found.trainings[0].findings.is_empty(), "{:?}", found.trainings[0].findings);
    assert_eq!(found.trainings[0].weights.len(), 2);
    let read = graph.order().iter().filter(|id| graph.tree(**id).is_some()).count();
    assert_eq!(read, 7 * 3 + 6 * 2, "every formula is read");
    let (_, found) = look(&with_names(true));
    let finding = &found.trainings[0].findings[0];
    assert_eq!(finding.kind.name(), "wrong-derivative");
    let proposed = finding.proposed.as_deref().expect("a formula");
    assert!(proposed.contains("$B$2:$D$2)*2/3"), "{proposed}");
}
