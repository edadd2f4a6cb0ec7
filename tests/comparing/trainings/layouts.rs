//! Trainings laid out as people lay them out, each with what it is.

use super::book::{At, Book, address, letters};

/// A training in a workbook, and which of its cells are what.
#[derive(Debug, Clone)]
pub struct Sample {
    pub name: &'static str,
    pub book: Book,
    /// How iterations follow on each other.
    pub layout: &'static str,
    /// For each weight its value in each iteration, the start first.
    pub weights: Vec<Vec<Cell>>,
    /// For each weight what should be its derivative in each iteration.
    pub gradients: Vec<Vec<Cell>>,
    /// Cells of the forward pass: for each kind of cell that of each iteration.
    pub forward: Vec<Vec<Cell>>,
    /// Typed numbers that the training computes with.
    pub data: Vec<Cell>,
    /// The cell of the learning rate.
    pub rate: Option<Cell>,
    /// The loss of each iteration.
    pub losses: Vec<Cell>,
    pub factor: f64,
    /// How many updates there are.
    pub iterations: usize,
}

/// A cell: its sheet and its place.
pub type Cell = (usize, At);

impl Sample {
    /// `Sheet!B7`
    pub fn address(&self, (sheet, at): Cell) -> String {
        format!("{}!{}", self.book.sheets[sheet].0, address(at))
    }

    pub fn content(&self, (sheet, at): Cell) -> &str {
        self.book
            .get(sheet, at)
            .unwrap_or_else(|| panic!("{}: {}", self.name, self.address((sheet, at))))
    }

    /// The same with rows for columns.
    fn transposed(mut self, name: &'static str) -> Sample {
        self.book = self.book.transposed();
        let turn = |cell: &mut Cell| cell.1 = (cell.1.1, cell.1.0);
        let all =
            self.weights.iter_mut().chain(&mut self.gradients).chain(&mut self.forward).flatten();
        all.chain(&mut self.data).chain(&mut self.rate).chain(&mut self.losses).for_each(turn);
        Sample { name, layout: if self.layout == "rows" { "columns" } else { self.layout }, ..self }
    }
}

/// All of them.
pub fn all() -> Vec<Sample> {
    vec![
        net_rows("net-rows", 12),
        net_rows("net-columns", 10).transposed("net-columns"),
        net_biases("net-biases-rows", false),
        net_biases("net-biases-tanh", true),
        net_sheets(),
        line_blocks_right(),
        line_blocks_right().transposed("line-blocks-down"),
        gate_blocks(),
        line_wide(),
        line_inline(),
        logistic_wide(),
        bowl(),
        bowl().transposed("bowl-columns"),
        three_features(),
        typed_rate(),
    ]
}

fn column(sheet: usize, column: u32, rows: std::ops::Range<u32>) -> Vec<Cell> {
    rows.map(|row| (sheet, (row, column))).collect()
}

