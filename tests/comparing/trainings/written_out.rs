//! Trainings that are written out: gradients within the updates, samples side by side, each with formulas of
//! its own.

use super::book::Book;
use super::slips::Table;
use super::states::{fill, told};

/// Two features and a bias; no cell holds a gradient.
const INLINE: Table = Table {
    name: "inline",
    above: &[&["lr", "0.02"]],
    weights: &[
        ("w1", "0.1", "=A{p}-$B$1*2*H{p}*D{p}"),
        ("w2", "0.2", "=B{p}-$B$1*2*H{p}*E{p}"),
        ("b", "0", "=C{p}-$B$1*2*H{p}"),
    ],
    columns: &[
        ("x1", "=MOD({r},5)-1.5"),
        ("x2", "=MOD({r},3)+0.4"),
        ("y", "=MOD({r},4)-0.8"),
        ("pred", "=A{r}*D{r}+B{r}*E{r}+C{r}"),
        ("err", "=G{r}-F{r}"),
        ("loss", "=H{r}^2"),
    ],
};

/// Three classes; a weight and a bias for each.
const CLASSES: Table = Table {
    name: "classes",
    above: &[&["lr", "0.3"]],
    weights: &[
        ("w0", "0.1", "=A{p}-$B$1*(L{p}-IF(H{p}=0,1,0))*G{p}"),
        ("w1", "-0.1", "=B{p}-$B$1*(M{p}-IF(H{p}=1,1,0))*G{p}"),
        ("w2", "0.2", "=C{p}-$B$1*(N{p}-IF(H{p}=2,1,0))*G{p}"),
        ("b0", "0", "=D{p}-$B$1*(L{p}-IF(H{p}=0,1,0))"),
        ("b1", "0.1", "=E{p}-$B$1*(M{p}-IF(H{p}=1,1,0))"),
        ("b2", "0.3", "=F{p}-$B$1*(N{p}-IF(H{p}=2,1,0))"),
    ],
    columns: &[
        ("x", "=MOD({r},5)-1.7"),
        ("y", "=MOD({r},3)"),
        ("e0", "=EXP(A{r}*G{r}+D{r})"),
        ("e1", "=EXP(B{r}*G{r}+E{r})"),
        ("e2", "=EXP(C{r}*G{r}+F{r})"),
        ("p0", "=I{r}/SUM($I{r}:$K{r})"),
        ("p1", "=J{r}/SUM($I{r}:$K{r})"),
        ("p2", "=K{r}/SUM($I{r}:$K{r})"),
        ("loss", "=-LN(CHOOSE(H{r}+1,L{r},M{r},N{r}))"),
    ],
};

/// Two samples side by side, a sigmoid each.
const SAMPLES: Table = Table {
    name: "samples",
    above: &[&["lr", "0.5"], &["x", "0.9", "-0.4"], &["t", "0.8", "0.3"]],
    weights: &[("w", "0.4", "=A{p}-$B$1*J{p}"), ("b", "-0.3", "=B{p}-$B$1*K{p}")],
    columns: &[
        ("n1", "=A{r}*$B$2+B{r}"),
        ("o1", "=1/(1+EXP(-C{r}))"),
        ("d1", "=(D{r}-$B$3)*D{r}*(1-D{r})"),
        ("n2", "=A{r}*$C$2+B{r}"),
        ("o2", "=1/(1+EXP(-F{r}))"),
        ("d2", "=(G{r}-$C$3)*G{r}*(1-G{r})"),
        ("loss", "=((D{r}-$B$3)^2+(G{r}-$C$3)^2)/2"),
        ("dw", "=E{r}*$B$2+H{r}*$C$2"),
        ("db", "=E{r}+H{r}"),
    ],
};

