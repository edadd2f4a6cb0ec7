//! Trainings in blocks below each other, a block an iteration: with matrices, with samples of their own,
//! with weights that go on from the wrong block.

use gdtrace::compare::read;
use gdtrace::graph::Options;

use super::book::{Book, letters};
use super::look;

const BLOCKS: u32 = 4;

/// Blocks of `height` rows from row 4 on: cells as they stand in the first, `{1}` for its first row, `{2}`
/// for its second; and cells that go on from the block before, where `{-1}` is that one's first row.
struct Blocks {
    above: &'static [&'static [&'static str]],
    height: u32,
    starts: &'static [(&'static str, &'static str)],
    steps: &'static [(&'static str, &'static str)],
    cells: &'static [(&'static str, &'static str)],
}

impl Blocks {
    fn book(&self) -> Book {
        let mut book = Book::new(&["S"]);
        for (row, cells) in (0..).zip(self.above) {
            book.row(0, (row, 0), cells);
        }
        for block in 0..BLOCKS {
            let first = if block == 0 { self.starts } else { self.steps };
            for (place, text) in first.iter().chain(self.cells) {
                book.set(0, self.place(place, block), self.filled(text, block));
            }
        }
        book
    }

    fn place(&self, place: &str, block: u32) -> (u32, u32) {
        let (column, row) = place.split_at(1);
        let column = column.bytes().next().map_or(0, |letter| u32::from(letter - b'A'));
        (3 + block * self.height + row.parse::<u32>().expect("a row") - 1, column)
    }

    fn filled(&self, text: &str, block: u32) -> String {
        let top = 4 + block * self.height;
        (1..=self.height).fold(text.to_owned(), |text, row| {
            let text = text.replace(&format!("{{{row}}}"), &(top + row - 1).to_string());
            let before = (top + row - 1).saturating_sub(self.height).to_string();
            text.replace(&format!("{{-{row}}}"), &before)
        })
    }