/// Two inputs, two hidden and two output neurons, a row an iteration.
fn net_rows(name: &'static str, rows: u32) -> Sample {
    let mut book = Book::new(&["train"]);
    book.row(0, (0, 0), &["rate", "0.35", "", "goal", "0.85", "0.1"]);
    book.row(0, (1, 0), &["in", "0.65", "0.3"]);
    let heads = [
        "i1",
        "i2",
        "w1",
        "w2",
        "w3",
        "w4",
        "n1",
        "a1",
        "n2",
        "a2",
        "v1",
        "v2",
        "v3",
        "v4",
        "m1",
        "b1",
        "m2",
        "b2",
        "err1",
        "err2",
        "total error",
        "d_w1",
        "d_w2",
        "d_w3",
        "d_w4",
        "d_v1",
        "d_v2",
        "d_v3",
        "d_v4",
    ];
    book.row(0, (3, 0), &heads);
    let start = ["0.4", "-0.25", "0.15", "0.5", "0.3", "0.2", "-0.45", "0.6"];
    let weights: Vec<u32> = (2..6).chain(10..14).collect();
    let (d1, d2) = ("(P{r}-$E$1)*P{r}*(1-P{r})", "(R{r}-$F$1)*R{r}*(1-R{r})");
    let first = format!("({d1}*K{{r}}+{d2}*M{{r}})*H{{r}}*(1-H{{r}})");
    let second = format!("({d1}*L{{r}}+{d2}*N{{r}})*J{{r}}*(1-J{{r}})");
    let gradients = [
        format!("={first}*A{{r}}"),
        format!("={first}*B{{r}}"),
        format!("={second}*A{{r}}"),
        format!("={second}*B{{r}}"),
        format!("={d1}*H{{r}}"),
        format!("={d1}*J{{r}}"),
        format!("={d2}*H{{r}}"),
        format!("={d2}*J{{r}}"),
    ];
    let forward = [
        (0, "=$B$2"),
        (1, "=$C$2"),
        (6, "=C{r}*A{r}+D{r}*B{r}"),
        (7, "=1/(1+EXP(-G{r}))"),
        (8, "=E{r}*A{r}+F{r}*B{r}"),
        (9, "=1/(1+EXP(-I{r}))"),
        (14, "=K{r}*H{r}+L{r}*J{r}"),
        (15, "=1/(1+EXP(-O{r}))"),
        (16, "=M{r}*H{r}+N{r}*J{r}"),
        (17, "=1/(1+EXP(-Q{r}))"),
        (18, "=0.5*($E$1-P{r})^2"),
        (19, "=0.5*($F$1-R{r})^2"),
        (20, "=S{r}+T{r}"),
    ];
    for at in 0..rows {
        let (row, r) = (4 + at, (5 + at).to_string());
        for (column, formula) in forward {
            book.set(0, (row, column), formula.replace("{r}", &r));
        }
        for (index, weight) in (0..).zip(&weights) {
            let gradient = 21 + index;
            let update = format!("={}{}-$B$1*{}{}", letters(*weight), row, letters(gradient), row);
            book.set(
                0,
                (row, *weight),
                if at == 0 { start[index as usize].to_owned() } else { update },
            );
            book.set(0, (row, gradient), gradients[index as usize].replace("{r}", &r));
        }
    }
    Sample {
        name,
        book,
        layout: "rows",
        weights: weights.iter().map(|at| column(0, *at, 4..4 + rows)).collect(),
        gradients: (21..29).map(|at| column(0, at, 4..4 + rows)).collect(),
        forward: [6, 7, 8, 9, 14, 15, 16, 17]
            .iter()
            .map(|at| column(0, *at, 4..4 + rows))
            .collect(),
        data: vec![(0, (0, 4)), (0, (0, 5)), (0, (1, 1)), (0, (1, 2))],
        rate: Some((0, (0, 1))),
        losses: column(0, 20, 4..4 + rows),
        factor: 1.0,
        iterations: rows as usize - 1,
    }
}