/// A penalty on the weight and not on the bias.
const RIDGE: Table = Table {
    name: "ridge",
    above: &[&["lr", "0.05"], &["lambda", "0.1"], &["x", "1", "2"], &["y", "2", "3.5"]],
    weights: &[("w", "0.1", "=A{p}-$B$1*F{p}"), ("b", "0.2", "=B{p}-$B$1*G{p}")],
    columns: &[
        ("e1", "=A{r}*$B$3+B{r}-$B$4"),
        ("e2", "=A{r}*$C$3+B{r}-$C$4"),
        ("loss", "=AVERAGE(C{r}^2,D{r}^2)+$B$2*A{r}^2"),
        ("dw", "=2*AVERAGE(C{r}*$B$3,D{r}*$C$3)+2*$B$2*A{r}"),
        ("db", "=2*AVERAGE(C{r},D{r})"),
    ],
};

/// A heavy ball whose step has a column of its own, as has what it remembers.
const STEPS: Table = Table {
    name: "steps",
    above: &[&["lr", "0.1"], &["mu", "0.9"], &["x", "1", "-2"], &["y", "2", "0.5"]],
    weights: &[("w", "0.5", "=A{p}+J{p}"), ("b", "-0.5", "=B{p}+K{p}")],
    columns: &[
        ("e1", "=A{r}*$B$3+B{r}-$B$4"),
        ("e2", "=A{r}*$C$3+B{r}-$C$4"),
        ("loss", "=(C{r}^2+D{r}^2)/2"),
        ("dw", "=C{r}*$B$3+D{r}*$C$3"),
        ("db", "=C{r}+D{r}"),
        ("vw", "=$B$2*H{p}+F{r}"),
        ("vb", "=$B$2*I{p}+G{r}"),
        ("step w", "=-$B$1*H{r}"),
        ("step b", "=-$B$1*I{r}"),
    ],
};

#[test]
fn what_is_wrong_in_a_training_that_is_written_out_is_told_where_it_stands() {
    // The columns, what stands there, what is told of it.
    let slips: &[(&Table, &[u32], &str, &str)] = &[
        (&INLINE, &[1], "=B{p}-$B$1*2*H{p}*D{p}", "wrong-derivative S!B7:B13 =B6-$B$1*2*H6*E6"),
        (&INLINE, &[2], "=C{p}-$B$1*H{p}", "wrong-derivative S!C7:C13 =C6-2*$B$1*H6"),
        (&INLINE, &[0], "=A{p}-$B$1*2*H{p}*D{r}", "wrong-derivative S!A7:A13 =A6-$B$1*2*H6*D6"),
        (&INLINE, &[1], "=B{p}+$B$1*2*H{p}*E{p}", "wrong-derivative S!B7:B13 =B6-$B$1*2*H6*E6"),
        (
            &CLASSES,
            &[1],
            "=B{p}-$B$1*(M{p}-IF(H{p}=1,1,0))*H{p}",
            "wrong-derivative S!B7:B13 =B6-$B$1*(M6-IF(H6=1,1,0))*G6",
        ),
        (
            &RIDGE,
            &[6],
            "=2*AVERAGE(C{r},D{r})+2*$B$2*B{r}",
            "wrong-derivative S!G6:G13 =2*AVERAGE(C6,D6)",
        ),
        (
            &RIDGE,
            &[5],
            "=2*AVERAGE(C{r}*$B$3,D{r}*$C$3)+$B$2*A{r}",
            "wrong-derivative S!F6:F13 =2*AVERAGE(C6*$B$3,D6*$C$3)+2*$B$2*A6",
        ),
        (
            &RIDGE,
            &[5],
            "=2*AVERAGE(C{r}*$B$3,D{r}*$B$3)+2*$B$2*A{r}",
            "wrong-derivative S!F6:F13 =2*AVERAGE(C6*$B$3,D6*$C$3)+2*$B$2*A6",
        ),
        (&STEPS, &[8], "=$B$2*I{p}+F{r}", "wrong-weight S!I7:I13 =$B$2*I6+G7"),
    ];
    for (table, columns, formula, wanted) in slips {
        let mut book = book(table);
        assert_eq!(told(&book), Vec::<String>::new(), "{}", table.name);
        for column in *columns {
            let is_update = (*column as usize) < table.weights.len() || formula.contains("{p}");
            for row in 6 + u32::from(is_update)..=13 {
                let text = formula.replace("{r}", &row.to_string());
                book.set(0, (row - 1, *column), text.replace("{p}", &(row - 1).to_string()));
            }
        }
        assert_eq!(told(&book), [*wanted], "{} {formula}", table.name);
    }
}

