//! Writes a workbook with random formulas and the results that gdtrace computes for them, so that
//! any spreadsheet can be asked whether it reads the formulas in the same way:
//!
//! ```text
//! cargo run --example random_formulas -- formulas.xlsx 2000
//! ```

use std::error::Error;

use gdtrace::formula::{Choice, Comparison, Expr, FUNCTIONS, Operator, evaluate, excel};
use gdtrace::value::Value;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_xlsxwriter::{Formula, Workbook};

/// The numbers that the formulas refer to, as cells of column A.
const CELLS: [f64; 6] = [2.5, -1.25, 0.375, 14.0, -86.0, 1e-3];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "random_formulas.xlsx".to_owned());
    let count = arguments.next().map_or(Ok(2000), |count| count.parse())?;
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("formulas")?;
    for (row, number) in (0..).zip(CELLS) {
        sheet.write_number(row, 0, number)?;
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut row = 0;
    while row < count {
        let tree = tree(&mut random, 5);
        let value = evaluate(&tree, &cell_value);
        if !well_conditioned(&tree, value) {
            continue;
        }
        let text = excel(&tree, &|cell: &usize| format!("$A${}", cell + 1));
        sheet.write_formula(row, 1, Formula::new(text).set_result(value.to_string()))?;
        row += 1;
    }
    workbook.save(&file)?;
    println!("wrote {file}: {count} formulas");
    Ok(())
}

fn cell_value(cell: &usize) -> Value {
    Value::number(CELLS[*cell])
}

/// A random tree over the cells, of every kind of node.
fn tree(random: &mut ChaCha8Rng, depth: u32) -> Expr<usize> {
    let kind = if depth == 0 { random.random_range(0..2) } else { random.random_range(0..12) };
    match kind {
        0 => Expr::Number([0.5, 1.0, 2.0, 3.0, 12.75][random.random_range(0..5)]),
        1 => Expr::Name(random.random_range(0..CELLS.len())),
        2 => Expr::Negate(Box::new(tree(random, depth - 1))),
        3 => {
            let function = &FUNCTIONS[random.random_range(0..FUNCTIONS.len())];
            Expr::Call(function, (0..function.arity).map(|_| tree(random, depth - 1)).collect())
        }
        4 => Expr::If(Box::new(Choice {
            left: tree(random, depth - 1),
            comparison: [Comparison::Less, Comparison::GreaterOrEqual][random.random_range(0..2)],
            right: tree(random, depth - 1),
            then: tree(random, depth - 1),
            otherwise: tree(random, depth - 1),
        })),
        kind => {
            let operators = [
                Operator::Add,
                Operator::Subtract,
                Operator::Multiply,
                Operator::Divide,
                Operator::Power,
            ];
            let left = tree(random, depth - 1);
            left.binary(operators[kind % operators.len()], tree(random, depth - 1))
        }
    }
}

/// Whether a spreadsheet can be expected to give the same digits: no step of the formula is much
/// larger than its result, so no digits are lost in a difference, and none leaves the range where
/// spreadsheets agree. Of the errors, a division by zero is one that all of them show alike.
fn well_conditioned(tree: &Expr<usize>, result: Value) -> bool {
    let Ok(result) = result.get() else {
        return result.to_string() == "#DIV/0!" && largest_part(tree).is_some_and(|it| it < 1e6);
    };
    let fair = (1e-6..1e6).contains(&result.abs());
    fair && largest_part(tree).is_some_and(|largest| largest <= 1e3 * result.abs())
}

/// The largest absolute value among all parts of a tree; none where spreadsheets differ about one.
fn largest_part(tree: &Expr<usize>) -> Option<f64> {
    if disputed(tree) {
        return None;
    }
    let own = match evaluate(tree, &cell_value).get() {
        Ok(number) => number.abs(),
        Err(error) if error.text() == "#DIV/0!" => 0.0,
        Err(_) => return None,
    };
    let parts: Vec<&Expr<usize>> = match tree {
        Expr::Number(_) | Expr::Name(_) => vec![],
        Expr::Negate(operand) => vec![operand],
        Expr::Binary(_, left, right) => vec![left, right],
        Expr::Call(_, arguments) => arguments.iter().collect(),
        Expr::If(choice) => {
            vec![&choice.left, &choice.right, &choice.then, &choice.otherwise]
        }
    };
    parts.into_iter().try_fold(own, |largest, part| Some(largest.max(largest_part(part)?)))
}

/// What spreadsheets differ about: powers of 0, powers that vanish, remainders of fractions.
fn disputed(tree: &Expr<usize>) -> bool {
    let number = |tree: &Expr<usize>| evaluate(tree, &cell_value).get().ok();
    match tree {
        Expr::Binary(Operator::Power, base, _) => {
            number(base) == Some(0.0) || number(tree).is_some_and(|power| power.abs() < 1e-100)
        }
        Expr::Call(function, arguments) if function.name == "mod" => {
            arguments.iter().any(|one| number(one).is_some_and(|number| number.fract() != 0.0))
        }
        _ => false,
    }
}