/// One input, two hidden neurons with biases and one output, deltas in columns of their own.
fn net_biases(name: &'static str, is_tanh: bool) -> Sample {
    let mut book = Book::new(&["model"]);
    book.row(0, (0, 0), &["learning rate", "0.2"]);
    book.row(0, (1, 0), &["x", "0.7"]);
    book.row(0, (2, 0), &["t", "0.4"]);
    let heads = [
        "step", "w1", "b1", "w2", "b2", "u1", "u2", "c", "z1", "h1", "z2", "h2", "y", "loss",
        "delta y", "delta 1", "delta 2", "g_w1", "g_b1", "g_w2", "g_b2", "g_u1", "g_u2", "g_c",
    ];
    book.row(0, (4, 0), &heads);
    let start = ["0.8", "0.1", "-0.5", "0.3", "1.1", "-0.7", "0.25"];
    let (act, slope) = match is_tanh {
        true => ("=TANH({z})", "(1-{h}^2)"),
        false => ("=1/(1+EXP(-{z}))", "{h}*(1-{h})"),
    };
    let act = |z: &str| act.replace("{z}", z);
    let slope = |h: &str| slope.replace("{h}", h);
    let formulas = [
        (8, "=B{r}*$B$2+C{r}".to_owned()),
        (9, act("I{r}")),
        (10, "=D{r}*$B$2+E{r}".to_owned()),
        (11, act("K{r}")),
        (12, "=F{r}*J{r}+G{r}*L{r}+H{r}".to_owned()),
        (13, "=(M{r}-$B$3)^2".to_owned()),
        (14, "=2*(M{r}-$B$3)".to_owned()),
        (15, format!("=O{{r}}*F{{r}}*{}", slope("J{r}"))),
        (16, format!("=O{{r}}*G{{r}}*{}", slope("L{r}"))),
        (17, "=P{r}*$B$2".to_owned()),
        (18, "=P{r}".to_owned()),
        (19, "=Q{r}*$B$2".to_owned()),
        (20, "=Q{r}".to_owned()),
        (21, "=O{r}*J{r}".to_owned()),
        (22, "=O{r}*L{r}".to_owned()),
        (23, "=O{r}".to_owned()),
    ];
    let rows = 9;
    for at in 0..rows {
        let row = 5 + at;
        book.set(0, (row, 0), at);
        for index in 0..7 {
            let weight = 1 + index;
            let update = format!("={}{row}-$B$1*{}{row}", letters(weight), letters(17 + index));
            book.set(
                0,
                (row, weight),
                if at == 0 { start[index as usize].to_owned() } else { update },
            );
        }
        for (column, formula) in &formulas {
            book.set(0, (row, *column), formula.replace("{r}", &(row + 1).to_string()));
        }
    }
    Sample {
        name,
        book,
        layout: "rows",
        weights: (1..8).map(|at| column(0, at, 5..5 + rows)).collect(),
        gradients: (17..24).map(|at| column(0, at, 5..5 + rows)).collect(),
        forward: [8, 9, 10, 11, 12].iter().map(|at| column(0, *at, 5..5 + rows)).collect(),
        data: vec![(0, (1, 1)), (0, (2, 1))],
        rate: Some((0, (0, 1))),
        losses: column(0, 13, 5..5 + rows),
        factor: 1.0,
        iterations: rows as usize - 1,
    }
}

/// A sheet an iteration, weights in a list that the next sheet takes over.
fn net_sheets() -> Sample {
    let names = ["epoch 1", "epoch 2", "epoch 3", "epoch 4"];
    let mut book = Book::new(&names);
    let start = ["0.3", "-0.2", "0.45", "0.1", "0.55", "-0.35", "0.15"];
    for sheet in 0..names.len() {
        for (row, (label, value)) in
            [("x1", "0.9"), ("x2", "0.35"), ("target", "0.2"), ("eta", "0.5")].iter().enumerate()
        {
            book.row(sheet, (row as u32, 0), &[label, value]);
        }
        book.row(sheet, (5, 0), &["parameter", "value", "gradient", "next"]);
        for index in 0..7_u32 {
            let row = 6 + index;
            let value = match sheet {
                0 => start[index as usize].to_owned(),
                _ => format!("='{}'!D{}", names[sheet - 1], row + 1),
            };
            let label = ["w11", "w12", "w21", "w22", "v1", "v2", "bias"][index as usize];
            let next = format!("=B{}-$B$4*C{}", row + 1, row + 1);
            book.row(sheet, (row, 0), &[label, &value, "", &next]);
        }
        let cells = [
            (15, "net 1", "=B7*B1+B8*B2+B13"),
            (16, "out 1", "=1/(1+EXP(-B16))"),
            (17, "net 2", "=B9*B1+B10*B2+B13"),
            (18, "out 2", "=1/(1+EXP(-B18))"),
            (19, "net o", "=B11*B17+B12*B19"),
            (20, "out o", "=1/(1+EXP(-B20))"),
            (21, "error", "=(B3-B21)^2/2"),
            (22, "delta o", "=(B21-B3)*B21*(1-B21)"),
            (23, "delta 1", "=B23*B11*B17*(1-B17)"),
            (24, "delta 2", "=B23*B12*B19*(1-B19)"),
        ];
        for (row, label, formula) in cells {
            book.row(sheet, (row, 0), &[label, formula]);
        }
        let gradients =
            ["=B24*B1", "=B24*B2", "=B25*B1", "=B25*B2", "=B23*B17", "=B23*B19", "=B24+B25"];
        for (index, gradient) in (0..).zip(gradients) {
            book.set(sheet, (6 + index, 2), gradient);
        }
    }
    let over = |at: At| (0..names.len()).map(|sheet| (sheet, at)).collect::<Vec<Cell>>();
    Sample {
        name: "net-sheets",
        book,
        layout: "sheets",
        weights: (0..7).map(|index| over((6 + index, 1))).collect(),
        gradients: (0..7).map(|index| over((6 + index, 2))).collect(),
        forward: (15..21).map(|row| over((row, 1))).collect(),
        data: vec![(0, (0, 1)), (0, (1, 1)), (0, (2, 1))],
        rate: Some((0, (3, 1))),
        losses: over((21, 1)),
        factor: 1.0,
        iterations: names.len(),
    }
}