/// The first iteration remembers nothing.
fn book(table: &Table) -> Book {
    let mut book = table.book();
    if table.name == STEPS.name {
        book.set(0, (5, 7), "=F6");
        book.set(0, (5, 8), "=G6");
    }
    book
}

#[test]
fn the_wrong_class_is_told_with_the_right_one() {
    let mut book = CLASSES.book();
    fill(&mut book, 2, "=C{p}-$B$1*(N{p}-IF(H{p}=1,1,0))*G{p}", 7);
    let told = told(&book);
    let [only] = &told[..] else { panic!("{told:?}") };
    assert!(only.starts_with("wrong-derivative S!C") && only.contains("=2,1,0))*G"), "{only}");
}

#[test]
fn a_slip_in_all_samples_is_one_though_each_has_formulas_of_its_own() {
    for (own, wanted) in [
        ("=({o}-{t})*{o}", "=(D6-$B$3)*D6*(1-D6)"),
        ("=({o}+{t})*{o}*(1-{o})", "=(D6-$B$3)*D6*(1-D6)"),
        ("=({o}-{t})*(1-{o})", "=(D6-$B$3)*(1-D6)*D6"),
    ] {
        for turned in [false, true] {
            let mut book = SAMPLES.book();
            assert_eq!(told(&book), Vec::<String>::new());
            for row in 6..=13_u32 {
                for (column, output, target) in [(4, "D", "$B$3"), (7, "G", "$C$3")] {
                    let text = own.replace("{o}", &format!("{output}{row}"));
                    book.set(0, (row - 1, column), text.replace("{t}", target));
                }
            }
            if turned {
                book = book.transposed();
            }
            let told = told(&book);
            let [only] = &told[..] else { panic!("{own}: {told:?}") };
            let is_right = match turned {
                false => *only == format!("wrong-derivative S!E6:E13,S!H6:H13 {wanted}"),
                true => only.starts_with("wrong-derivative"),
            };
            assert!(is_right, "{own}: {only}");
        }
    }
}

#[test]
fn a_number_typed_over_the_next_value_on_one_of_many_sheets_is_one_finding() {
    let names = ["E0", "E1", "E2", "E3", "E4"];
    let mut book = Book::new(&names);
    book.row(0, (0, 3), &["learning rate", "0.03"]);
    for (at, _) in names.iter().enumerate() {
        let before = |cell: &str| format!("=E{}!{cell}", at.wrapping_sub(1));
        let start = |cell: &str, first: &str| if at == 0 { first.to_owned() } else { before(cell) };
        book.row(at, (0, 0), &["m", &start("B9", "0.5")]);
        book.row(at, (1, 0), &["c", &start("B10", "0")]);
        for (row, (x, y)) in (3..).zip([("1", "1.2"), ("2", "2.3"), ("3", "2.9")]) {
            let r = row + 1;
            let (out, off) = (format!("=$B$1*A{r}+$B$2"), format!("=B{r}-C{r}"));
            book.row(at, (row, 0), &[x, y, &out, &off]);
        }
        book.row(at, (7, 0), &["MSE", "=SUMSQ(D4:D6)/3"]);
        book.row(at, (8, 0), &["new m", "=B1-E0!$E$1*-2*SUMPRODUCT(A4:A6,D4:D6)/3"]);
        book.row(at, (9, 0), &["new c", "=B2-E0!$E$1*-2*SUM(D4:D6)/3"]);
    }
    assert_eq!(told(&book), Vec::<String>::new());
    book.set(3, (8, 1), "0.97");
    let told = told(&book);
    assert!(matches!(&told[..], [only] if only.starts_with("value E3!B9 ")), "{told:?}");
}
