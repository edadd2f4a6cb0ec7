//! Where formulas find the samples.

use std::collections::BTreeSet;

use crate::host::assembled::{Assembled, DATA, Runs};

const SGD: Runs = Runs {
    model: "",
    optimizers: &["sgd"],
    is_shuffled: false,
    is_scaled: false,
    has_reset: false,
};

/// The rows of a sheet's trace that say what the column called `header` looks up.
fn formulas(assembled: &Assembled, sheet: &str, header: &str) -> Vec<String> {
    let sheet = assembled.book.sheet(sheet);
    let head = sheet.places("step")[0].0;
    let (_, column) = *sheet.places(header).iter().find(|at| at.0 == head).expect("a head");
    let cells = sheet.cells.range((head + 1, 0)..).filter(|(at, _)| at.1 == column);
    cells.filter_map(|(_, cell)| cell.formula.clone()).collect()
}

#[test]
fn x_and_y_are_the_users_cells() {
    let assembled = Assembled::new(&[("data", DATA)], &SGD);
    assert_eq!(assembled.ours, ["summary", "sgd", "epochs", "circuit", "curvature"]);
    assert_eq!(assembled.faults(), Vec::<String>::new());
    let x = formulas(&assembled, "sgd", "x");
    assert_eq!(x.len(), 12);
    let expected = (14..26).map(|row| format!("INDEX(data!$A$3:$A$8,$C{row})"));
    assert_eq!(x, expected.collect::<Vec<_>>());
    assert_eq!(formulas(&assembled, "sgd", "y")[0], "INDEX(data!$B$3:$B$8,$C14)");
    let sgd = assembled.book.sheet("sgd");
    let n = sgd.places("n")[0];
    assert_eq!(sgd.formula((n.0, 1)), "COUNT(data!$A$3:$A$8)");
    assert_eq!(
        sgd.text((n.0, 2)),
        "the number of samples, counted from the sheet data, cells A3:B8"
    );
    let summary = assembled.book.sheet("summary");
    assert_eq!(
        summary.text((2, 0)),
        "The samples are those of this workbook, sheet 'data', cells A3:B8. Change one there and \
         every sheet follows."
    );
    let formulas: Vec<&str> =
        summary.cells.values().filter_map(|cell| cell.formula.as_deref()).collect();
    assert!(formulas.contains(&"SLOPE(data!$B$3:$B$8,data!$A$3:$A$8)"), "{formulas:?}");
}

#[test]
fn the_jacobian_has_a_row_for_each_of_the_users_samples() {
    let assembled = Assembled::new(&[("data", DATA)], &SGD);
    let curvature = assembled.book.sheet("curvature");
    let cells = curvature.cells.iter();
    let from: Vec<(u32, &str)> = cells
        .filter_map(|(at, cell)| Some((at.0, cell.formula.as_deref()?)))
        .filter(|(_, formula)| formula.starts_with("data!") && !formula.contains('$'))
        .collect();
    let (first, _) = from[0];
    let expected: Vec<(u32, String)> = (0..6)
        .flat_map(|sample| {
            ["A", "B"].map(|column| (first + sample, format!("data!{column}{}", 3 + sample)))
        })
        .collect();
    let found: Vec<(u32, String)> =
        from.into_iter().map(|(row, formula)| (row, formula.to_owned())).collect();
    assert_eq!(found, expected);
    assert_eq!((curvature.number((first, 0)), curvature.number((first + 5, 0))), (1.0, 6.0));
}

#[test]
fn samples_in_a_row_and_sheets_with_any_name_are_referred_to() {
    let across = "x|14|86|28|51\ny|58|202|86|132";
    let assembled = Assembled::new(&[("Bob's 1st", across)], &SGD);
    let x = formulas(&assembled, "sgd", "x");
    assert_eq!(x[0], "INDEX('Bob''s 1st'!$B$1:$E$1,1,$C14)");
    let mut meant: BTreeSet<String> = assembled.ours.iter().cloned().collect();
    meant.insert("Bob's 1st".to_owned());
    assert!(assembled.referred().is_subset(&meant), "{:?}", assembled.referred());
}