/// Full batch, a block of columns a step, the weights in a list at the left.
fn line_blocks_right() -> Sample {
    let mut book = Book::new(&["fit"]);
    let (x, y) = ([0.5, 1.2, 2.0, 2.7, 3.3], [1.9, 3.1, 5.2, 6.1, 7.9]);
    book.row(0, (0, 0), &["x", "y", "", "lr", "0.05"]);
    book.row(0, (0, 6), &["step", "slope", "offset", "g slope", "g offset", "mse"]);
    for at in 0..5 {
        book.set(0, (1 + at, 0), x[at as usize]);
        book.set(0, (1 + at, 1), y[at as usize]);
    }
    let steps = 6;
    let mut forward = vec![Vec::new(), Vec::new()];
    for k in 0..steps {
        let row = 1 + k;
        let c = 13 + 4 * k;
        let [p, e, ex] = [0, 1, 2].map(|by| letters(c + by));
        let values = match k {
            0 => ["0.3".to_owned(), "-0.4".to_owned()],
            _ => [format!("=H{row}-$E$1*J{row}"), format!("=I{row}-$E$1*K{row}")],
        };
        book.row(
            0,
            (row, 6),
            &[
                &k.to_string(),
                &values[0],
                &values[1],
                &format!("=2*AVERAGE({ex}2:{ex}6)"),
                &format!("=2*AVERAGE({e}2:{e}6)"),
                &format!("=SUMSQ({e}2:{e}6)/5"),
            ],
        );
        book.row(0, (0, c), &["p", "p-y", "(p-y)*x"]);
        for at in 0..5 {
            let r = 2 + at;
            book.row(
                0,
                (1 + at, c),
                &[
                    &format!("=$H${}*$A{r}+$I${}", row + 1, row + 1),
                    &format!("={p}{r}-$B{r}"),
                    &format!("={e}{r}*$A{r}"),
                ],
            );
        }
        forward[0].push((0, (2, c)));
        forward[1].push((0, (3, c + 1)));
    }
    Sample {
        name: "line-blocks-right",
        book,
        layout: "blocks",
        weights: (7..9).map(|at| column(0, at, 1..1 + steps)).collect(),
        gradients: (9..11).map(|at| column(0, at, 1..1 + steps)).collect(),
        forward,
        data: (1..6).flat_map(|row| [(0, (row, 0)), (0, (row, 1))]).collect(),
        rate: Some((0, (0, 4))),
        losses: column(0, 11, 1..1 + steps),
        factor: 1.0,
        iterations: steps as usize - 1,
    }
}

