//! What updates remember, taken from another weight: found where it is taken.

use super::book::Book;
use super::look;
use super::slips::Table;

/// Two features and momentum; the velocities start without one before.
const MOMENTUM: Table = Table {
    name: "momentum",
    above: &[
        &["lr", "0.05", "x", "0.5", "1.1", "-0.3"],
        &["momentum", "0.8", "z", "0.2", "-0.4", "0.9"],
        &["", "", "y", "1.3", "1", "1.1"],
    ],
    weights: &[("u", "0.2", "=A{p}+F{p}"), ("v", "0.1", "=B{p}+G{p}")],
    columns: &[
        ("loss", "=SUMPRODUCT((A{r}*$D$1:$F$1+B{r}*$D$2:$F$2-$D$3:$F$3)^2)/2"),
        ("gu", "=SUMPRODUCT((A{r}*$D$1:$F$1+B{r}*$D$2:$F$2-$D$3:$F$3)*$D$1:$F$1)"),
        ("gv", "=SUMPRODUCT((A{r}*$D$1:$F$1+B{r}*$D$2:$F$2-$D$3:$F$3)*$D$2:$F$2)"),
        ("vu", "=$B$2*F{p}-$B$1*D{r}"),
        ("vv", "=$B$2*G{p}-$B$1*E{r}"),
    ],
};

fn book() -> Book {
    let mut book = MOMENTUM.book();
    book.set(0, (5, 5), "=-$B$1*D6");
    book.set(0, (5, 6), "=-$B$1*E6");
    book
}

fn told(book: &Book) -> Vec<String> {
    let (graph, found) = look(book);
    assert_eq!(found.trainings.len(), 1, "one training");
    let findings = found.trainings[0].findings.iter();
    let line = |one: &gdtrace::compare::training::Finding| {
        let (kind, proposed) = (one.kind.name(), one.proposed.as_deref().unwrap_or("-"));
        format!("{kind} {} {proposed}", graph.address(one.cells[0]))
    };
    findings.map(line).collect()
}

#[test]
fn an_update_by_the_velocity_of_another_weight_is_found_there() {
    assert_eq!(told(&book()), Vec::<String>::new());
    let mut slipped = book();
    for row in 6..13_u32 {
        slipped.set(0, (row, 1), format!("=B{row}+F{row}"));
    }
    assert_eq!(told(&slipped), ["wrong-weight S!B7 =B6+G6"]);
}