#[test]
fn other_models_refer_to_the_users_cells_as_well() {
    let table = "x|y|z\n1|2|3\n2|4|5\n3|7|9\n5|11|4";
    let runs = Runs { model: "a*x^2 + b*x + c", is_shuffled: true, ..SGD };
    let assembled = Assembled::new(&[("T", table), ("sgd", "")], &runs);
    let mut meant: BTreeSet<String> = assembled.ours.iter().cloned().collect();
    meant.insert("T".to_owned());
    assert!(assembled.referred().is_subset(&meant), "{:?}", assembled.referred());
    let order = assembled.book.sheet("order");
    assert_eq!(order.texts(3), ["row", "epoch", "sample"]);
    let sample = formulas(&assembled, "sgd (2)", "sample");
    assert!(sample[0].starts_with("INDEX(order!$C$5:$C$12,$A"), "{}", sample[0]);
}

#[test]
fn a_copy_says_why_it_is_one() {
    let runs = Runs { is_scaled: true, ..SGD };
    let assembled = Assembled::new(&[("data", DATA)], &runs);
    assert_eq!(assembled.ours[1], "data (2)");
    let copy = assembled.book.sheet("data (2)");
    let told = "Copied, since x and y are scaled: a change in the sheet 'data' does not come here.";
    assert_eq!(copy.text((3, 0)), told);
    assert_eq!((copy.text((4, 0)), copy.text((5, 0))), ("mean", "standard deviation"));
    assert_eq!(copy.texts(7)[..5], ["sample", "x", "y", "x scaled", "y scaled"]);
    assert_eq!(copy.formula((8, 3)), "(B9-B$5)/B$6".replace("B$5", "$B$5").replace("B$6", "$B$6"));
    assert!(assembled.book.sheet("summary").text((2, 0)).ends_with(told));
    assert_eq!(formulas(&assembled, "sgd", "x")[0], "INDEX('data (2)'!$D$9:$D$14,$C14)");
    let meant: BTreeSet<String> = assembled.ours.iter().cloned().collect();
    assert!(assembled.referred().is_subset(&meant), "{:?}", assembled.referred());
    let words = "(sheet data (2)).";
    assert!(assembled.book.sheet("summary").all_texts().iter().any(|text| text.ends_with(words)));
    assert_eq!(assembled.faults(), Vec::<String>::new());
}

#[test]
fn a_model_too_large_for_the_name_of_the_sheet_gets_a_copy() {
    let name = "the rents of all flats in town";
    let factors: Vec<String> = (1..=130).map(|power| format!("c{power}*x")).collect();
    let model = format!("{} + b", factors.join(" + "));
    let runs = Runs { model: &model, ..SGD };
    let assembled = Assembled::new(&[(name, DATA)], &runs);
    assert!(assembled.host.has_data());
    let told = format!(
        "Copied, since formulas of this model have no room for the name of its sheet: a change in \
         the sheet '{name}' does not come here."
    );
    assert_eq!(assembled.book.sheet("data").text((3, 0)), told);
    let longest = assembled.book.sheets.iter().flat_map(|sheet| sheet.cells.values());
    let longest = longest.filter_map(|cell| cell.formula.as_ref().map(String::len)).max();
    assert!(longest < Some(8192), "{longest:?}");
    let meant: BTreeSet<String> = assembled.ours.iter().cloned().collect();
    assert!(assembled.referred().is_subset(&meant), "{:?}", assembled.referred());
    // A short name has room in the same model.
    let assembled = Assembled::new(&[("rents", DATA)], &runs);
    assert!(assembled.book.names().iter().all(|name| *name != "data"));
}