/// A logistic neuron over four samples, a block of rows a step; the loss a sum, the gradient a mean.
fn gate_blocks() -> Sample {
    let mut book = Book::new(&["AND"]);
    book.row(0, (0, 0), &["a", "b", "want"]);
    for (row, sample) in
        (1..).zip([["0", "0", "0"], ["0", "1", "0"], ["1", "0", "0"], ["1", "1", "1"]])
    {
        book.row(0, (row, 0), &sample);
    }
    book.row(0, (6, 0), &["k", "3"]);
    let steps = 6;
    let at = |k: u32, row: u32, column: u32| (0, (9 + 7 * k + row, column));
    for k in 0..steps {
        let top = 9 + 7 * k;
        book.row(
            0,
            (top - 1, 0),
            &["bias", "wa", "wb", "", "z", "out", "cost", "d", "gb", "ga", "gw"],
        );
        for (column, gradient) in (0..3).zip(["I", "J", "K"]) {
            let update = format!("={}{}-$B$7*{gradient}{}", letters(column), top - 6, top - 2);
            let start = ["0.4", "-0.6", "0.9"][column as usize].to_owned();
            book.set(0, (top, column), if k == 0 { start } else { update });
        }
        let w = top + 1;
        for sample in 0..4 {
            let (r, d) = (top + 1 + sample, 2 + sample);
            book.row(
                0,
                (top + sample, 4),
                &[
                    &format!("=A${w}+B${w}*$A{d}+C${w}*$B{d}"),
                    &format!("=1/(1+EXP(-E{r}))"),
                    &format!("=(F{r}-$C{d})^2/2"),
                    &format!("=(F{r}-$C{d})*F{r}*(1-F{r})"),
                    &format!("=H{r}"),
                    &format!("=H{r}*$A{d}"),
                    &format!("=H{r}*$B{d}"),
                ],
            );
        }
        let (first, last) = (top + 1, top + 4);
        book.set(0, (top + 4, 6), format!("=SUM(G{first}:G{last})"));
        for c in ["I", "J", "K"] {
            let column = u32::from(c.as_bytes()[0] - b'A');
            book.set(0, (top + 4, column), format!("=AVERAGE({c}{first}:{c}{last})"));
        }
    }
    let over =
        |row: u32, column: u32| (0..steps).map(|k| at(k, row, column)).collect::<Vec<Cell>>();
    Sample {
        name: "gate-blocks-down",
        book,
        layout: "blocks",
        weights: (0..3).map(|column| over(0, column)).collect(),
        gradients: (8..11).map(|column| over(4, column)).collect(),
        forward: vec![over(1, 4), over(2, 5), over(3, 4)],
        data: (1..5).flat_map(|row| (0..3).map(move |column| (0, (row, column)))).collect(),
        rate: Some((0, (6, 1))),
        losses: over(4, 6),
        factor: 0.25,
        iterations: steps as usize - 1,
    }
}

/// A line, a row a step, predictions and errors beside each other, sums by SUMPRODUCT.
fn line_wide() -> Sample {
    let mut book = Book::new(&["descent"]);
    let (x, y) = (["0.4", "1.1", "1.9", "2.6"], ["2.2", "3.0", "4.4", "5.1"]);
    book.row(0, (0, 0), &["alpha", "0.08"]);
    book.row(0, (1, 7), &["x", "", "", ""]);
    for at in 0..4 {
        book.set(0, (1, 8 + at), x[at as usize]);
        book.set(0, (2, 8 + at), y[at as usize]);
    }
    book.row(
        0,
        (4, 0),
        &["m", "c", "p1", "p2", "p3", "p4", "", "", "e1", "e2", "e3", "e4", "J", "dm", "dc"],
    );
    let rows = 10;
    for at in 0..rows {
        let (row, r) = (5 + at, 6 + at);
        let values = match at {
            0 => ["0.2".to_owned(), "0.5".to_owned()],
            _ => [format!("=A{}-$B$1*N{}", r - 1, r - 1), format!("=B{}-$B$1*O{}", r - 1, r - 1)],
        };
        book.row(0, (row, 0), &[&values[0], &values[1]]);
        for sample in 0..4 {
            let c = letters(8 + sample);
            book.set(0, (row, 2 + sample), format!("=$A{r}*{c}$2+$B{r}"));
            book.set(0, (row, 8 + sample), format!("={}{r}-{c}$3", letters(2 + sample)));
        }
        book.row(
            0,
            (row, 12),
            &[
                &format!("=SUMSQ(I{r}:L{r})/8"),
                &format!("=SUMPRODUCT(I{r}:L{r},$I$2:$L$2)/4"),
                &format!("=SUM(I{r}:L{r})/4"),
            ],
        );
    }
    Sample {
        name: "line-wide-rows",
        book,
        layout: "rows",
        weights: (0..2).map(|at| column(0, at, 5..5 + rows)).collect(),
        gradients: (13..15).map(|at| column(0, at, 5..5 + rows)).collect(),
        forward: vec![column(0, 3, 5..5 + rows), column(0, 4, 5..5 + rows)],
        data: (8..12).flat_map(|at| [(0, (1, at)), (0, (2, at))]).collect(),
        rate: Some((0, (0, 1))),
        losses: column(0, 12, 5..5 + rows),
        factor: 1.0,
        iterations: rows as usize - 1,
    }
}