    /// The book with another formula in a cell of all blocks, or of one.
    fn with(&self, place: &str, text: &str, block: Option<u32>) -> Book {
        let mut book = self.book();
        for at in (0..BLOCKS).filter(|at| block.is_none_or(|only| only == *at)) {
            book.set(0, self.place(place, at), self.filled(text, at));
        }
        book
    }
}

/// What is found, a line a finding: its kind, its cells, what is proposed.
fn told(book: &Book) -> Vec<String> {
    let (graph, found) = look(book);
    assert_eq!(found.trainings.len(), 1, "one training");
    let findings = found.trainings[0].findings.iter();
    let line = |one: &gdtrace::compare::training::Finding| {
        let proposed = one.proposed.as_deref().unwrap_or("-");
        format!("{} {} {proposed}", one.kind.name(), graph.address(one.cells[0]))
    };
    findings.map(line).collect()
}

/// Two inputs, two hidden neurons, two outputs, all by matrices.
const MATRICES: Blocks = Blocks {
    above: &[&["eta", "0.4", "", "x", "0.3", "t", "0.2"], &["", "", "", "", "0.7", "", "0.9"]],
    height: 9,
    starts: &[
        ("A2", "0.15"),
        ("B2", "0.2"),
        ("A3", "0.25"),
        ("B3", "0.3"),
        ("D2", "0.35"),
        ("D3", "0.4"),
        ("F2", "0.4"),
        ("G2", "0.45"),
        ("F3", "0.5"),
        ("G3", "0.55"),
        ("I2", "0.6"),
        ("I3", "0.65"),
    ],
    steps: &[
        ("A2", "=A{-2}-$B$1*A{-8}"),
        ("B2", "=B{-2}-$B$1*B{-8}"),
        ("A3", "=A{-3}-$B$1*A{-9}"),
        ("B3", "=B{-3}-$B$1*B{-9}"),
        ("D2", "=D{-2}-$B$1*E{-5}"),
        ("D3", "=D{-3}-$B$1*E{-6}"),
        ("F2", "=F{-2}-$B$1*F{-8}"),
        ("G2", "=G{-2}-$B$1*G{-8}"),
        ("F3", "=F{-3}-$B$1*F{-9}"),
        ("G3", "=G{-3}-$B$1*G{-9}"),
        ("I2", "=I{-2}-$B$1*D{-5}"),
        ("I3", "=I{-3}-$B$1*D{-6}"),
    ],
    cells: &[
        ("A5", "{A{5}:A{6}=1/(1+EXP(-(MMULT(A{2}:B{3},$E$1:$E$2)+D{2}:D{3})))"),
        ("B5", "{B{5}:B{6}=1/(1+EXP(-(MMULT(F{2}:G{3},A{5}:A{6})+I{2}:I{3})))"),
        ("C5", "=B{5}-$G$1"),
        ("C6", "=B{6}-$G$2"),
        ("D5", "=C{5}*B{5}*(1-B{5})"),
        ("D6", "=C{6}*B{6}*(1-B{6})"),
        ("E5", "{E{5}:E{6}=MMULT(TRANSPOSE(F{2}:G{3}),D{5}:D{6})*A{5}:A{6}*(1-A{5}:A{6})"),
        ("F5", "=SUMSQ(C{5}:C{6})/2"),
        ("A8", "{A{8}:B{9}=MMULT(E{5}:E{6},TRANSPOSE($E$1:$E$2))"),
        ("F8", "{F{8}:G{9}=MMULT(D{5}:D{6},TRANSPOSE(A{5}:A{6}))"),
    ],
};

#[test]
fn slips_in_products_of_matrices_are_mended_as_a_whole() {
    assert_eq!(told(&MATRICES.book()), Vec::<String>::new());
    let delta = "=MMULT(TRANSPOSE(F5:G6),D8:D9)*A8:A9*(1-A8:A9)";
    for (place, slip, wanted) in [
        (
            "E5",
            "{E{5}:E{6}=MMULT(F{2}:G{3},D{5}:D{6})*A{5}:A{6}*(1-A{5}:A{6})",
            format!("wrong-derivative S!E8 {delta}"),
        ),
        (
            "E5",
            "{E{5}:E{6}=MMULT(TRANSPOSE(A{2}:B{3}),D{5}:D{6})*A{5}:A{6}*(1-A{5}:A{6})",
            format!("wrong-derivative S!E8 {delta}"),
        ),
        (
            "E5",
            "{E{5}:E{6}=MMULT(TRANSPOSE(F{2}:G{3}),D{5}:D{6})*B{5}:B{6}*(1-B{5}:B{6})",
            format!("wrong-derivative S!E8 {delta}"),
        ),
        (
            "E5",
            "{E{5}:E{6}=MMULT(TRANSPOSE(F{2}:G{3}),D{5}:D{6})*A{5}:A{6}",
            format!("wrong-derivative S!E8 {delta}"),
        ),
        (
            "F8",
            "{F{8}:G{9}=MMULT(D{5}:D{6},TRANSPOSE($E$1:$E$2))",
            "wrong-derivative S!F11 =MMULT(D8:D9,TRANSPOSE(A8:A9))".to_owned(),
        ),
        (
            "B5",
            "{B{5}:B{6}=1/(1+EXP(-(MMULT(F{2}:G{3},A{5}:A{6})+D{2}:D{3})))",
            "wrong-forward S!B8 =1/(1+EXP(-(MMULT(F5:G6,A8:A9)+I5:I6)))".to_owned(),
        ),
    ] {
        assert_eq!(told(&MATRICES.with(place, slip, None)), [wanted], "{slip}");
    }
}

/// A line over four samples, which each block has again.
const LINE: Blocks = Blocks {
    above: &[&["leersnelheid", "0.05"]],
    height: 9,
    starts: &[("B1", "0.4"), ("D1", "0.2")],
    steps: &[("B1", "=B{-1}-$B$1*E{-8}"), ("D1", "=D{-1}-$B$1*F{-8}")],
    cells: &[
        ("A3", "1"),
        ("B3", "2.2"),
        ("C3", "=B${1}*A{3}+D${1}-B{3}"),
        ("E3", "=2*C{3}*A{3}/4"),
        ("F3", "=2*C{3}/4"),
        ("A4", "2"),
        ("B4", "3.9"),
        ("C4", "=B${1}*A{4}+D${1}-B{4}"),
        ("E4", "=2*C{4}*A{4}/4"),
        ("F4", "=2*C{4}/4"),
        ("A5", "3"),
        ("B5", "6.1"),
        ("C5", "=B${1}*A{5}+D${1}-B{5}"),
        ("E5", "=2*C{5}*A{5}/4"),
        ("F5", "=2*C{5}/4"),
        ("A6", "4"),
        ("B6", "8.3"),
        ("C6", "=B${1}*A{6}+D${1}-B{6}"),
        ("E6", "=2*C{6}*A{6}/4"),
        ("F6", "=2*C{6}/4"),
        ("A7", "mse"),
        ("C7", "=SUMSQ(C{3}:C{6})/4"),
        ("E8", "=SUM(E{3}:E{6})"),
        ("F8", "=SUM(F{3}:F{6})"),
    ],
};

#[test]
fn a_sample_that_takes_the_target_of_another_is_found_though_all_derivatives_hold() {
    assert_eq!(told(&LINE.book()), Vec::<String>::new());
    let book = LINE.with("C5", "=B${1}*A{5}+D${1}-B{4}", None);
    assert_eq!(told(&book), ["wrong-forward S!C8 =B$4*A8+D$4-B8"]);
}

#[test]
fn weights_that_go_on_from_an_earlier_block_are_one_slip() {
    // Right from the start, where no other block tells how far they stand apart, or later.
    for (block, right, before, old) in [(2, 22, 13, 4), (3, 31, 22, 13)] {
        let mut book = LINE.with("B1", &format!("=B{old}-$B$1*E{{-8}}"), Some(block));
        let gradient = before + 7;
        let wanted = format!("wrong-weight S!B{right} =B{before}-$B$1*E{gradient}");
        assert_eq!(told(&book), std::slice::from_ref(&wanted));
        book.set(0, (right - 1, 3), format!("=D{old}-$B$1*F{gradient}"));
        assert_eq!(told(&book), [wanted]);
    }
}

/// A block beside the other has a weight above its samples and none in their rows.
#[test]
fn samples_below_a_weight_are_no_table_of_steps() {
    let mut book = Book::new(&["S"]);
    book.row(0, (3, 0), &["a", "x", "y"]);
    for (row, [x, y]) in (4..).zip([["0.5", "1.1"], ["1.5", "2.8"], ["2", "4.2"]]) {
        book.row(0, (row, 1), &[x, y]);
    }
    book.set(0, (4, 0), "1");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book.xlsx");
    book.write(&path);
    let reading = read(&path, &Options::default()).expect("a workbook");
    assert!(reading.sheets[0].table.is_err());
}

/// Three weights in a list, a block to the right an iteration, over samples that stand once.
fn beside(starts: [&str; 3], iterations: u32) -> Book {
    let mut book = Book::new(&["S"]);
    let rows: [&[&str]; 3] = [&["1", "2", "3.1"], &["2", "1", "2.7"], &["0.5", "1.5", "2.2"]];
    book.row(0, (0, 0), &["lr", "0.00001"]);
    (1..).zip(rows).for_each(|(row, cells)| book.row(0, (row, 0), cells));
    for block in 0..=iterations {
        let value = letters(1 + 2 * block);
        let residual = format!("{value}$7*$A$2:$A$4+{value}$8*$B$2:$B$4+{value}$9-$C$2:$C$4");
        book.row(0, (5, 1 + 2 * block), &["value", "gradient"]);
        for (weight, (name, start)) in ["w1", "w2", "b"].iter().zip(starts).enumerate() {
            let row = 6 + weight as u32;
            book.set(0, (row, 0), name);
            let stepped = |before| {
                let (value, slope) = (letters(1 + 2 * before), letters(2 + 2 * before));
                format!("={value}{r}-$B$1*{slope}{r}", r = row + 1)
            };
            let now = block.checked_sub(1).map_or(start.to_owned(), stepped);
            book.set(0, (row, 1 + 2 * block), now);
            let by = ["*$A$2:$A$4", "*$B$2:$B$4", ""][weight];
            book.set(0, (row, 2 + 2 * block), format!("=SUMPRODUCT(({residual}){by})*2/3"));
        }
        book.row(0, (9, 0), &["loss"]);
        book.set(0, (9, 1 + 2 * block), format!("=SUMPRODUCT(({residual})^2)/3"));
    }
    book
}

/// A start that is what another weight has become, but for rounding, was not typed from that.
#[test]
fn weights_that_start_alike_and_hardly_move_are_several() {
    for (starts, iterations) in [
        (["0.5", "0.5", "0.5"], 1),
        (["0.5", "0.2", "0.5"], 1),
        (["0.5", "0.2", "0.5"], 3),
        (["0.5", "0.2", "0.4999"], 3),
    ] {
        let (_, found) = look(&beside(starts, iterations));
        let training = &found.trainings[0];
        assert_eq!(training.weights.len(), 3, "{starts:?}, {iterations} iterations");
        assert_eq!(training.iterations, iterations as usize, "{starts:?}");
        assert!(training.findings.is_empty(), "{starts:?}: {:?}", training.findings);
        assert!(training.loss.implied.is_none(), "{starts:?}: the sheet's own loss");
    }
}

/// What was typed on the next sheet with so few digits that it is the start again goes on from it all the same.
#[test]
fn starts_that_are_typed_with_few_digits_on_each_sheet_go_on() {
    let mut book = Book::new(&["1", "2", "3"]);
    for sheet in 0..3 {
        let rows: [&[&str]; 6] = [
            &["lr", "0.0001", "x", "1.2", "-0.4"],
            &["w", "0.5", "y", "0.7", "0.9"],
            &["b", "0.2", "error", "=D1*$B$2+$B$3-D2", "=E1*$B$2+$B$3-E2"],
            &["loss", "=SUMSQ(D3:E3)"],
            &["dw", "=2*SUMPRODUCT(D3:E3,D1:E1)", "new w", "=B2-$B$1*B5"],
            &["db", "=2*SUM(D3:E3)", "new b", "=B3-$B$1*B6"],
        ];
        (0..).zip(rows).for_each(|(row, cells)| book.row(sheet, (row, 0), cells));
    }
    let (_, found) = look(&book);
    let training = &found.trainings[0];
    assert_eq!((training.weights.len(), training.iterations), (2, 3));
    assert_eq!(training.typed.len(), 4, "both weights on two sheets");
    assert!(training.findings.is_empty(), "{:?}", training.findings);
}
