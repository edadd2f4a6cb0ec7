//! Sheets with gradients and updates and no loss: what one gradient says of the loss holds the others to
//! it, whether residuals have cells of their own or stand within an array formula.

use gdtrace::compare::training::{Kind, Verdict};

use super::book::Book;
use super::look;

/// The gradients of a line over five samples, `A` and `B` the weights.
struct Batch {
    name: &'static str,
    gradients: [&'static str; 2],
    loss: &'static str,
}

const BATCHES: &[Batch] = &[
    Batch {
        name: "residuals in cells",
        gradients: ["2*SUMPRODUCT(E{r}:I{r},E$2:I$2)/5", "2*SUM(E{r}:I{r})/5"],
        loss: "mean squared error of y = k*x + d",
    },
    Batch {
        name: "the mean of cells",
        gradients: ["SUMPRODUCT(E{r}:I{r},E$2:I$2)/5", "AVERAGE(E{r}:I{r})"],
        loss: "half the mean squared error of y = k*x + d",
    },
    Batch {
        name: "sums of products of arrays",
        gradients: [
            "2*SUMPRODUCT(A{r}*$E$2:$I$2+B{r}-$E$3:$I$3,$E$2:$I$2)/5",
            "2*SUMPRODUCT(A{r}*$E$2:$I$2+B{r}-$E$3:$I$3)/5",
        ],
        loss: "mean squared error of y = k*x + d",
    },
    Batch {
        name: "a product within a sum",
        gradients: [
            "2*SUMPRODUCT((A{r}*$E$2:$I$2+B{r}-$E$3:$I$3)*$E$2:$I$2)",
            "2*SUM(A{r}*$E$2:$I$2+B{r}-$E$3:$I$3)",
        ],
        loss: "sum of squared errors of y = k*x + d",
    },
    Batch {
        name: "products of matrices",
        gradients: [
            "2*SUM(MMULT(A{r}*$E$2:$I$2+B{r}-$E$3:$I$3,TRANSPOSE($E$2:$I$2)))/5",
            "2*AVERAGE(A{r}*$E$2:$I$2+B{r}-$E$3:$I$3)",
        ],
        loss: "mean squared error of y = k*x + d",
    },
];

fn book(gradients: [&str; 2]) -> Book {
    let mut book = Book::new(&["S"]);
    book.row(0, (0, 0), &["rate", "0.02"]);
    book.row(0, (1, 3), &["x", "0.4", "1.3", "2.2", "2.9", "3.7"]);
    book.row(0, (2, 3), &["y", "1.1", "2.6", "3.9", "6.1", "7.2"]);
    book.row(0, (4, 0), &["k", "d", "dk", "dd"]);
    for row in 5..12_u32 {
        let r = (row + 1).to_string();
        let weights = match row {
            5 => ["0.3".to_owned(), "-0.2".to_owned()],
            _ => [format!("=A{row}-$B$1*C{row}"), format!("=B{row}-$B$1*D{row}")],
        };
        let gradients = gradients.map(|one| format!("={}", one.replace("{r}", &r)));
        let all: Vec<&str> = weights.iter().chain(&gradients).map(String::as_str).collect();
        book.row(0, (row, 0), &all);
        for column in 4..9 {
            let c = super::book::letters(column);
            book.set(0, (row, column), format!("=$A{r}*{c}$2+$B{r}-{c}$3"));
        }
    }
    book
}

/// What is not as it should be where the gradient of a weight is `wrong`.
fn complaint(batch: &Batch, weight: usize, wrong: &str) -> Option<String> {
    let mut gradients = batch.gradients;
    gradients[weight] = wrong;
    let (graph, found) = look(&book(gradients));
    let [training] = &found.trainings[..] else {
        return Some(format!("{} trainings", found.trainings.len()));
    };
    let cell = format!("S!{}6", ["C", "D"][weight]);
    let told: Vec<_> =
        training.findings.iter().map(|one| (one, graph.address(one.cells[0]))).collect();
    let [(finding, place)] = &told[..] else { return Some(format!("{:?}", training.findings)) };
    if finding.kind != Kind::WrongDerivative || *place != cell || finding.cells.len() != 7 {
        return Some(format!("{} at {place}: {}", finding.kind.name(), finding.message));
    }
    let proposed = finding.proposed.as_deref().unwrap_or_default();
    gradients[weight] = proposed.trim_start_matches('=');
    // Of the first row; the others are filled.
    let filled = gradients.map(|one| if one.contains("{r}") { one.to_owned() } else { rows(one) });
    let (_, mended) = look(&book([&filled[0], &filled[1]]));
    let left = &mended.trainings[0].findings;
    (!left.is_empty()).then(|| format!("{proposed} leaves {left:?}"))
}

/// A formula of row 6 for any row.
fn rows(formula: &str) -> String {
    super::book::rewritten(formula, |row, column, fixed| {
        let sign = |fixed| if fixed { "$" } else { "" };
        let row = if fixed.0 { (row + 1).to_string() } else { "{r}".to_owned() };
        format!("{}{}{}{row}", sign(fixed.1), super::book::letters(column), sign(fixed.0))
    })
}

#[test]
fn losses_are_inferred_from_batches_in_cells_and_in_arrays() {
    for batch in BATCHES {
        let (_, found) = look(&book(batch.gradients));
        let [training] = &found.trainings[..] else { panic!("{}: no training", batch.name) };
        let implied = training.loss.implied.clone().unwrap_or_default();
        assert!(implied.starts_with(batch.loss), "{}: {implied}", batch.name);
        assert!(training.findings.is_empty(), "{}: {:?}", batch.name, training.findings);
        let holds = training.weights.iter().all(|one| one.verdict == Verdict::Verified);
        assert!(holds, "{}", batch.name);
    }
}

#[test]
fn the_gradient_that_is_of_another_loss_than_the_other_is_found() {
    let mut complaints = Vec::new();
    for batch in BATCHES {
        for weight in 0..2 {
            let own = batch.gradients[weight];
            let mut wrong = vec![format!("-{own}")];
            // The one that lacks the factor is the odd one.
            wrong.extend(own.strip_prefix("2*").map(str::to_owned));
            wrong.extend(own.strip_suffix("/5").map(str::to_owned));
            for wrong in wrong {
                let found = complaint(batch, weight, &wrong);
                complaints.extend(found.map(|text| format!("{}, {wrong}: {text}", batch.name)));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