/// Each derivative over all samples in one cell, no loss anywhere, the change in a cell of its own.
fn line_inline() -> Sample {
    let mut book = Book::new(&["data"]);
    let (x, y) = (["1.5", "2", "4.5"], ["7", "8.5", "16"]);
    book.row(0, (0, 0), &["load", "length"]);
    for at in 0..3 {
        book.row(0, (1 + at, 0), &[x[at as usize], y[at as usize]]);
    }
    book.row(0, (6, 0), &["rate", "0.04"]);
    book.row(0, (0, 3), &["a", "b", "da", "db", "step a", "step b"]);
    let rows = 11;
    for at in 0..rows {
        let (row, r) = (1 + at, 2 + at);
        let sum = |factor: &str| {
            let terms = (2..5).map(|s| {
                format!("(D{r}*$A${s}+E{r}-$B${s}){}", factor.replace("{s}", &s.to_string()))
            });
            terms.collect::<Vec<_>>().join("+")
        };
        let values = match at {
            0 => ["0.5".to_owned(), "1".to_owned()],
            _ => [format!("=D{}-H{}", r - 1, r - 1), format!("=E{}-I{}", r - 1, r - 1)],
        };
        book.row(
            0,
            (row, 3),
            &[
                &values[0],
                &values[1],
                &format!("=2/3*({})", sum("*$A${s}")),
                &format!("=2/3*({})", sum("")),
                &format!("=$B$7*F{r}"),
                &format!("=$B$7*G{r}"),
            ],
        );
    }
    Sample {
        name: "line-inline-rows",
        book,
        layout: "rows",
        weights: (3..5).map(|at| column(0, at, 1..1 + rows)).collect(),
        gradients: (5..7).map(|at| column(0, at, 1..1 + rows)).collect(),
        forward: Vec::new(),
        data: (1..4).flat_map(|row| [(0, (row, 0)), (0, (row, 1))]).collect(),
        rate: Some((0, (6, 1))),
        losses: Vec::new(),
        factor: 1.0,
        iterations: rows as usize - 1,
    }
}

