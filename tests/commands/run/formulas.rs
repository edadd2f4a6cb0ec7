//! Every computed cell is a live formula: one a column, over cells, with its inputs in their cells.

use std::collections::BTreeSet;

use crate::common::book::Cell;
use crate::common::program::{SEPARATE, WALKTHROUGH};
use crate::run::references::{references, relative};
use crate::run::trace::Trace;

const OPTIMIZERS: [&str; 4] = ["sgd", "momentum", "rmsprop", "adam"];

/// The formula of a column in R1C1 terms, as it stands in the first step.
fn formula_of(trace: &Trace, header: &str) -> String {
    let at = trace.at(1, header);
    relative(trace.sheet.formula(at), at)
}

#[test]
fn every_cell_of_a_step_is_a_formula_and_a_column_has_one_formula() {
    for optimizer in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        for header in &trace.headers {
            let first = formula_of(&trace, header);
            for step in 1..=trace.steps() {
                let at = trace.at(step, header);
                let here = relative(trace.sheet.formula(at), at);
                assert_eq!(here, first, "{optimizer} {header} at step {step}");
            }
        }
    }
}

#[test]
fn every_formula_of_a_trace_has_a_number_as_its_result() {
    for optimizer in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        let is_formula = |cell: &&Cell| cell.formula.is_some();
        let formulas: Vec<&Cell> = trace.sheet.cells.values().filter(is_formula).collect();
        // All steps, two start weights and n.
        assert_eq!(formulas.len(), 290 * trace.headers.len() + 3, "{optimizer}");
        assert!(formulas.iter().all(|cell| cell.number().is_some()), "{optimizer}");
    }
}

#[test]
fn x_and_y_are_the_cells_that_they_were_read_from() {
    for optimizer in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        assert_eq!(formula_of(&trace, "x"), "INDEX(data!R9C1:R37C1,RC3)", "{optimizer}");
        assert_eq!(formula_of(&trace, "y"), "INDEX(data!R9C2:R37C2,RC3)", "{optimizer}");
    }
}

#[test]
fn x_and_y_refer_to_the_sheet_data_of_a_workbook_of_its_own() {
    for optimizer in OPTIMIZERS {
        let trace = Trace::of(&SEPARATE.book, optimizer);
        let data = SEPARATE.book.sheet("data");
        let first = data.places("x")[0].0 + 2;
        let last = first + 28;
        for (header, column) in [("x", 2), ("y", 3)] {
            let expected = format!("data!R{first}C{column}:R{last}C{column}");
            let formula = formula_of(&trace, header);
            assert!(formula.contains(&expected), "{optimizer} {header}: {formula}");
        }
    }
}

#[test]
fn weights_refer_to_the_row_above() {
    for optimizer in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        for (header, next) in [("a", "new a"), ("b", "new b")] {
            let offset = trace.at(1, next).1 - trace.at(1, header).1;
            let expected = format!("R[-1]C[{offset}]");
            assert_eq!(formula_of(&trace, header), expected, "{optimizer} {header}");
        }
    }
}

#[test]
fn every_input_is_referred_to_absolutely_and_nothing_else_is() {
    for optimizer in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        let inputs: BTreeSet<(u32, u32)> =
            trace.inputs().into_iter().map(|(_, row)| (row, 1)).collect();
        let mut referred = BTreeSet::new();
        for (at, cell) in trace.sheet.cells.range((trace.header_row + 1, 0)..) {
            let Some(formula) = &cell.formula else { continue };
            // What the sheet data holds has its own test.
            let own = formula.split("data!").next().unwrap();
            for reference in references(own) {
                let target = (reference.row, reference.column);
                if reference.row_is_fixed {
                    assert!(reference.column_is_fixed, "{optimizer} {at:?}: {formula}");
                    assert!(inputs.contains(&target), "{optimizer} {at:?}: {formula}");
                    referred.insert(target);
                } else {
                    let above = at.0 - reference.row;
                    assert!(above <= 1, "{optimizer} {at:?}: {formula}");
                }
            }
        }
        assert_eq!(referred, inputs, "{optimizer}: inputs that nothing refers to");
    }
}

#[test]
fn formulas_hold_no_hyperparameter_as_a_number() {
    // 1 and 2 belong to the mathematics; everything else stands in a cell.
    for optimizer in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        for header in &trace.headers {
            let formula = trace.sheet.formula(trace.at(1, header));
            let mut rest = formula.to_owned();
            for reference in references(formula).iter().rev() {
                rest.replace_range(reference.span.clone(), "");
            }
            let numbers = rest.split(|c: char| !c.is_ascii_digit() && c != '.');
            for number in numbers.filter(|number| !number.is_empty()) {
                assert!(["1", "2"].contains(&number), "{optimizer} {header}: {formula}");
            }
        }
    }
}

#[test]
fn inputs_and_data_are_numbers_that_a_person_can_change() {
    for optimizer in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        for (label, row) in trace.inputs() {
            let cell = trace.sheet.cell((row, 1));
            if label == "n" {
                let counted = cell.formula.as_deref().unwrap_or_default();
                assert!(counted.starts_with("COUNT(data!"), "{optimizer}: {counted}");
            } else {
                assert!(cell.number().is_some() && cell.formula.is_none(), "{optimizer} {label}");
            }
        }
        for (weight, next) in [("start a", "new a"), ("start b", "new b")] {
            let at = trace.at(0, next);
            let start = relative(trace.sheet.formula(at), at);
            let (row, column) = trace.input_at(weight);
            assert_eq!(start, format!("R{}C{}", row + 1, column + 1), "{optimizer} {next}");
        }
    }
    let data = SEPARATE.book.sheet("data");
    assert!(data.cells.values().all(|cell| cell.formula.is_none()));
}
