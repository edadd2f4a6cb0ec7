//! Sheets in the wild: built in the many ways in which people build them, right and wrong. Each is
//! named for what it is; what is wrong is told with its cell, and nothing else is.

mod cases;
mod others;
mod sheet;

use crate::common::books::Folder;
use crate::common::comparing::{failure, json_of, told};
use cases::{Case, right, wrong};
use serde_json::Value;

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `KIND CELL` of each finding that is a mistake and follows from no other.
fn mistakes(sheet: &Value) -> Vec<String> {
    let told = list(&sheet["findings"]).iter();
    told.filter(|one| one["cause"].is_null() && one["kind"] != "variant")
        .map(|one| format!("{} {}", text(&one["kind"]), text(&one["cell"]).replace("data!", "")))
        .collect()
}

/// What is wrong with what is said of a sheet.
fn complaint(case: &Case) -> Option<String> {
    let folder = Folder::new();
    case.cells.write(&folder, "hand.xlsx");
    let said = json_of(&folder, "hand.xlsx", i32::from(!case.mistakes.is_empty()));
    let sheet = &said["sheets"][0];
    let departures = list(&sheet["departures"]);
    let fits = departures.len() == case.departures.len()
        && departures.iter().zip(case.departures).all(|(one, part)| text(one).contains(part));
    let found = mistakes(sheet);
    let is_right = sheet["optimizer"] == case.optimizer && fits && found == case.mistakes;
    (!is_right).then(|| format!("{}: {} {departures:?} {found:?}", case.name, sheet["optimizer"]))
}

#[test]
fn right_sheets_are_named_and_agree() {
    let complaints: Vec<String> = right().iter().filter_map(complaint).collect();
    assert_eq!(complaints, [""; 0]);
}

#[test]
fn wrong_sheets_are_told_with_the_cell_that_is_to_blame() {
    let complaints: Vec<String> = wrong().iter().filter_map(complaint).collect();
    assert_eq!(complaints, [""; 0]);
}

#[test]
fn columns_of_an_excel_table_are_referred_to_by_name() {
    let folder = Folder::new();
    let own = |name: &str| format!("hand[[#This Row],[{name}]]");
    let mut cells = cases::momentum();
    for row in 5..17 {
        let guess = format!("={}*{}+{}", own("a"), own("x"), own("b"));
        cells.set(&format!("E{row}"), &guess);
        cells.set(&format!("G{row}"), &format!("={}*{}", own("db"), own("x")));
    }
    let headers = ["x", "y", "b", "a", "guess", "db", "da", "v b", "v a", "new b", "new a"];
    cells.set("M1", "=SUM(hand[x])");
    cells.write_with_table(&folder, "hand.xlsx", "hand", "A4:K16", &headers);
    let said = json_of(&folder, "hand.xlsx", 0);
    assert_eq!(said["sheets"][0]["optimizer"], "momentum");
    assert_eq!(said["sheets"][0]["columns"][4]["matches"], "y_pred");
    cells.set("E9", "=hand[[#This Row],[a]]*hand[[#This Row],[y]]+hand[[#This Row],[b]]");
    cells.write_with_table(&folder, "wrong.xlsx", "hand", "A4:K16", &headers);
    let said = json_of(&folder, "wrong.xlsx", 1);
    assert_eq!(mistakes(&said["sheets"][0]), ["inconsistent-formula E9"]);
}

#[test]
fn steps_of_other_weights_in_the_same_table_are_not_passed_over() {
    let folder = Folder::new();
    others::two_optimizers().write(&folder, "hand.xlsx");
    let said = json_of(&folder, "hand.xlsx", 0);
    let remark = text(&said["sheets"][0]["remarks"][0]);
    assert!(remark.starts_with("the columns J to Q hold steps of other weights"), "{remark}");
    assert!(told(&folder, "hand.xlsx", 0).contains("hold steps of other weights"));
}

#[test]
fn a_line_through_the_origin_is_a_training_whose_derivative_holds() {
    let folder = Folder::new();
    others::through_the_origin().write(&folder, "hand.xlsx");
    let said = json_of(&folder, "hand.xlsx", 0);
    let weights = list(&said["trainings"][0]["weights"]);
    assert_eq!(weights.iter().map(|one| text(&one["verdict"])).collect::<Vec<_>>(), ["verified"]);
}

#[test]
fn what_is_no_training_is_told_as_what_it_is() {
    for (name, cells, told) in others::none() {
        let folder = Folder::new();
        cells.write(&folder, "hand.xlsx");
        let said = failure(&folder, "hand.xlsx");
        assert!(said.contains(told), "{name}: {said}");
    }
}

/// The verdicts on the weights of the only training of a sheet, and its mistakes.
fn verdicts(cells: &sheet::Cells, code: i32) -> (Vec<String>, Vec<String>) {
    let folder = Folder::new();
    cells.write(&folder, "hand.xlsx");
    let said = json_of(&folder, "hand.xlsx", code);
    assert_eq!(list(&said["trainings"]).len(), 1, "{said}");
    let training = &said["trainings"][0];
    let weights = list(&training["weights"]).iter();
    let weights = weights.map(|one| format!("{} {}", text(&one["name"]), text(&one["verdict"])));
    (weights.collect(), mistakes(training))
}

#[test]
fn unknowns_that_step_by_themselves_are_trained_by_the_function_of_them_all() {
    let right = verdicts(&others::each_by_itself("=EXP({v})-1"), 0);
    assert_eq!(right, (vec!["u verified".to_owned(), "v verified".to_owned()], Vec::new()));
    let (weights, mistakes) = verdicts(&others::each_by_itself("=EXP({v})+1"), 1);
    assert_eq!(weights, ["u verified", "v wrong"]);
    assert_eq!(mistakes, ["wrong-derivative E5"]);
}

#[test]
fn a_rate_that_falls_by_a_share_of_itself_is_no_weight() {
    let (weights, mistakes) = verdicts(&others::with_a_falling_rate(), 0);
    assert_eq!(weights, ["u verified", "v verified"]);
    assert_eq!(mistakes, [""; 0]);
}

#[test]
fn errors_behind_the_last_update_are_no_gradients() {
    let (weights, mistakes) = verdicts(&others::delta_rule(), 0);
    assert_eq!(weights, ["w1 verified", "w2 verified", "bias verified"]);
    assert_eq!(mistakes, [""; 0]);
}

#[test]
fn what_looks_on_beside_a_training_is_no_weight_of_it() {
    let (weights, mistakes) = verdicts(&others::with_looks_back(), 0);
    assert_eq!(weights, ["a verified"]);
    assert_eq!(mistakes, [""; 0]);
    let folder = Folder::new();
    others::with_looks_back().write(&folder, "hand.xlsx");
    let said = json_of(&folder, "hand.xlsx", 0);
    assert_eq!(said["trainings"][0]["loss"]["cell"], "data!E5");
}

#[test]
fn errors_of_what_has_nothing_to_do_with_the_table_are_left_alone() {
    let folder = Folder::new();
    others::with_budgets().write(&folder, "hand.xlsx");
    let said = json_of(&folder, "hand.xlsx", 0);
    assert_eq!(said["sheets"][0]["optimizer"], "momentum");
    // What the table is computed from is held against it, wherever it stands.
    others::with_budgets().with("B1 =0.0001/B23").write(&folder, "wrong.xlsx");
    let said = json_of(&folder, "wrong.xlsx", 1);
    assert_eq!(mistakes(&said["sheets"][0])[0], "error-cell B1");
}