/// Logistic regression with cross-entropy, samples beside each other.
fn logistic_wide() -> Sample {
    let mut book = Book::new(&["logit"]);
    let (x, y) = (["0.2", "0.9", "1.4", "2.2", "3.1"], ["0", "0", "1", "0", "1"]);
    book.row(0, (0, 0), &["eta", "0.3"]);
    for at in 0..5 {
        book.set(0, (1, 3 + at), x[at as usize]);
        book.set(0, (2, 3 + at), y[at as usize]);
    }
    book.row(0, (1, 2), &["x"]);
    book.row(0, (2, 2), &["y"]);
    book.row(0, (4, 0), &["w", "b", "", "q1", "q2", "q3", "q4", "q5", "cross-entropy", "dw", "db"]);
    let rows = 9;
    for at in 0..rows {
        let (row, r) = (5 + at, 6 + at);
        let values = match at {
            0 => ["0".to_owned(), "0".to_owned()],
            _ => [format!("=A{}-$B$1*J{}", r - 1, r - 1), format!("=B{}-$B$1*K{}", r - 1, r - 1)],
        };
        book.row(0, (row, 0), &[&values[0], &values[1]]);
        let mut terms = Vec::new();
        for sample in 0..5 {
            let c = letters(3 + sample);
            book.set(0, (row, 3 + sample), format!("=1/(1+EXP(-($A{r}*{c}$2+$B{r})))"));
            terms.push(format!("{c}$3*LN({c}{r})+(1-{c}$3)*LN(1-{c}{r})"));
        }
        book.row(
            0,
            (row, 8),
            &[
                &format!("=-({})/5", terms.join("+")),
                &format!("=SUMPRODUCT(D{r}:H{r}-$D$3:$H$3,$D$2:$H$2)/5"),
                &format!("=(SUM(D{r}:H{r})-SUM($D$3:$H$3))/5"),
            ],
        );
    }
    Sample {
        name: "logistic-rows",
        book,
        layout: "rows",
        weights: (0..2).map(|at| column(0, at, 5..5 + rows)).collect(),
        gradients: (9..11).map(|at| column(0, at, 5..5 + rows)).collect(),
        forward: vec![column(0, 4, 5..5 + rows)],
        data: (3..8).flat_map(|at| [(0, (1, at)), (0, (2, at))]).collect(),
        rate: Some((0, (0, 1))),
        losses: column(0, 8, 5..5 + rows),
        factor: 1.0,
        iterations: rows as usize - 1,
    }
}

/// A plain function of two unknowns.
fn bowl() -> Sample {
    let mut book = Book::new(&["valley"]);
    book.row(0, (0, 1), &["step size", "0.06"]);
    book.row(0, (2, 1), &["n", "height", "p", "q", "dp", "dq"]);
    let rows = 12;
    for at in 0..rows {
        let (row, r) = (3 + at, 4 + at);
        let values = match at {
            0 => ["3".to_owned(), "-2".to_owned()],
            _ => [format!("=D{}-$C$1*F{}", r - 1, r - 1), format!("=E{}-$C$1*G{}", r - 1, r - 1)],
        };
        book.row(
            0,
            (row, 1),
            &[
                &at.to_string(),
                &format!("=(D{r}-1)^2+3*(E{r}+2)^2-D{r}*E{r}+EXP(D{r}/4)"),
                &values[0],
                &values[1],
                &format!("=2*(D{r}-1)-E{r}+EXP(D{r}/4)/4"),
                &format!("=6*(E{r}+2)-D{r}"),
            ],
        );
    }
    Sample {
        name: "bowl-rows",
        book,
        layout: "rows",
        weights: (3..5).map(|at| column(0, at, 3..3 + rows)).collect(),
        gradients: (5..7).map(|at| column(0, at, 3..3 + rows)).collect(),
        forward: Vec::new(),
        data: Vec::new(),
        rate: Some((0, (0, 2))),
        losses: column(0, 2, 3..3 + rows),
        factor: 1.0,
        iterations: rows as usize - 1,
    }
}

/// Three features, one sample a step, the error as what was measured less what was predicted and an
/// update that adds.
fn three_features() -> Sample {
    let mut book = Book::new(&["online"]);
    book.row(0, (0, 0), &["lr", "0.07"]);
    book.row(
        0,
        (2, 0),
        &[
            "x1", "x2", "x3", "y", "w1", "w2", "w3", "w0", "pred", "err", "loss", "s1", "s2", "s3",
            "s0",
        ],
    );
    let rows = 10_u32;
    for at in 0..rows {
        let (row, r) = (3 + at, 4 + at);
        let x = |seed: u32| format!("{}", f64::from((at * 7 + seed * 5) % 11) / 8.0 + 0.1);
        book.row(
            0,
            (row, 0),
            &[&x(1), &x(2), &x(4), &format!("{}", f64::from((at * 3) % 7) / 4.0)],
        );
        for (index, start) in (0..4_u32).zip(["0.1", "-0.3", "0.2", "0.05"]) {
            let (w, s) = (letters(4 + index), letters(11 + index));
            let update = format!("={w}{}+$B$1*{s}{}", r - 1, r - 1);
            book.set(0, (row, 4 + index), if at == 0 { start.to_owned() } else { update });
        }
        book.row(
            0,
            (row, 8),
            &[
                &format!("=E{r}*A{r}+F{r}*B{r}+G{r}*C{r}+H{r}"),
                &format!("=D{r}-I{r}"),
                &format!("=J{r}^2/2"),
                &format!("=J{r}*A{r}"),
                &format!("=J{r}*B{r}"),
                &format!("=J{r}*C{r}"),
                &format!("=J{r}"),
            ],
        );
    }
    Sample {
        name: "features-adding-rows",
        book,
        layout: "rows",
        weights: (4..8).map(|at| column(0, at, 3..3 + rows)).collect(),
        gradients: (11..15).map(|at| column(0, at, 3..3 + rows)).collect(),
        forward: vec![column(0, 8, 3..3 + rows)],
        data: (3..3 + rows - 1).flat_map(|row| [(0, (row, 0)), (0, (row, 3))]).collect(),
        rate: Some((0, (0, 1))),
        losses: column(0, 10, 3..3 + rows),
        factor: -1.0,
        iterations: rows as usize - 1,
    }
}

/// A parabola through samples in rows of a block, the learning rate typed into the formulas.
fn typed_rate() -> Sample {
    let mut book = Book::new(&["curve"]);
    let (x, y) = ([0.2, 0.6, 1.0, 1.3], [1.1, 1.0, 1.4, 2.1]);
    book.row(0, (0, 0), &["t", "s", "t squared"]);
    for at in 0..4 {
        let r = at + 2;
        book.row(
            0,
            (1 + at, 0),
            &[&x[at as usize].to_string(), &y[at as usize].to_string(), &format!("=A{r}^2")],
        );
    }
    book.row(0, (0, 4), &["k2", "k1", "k0", "f1", "f2", "f3", "f4", "sse", "d2", "d1", "d0"]);
    let rows = 9;
    for at in 0..rows {
        let (row, r) = (1 + at, 2 + at);
        for (index, start) in (0..3).zip(["0.4", "-0.2", "0.7"]) {
            let (w, g) = (letters(4 + index), letters(12 + index));
            let update = format!("={w}{}-0.03*{g}{}", r - 1, r - 1);
            book.set(0, (row, 4 + index), if at == 0 { start.to_owned() } else { update });
        }
        let mut squares = Vec::new();
        let mut sums = vec![Vec::new(), Vec::new(), Vec::new()];
        for sample in 0..4 {
            let s = sample + 2;
            let f = letters(7 + sample);
            book.set(0, (row, 7 + sample), format!("=$E{r}*$C${s}+$F{r}*$A${s}+$G{r}"));
            squares.push(format!("({f}{r}-$B${s})^2"));
            sums[0].push(format!("({f}{r}-$B${s})*$C${s}"));
            sums[1].push(format!("({f}{r}-$B${s})*$A${s}"));
            sums[2].push(format!("({f}{r}-$B${s})"));
        }
        book.set(0, (row, 11), format!("={}", squares.join("+")));
        for (index, sum) in (0..).zip(&sums) {
            book.set(0, (row, 12 + index), format!("=2*({})", sum.join("+")));
        }
    }
    Sample {
        name: "parabola-typed-rate",
        book,
        layout: "rows",
        weights: (4..7).map(|at| column(0, at, 1..1 + rows)).collect(),
        gradients: (12..15).map(|at| column(0, at, 1..1 + rows)).collect(),
        forward: vec![column(0, 8, 1..1 + rows)],
        data: (1..5).flat_map(|row| [(0, (row, 0)), (0, (row, 1))]).collect(),
        rate: None,
        losses: column(0, 11, 1..1 + rows),
        factor: 1.0,
        iterations: rows as usize - 1,
    }
}
