//! What definitions may say, and the words for what they may not.

use super::{Definition, Setup, find, registry, sheet};
use crate::circuit::{Loss, Model};
use crate::formula::text;
use crate::sheet::Ref;

const PLAIN: &str = "title = \"T\"\nsummary = \"s\"\nsource = \"me\"\n";
const UPDATE: &str = "[update]\nmeaning = \"m\"\nformula = \"w - lr*g\"\n";
const LR: &str = "[[hyper]]\nname = \"lr\"\nsymbol = \"α\"\ndefault = 0.1\nrange = \"(0, inf)\"\n\
                  meaning = \"m\"\nsource = \"me\"\n";

fn read(rest: &str) -> crate::error::Result<Definition> {
    Definition::read("t", "t.toml", &format!("{PLAIN}{rest}"))
}

fn message(rest: &str) -> String {
    read(rest).unwrap_err().to_string()
}

/// A column with the given entries beside what every column needs.
fn column(id: &str, formula: &str, rest: &str) -> String {
    format!(
        "[[column]]\nid = \"{id}\"\nheader = \"{id}_{{w}}\"\nsymbol = \"{id}\"\nmeaning = \"m\"\n\
         formula = \"{formula}\"\n{rest}\n"
    )
}

#[test]
fn every_built_in_definition_reads() {
    let names: Vec<&str> =
        registry().unwrap().definitions().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names[0], "sgd");
}

#[test]
fn an_unknown_optimizer_gets_the_known_ones() {
    let message = find("adma").unwrap_err().to_string();
    let start = "there is no optimizer `adma`\n  help: did you mean `adam`? Known: sgd, momentum";
    assert!(message.starts_with(start), "{message}");
}

#[test]
fn mistakes_point_into_the_file() {
    assert_eq!(
        message("[update]\nmeaning = \"m\"\nformula = \"w - lrr*g\""),
        "`lrr` is not defined at this place\n --> t.toml:6:16\n  |\n\
         6 | formula = \"w - lrr*g\"\n  |                ^^^\n  \
         help: known: w, g, t, n, loss, epoch_steps"
    );
    assert!(
        message("[update]\nmeaning = \"m\"\nformula = \"w - \"")
            .starts_with("expected a number, a name or `(`\n --> t.toml:6:16")
    );
    assert!(
        message("colour = 1\n[update]\nmeaning=\"\"\nformula=\"w\"")
            .starts_with("unknown field `colour`")
    );
    let low = LR.replace("0.1", "-1.0");
    assert!(
        message(&format!("{low}{UPDATE}"))
            .starts_with("the default -1 is out of range\n --> t.toml:7:11")
    );
    assert!(message(&format!("{LR}{LR}{UPDATE}")).starts_with("`lr` is defined twice"));
}

#[test]
fn columns_need_names_starts_and_headers_that_fit() {
    let with = |column: String| message(&format!("{LR}{column}{UPDATE}"));
    assert!(with(column("min", "g", "")).starts_with("`min` cannot be used as a name"));
    assert!(with(column("g", "g", "")).starts_with("`g` has a meaning of its own"));
    assert!(with(column("lr", "g", "")).starts_with("`lr` is defined twice"));
    assert_eq!(
        with(column("v", "g", "").replace("v_{w}", "v")),
        "the header of a column that each weight has needs {w}\n  --> t.toml:13:11\n   |\n\
         13 | header = \"v\"\n   |           ^\n  \
         help: for example \"v_{w}\"; or shared = true, if one column serves all weights"
    );
    assert!(
        with(column("v", "g", "start = \"beta\""))
            .starts_with("`beta` is not defined at this place\n  --> t.toml:17:10")
    );
    assert!(with(column("v", "g", "start = true")).starts_with("a start is a number or a formula"));
    assert!(
        with(column("v", "2*g", "shared = true"))
            .starts_with("`g` is of one weight, but the column is shared\n  --> t.toml:16:14")
    );
}

#[test]
fn norms_and_sums_go_over_all_weights_of_any_model() {
    let columns = [
        column("v", "prev.v + norm(g)*w", "start = 0"),
        column("size", "norm(prev.v - 2*w)/sum(abs(g))", "shared = true"),
    ];
    let definition = read(&format!("{LR}{}{UPDATE}", columns.concat())).unwrap();
    let (formula, _) = Model::read("a*x + b*x^2 + c").unwrap();
    let model = Model::new(formula, Loss::squared().unwrap(), &["x"]).unwrap();
    let sheet = sheet(&definition, &model, &Setup::new(&[1.0; 3], 5)).unwrap();
    let formula = |id: &str| {
        let formula = &sheet.columns[sheet.column(id).unwrap()].formula;
        text(formula, &|name| match *name {
            Ref::Column(at) => sheet.columns[at].id.clone(),
            Ref::Above(at) => format!("above {}", sheet.columns[at].id),
            _ => panic!("{name:?}"),
        })
    };
    assert_eq!(formula("v_b"), "above v_b + sqrt(de_da^2 + de_db^2 + de_dc^2)*b");
    assert_eq!(
        formula("size"),
        "sqrt((above v_a - 2*a)^2 + (above v_b - 2*b)^2 + (above v_c - 2*c)^2)\
         /(abs(de_da) + abs(de_db) + abs(de_dc))"
    );
}

#[test]
fn a_variant_is_the_textbook_form_with_entries_replaced() {
    let text = format!(
        "{LR}{}{UPDATE}[variant.lib]\nnote = \"lr in v\"\nsource = \"lib\"\ndefaults = {{ lr = 0.5 }}\n\
         [[variant.lib.column]]\nid = \"v\"\nformula = \"lr*g\"\nstart = \"2*lr\"\n\
         [variant.lib.update]\nformula = \"w - v\"\n",
        column("v", "prev.v + g", "start = 0")
    );
    let definition = read(&text).unwrap();
    let variant = definition.variant("lib").unwrap();
    assert_eq!((variant.label().as_str(), variant.sheet_name().as_str()), ("t:lib", "t lib"));
    assert_eq!(variant.rule(), ["v = lr*g", "new w = w - v"]);
    assert_eq!(variant.columns[0].start.as_ref().unwrap().to_string(), "2*lr");
    assert_eq!((variant.hyper[0].default, variant.hyper[0].source.as_str()), (0.5, "lib"));
    assert_eq!((variant.title.as_str(), variant.note.as_str()), ("T (lib)", "lr in v"));
    assert_eq!(definition.rule(), ["v = prev.v + g", "new w = w - lr*g"]);
}

#[test]
fn a_variant_changes_only_what_is_there() {
    let with = |rest: &str| {
        let head = "[variant.lib]\nnote = \"n\"\nsource = \"lib\"\n";
        message(&format!("{LR}{UPDATE}{head}{rest}"))
    };
    assert_eq!(
        with("without = [\"lrs\"]\n"),
        "there is no `lrs` that the variant could change\n  --> t.toml:17:13\n   |\n\
         17 | without = [\"lrs\"]\n   |             ^^^\n  help: did you mean `lr`? Known: lr"
    );
    assert!(with("defaults = { beta = 0.9 }\n").contains("--> t.toml:17:14"));
    assert_eq!(
        with("[[variant.lib.column]]\nid = \"v\"\nformula = \"g\"\n").lines().next(),
        Some("a column that the variant adds needs `header`")
    );
    assert!(with("without = [\"lr\"]\n").starts_with("`lr` is not defined at this place"));
}

#[test]
fn mistakes_in_translations_point_into_the_file() {
    let variant = "[variant.lib]\nnote = \"n\"\nsource = \"lib\"\n[[variant.lib.hyper]]\n\
                   name = \"mu\"\nsymbol = \"μ\"\ndefault = 0\nrange = \"[0, 1)\"\nmeaning = \"m\"\n\
                   source = \"lib\"\n";
    let with = |rest: &str| {
        let entry = "[[translation]]\nnote = \"n\"\n";
        message(&format!("{LR}{UPDATE}{variant}{entry}{rest}"))
    };
    assert_eq!(
        with("agreement = \"exact\"\nto = \"lib\"\n"),
        "the translation to t:lib says nothing about `mu`\n  --> t.toml:27:7\n   |\n\
         27 | to = \"lib\"\n   |       ^^^\n  help: add it: settings = { mu = 0 }"
    );
    let exact = |rest: &str| with(&format!("agreement = \"exact\"\n{rest}"));
    assert_eq!(
        exact("to = \"lib\"\nsettings = { mu = \"2*rho\" }\n"),
        "`rho` is not defined at this place\n  --> t.toml:28:22\n   |\n\
         28 | settings = { mu = \"2*rho\" }\n   |                      ^^^\n  help: known: lr, n"
    );
    for (entry, message) in [
        ("", "a translation says between which forms it is\n"),
        ("to = \"lib\"\nwith = \"lib\"\n", "a translation says between which forms it is\n"),
        ("to = \"lob\"\n", "there is no variant `lob` to translate\n  --> t.toml:27:7"),
        (
            "to = \"lib\"\nsettings = { nu = 0 }\n",
            "t:lib has no hyperparameter `nu`\n  --> t.toml:28:14",
        ),
        (
            "to = \"lib\"\nsettings = { mu = true }\n",
            "a setting is a number or a formula over the other form's hyperparameters",
        ),
        ("from = \"lib\"\nwhen = [\"mu\"]\n", "expected a comparison"),
        (
            "from = \"lib\"\nwhen = [\"nu = 0\"]\n",
            "`nu` is not defined at this place\n  --> t.toml:28:10",
        ),
        (
            "from = \"lib\"\ndifference = \"mu/S\"\n",
            "`S` is not defined at this place\n  --> t.toml:28:18",
        ),
        (
            "from = \"lib\"\n[[translation]]\nfrom = \"lib\"\nagreement = \"none\"\nnote = \"n\"\n",
            "the way from t:lib to t is described twice\n  --> t.toml:29:9",
        ),
    ] {
        let found = exact(entry);
        assert!(found.starts_with(message), "{found}");
    }
    assert!(with("to = \"lib\"\nagreement = \"roughly\"\n").starts_with(
        "unknown variant `roughly`, expected one of `exact`, `limit`, `near`, `none`"
    ));
}

#[test]
fn a_library_is_told_by_an_expression_over_hyperparameters() {
    let with = |library: &str| message(&format!("{LR}{UPDATE}[library]\n{library}\n"));
    assert_eq!(
        with("pytorch = \"torch.optim.SGD(weights, lr={lrr})\""),
        "there is no hyperparameter `lrr`\n  --> t.toml:15:41\n   |\n\
         15 | pytorch = \"torch.optim.SGD(weights, lr={lrr})\"\n   |                                         ^^^\n  \
         help: did you mean `lr`? Known: lr"
    );
    let start = |library: &str, start: &str| {
        let message = with(library);
        assert!(message.starts_with(start), "{message}");
    };
    start(
        "keras = \"torch.optim.SGD(weights)\"",
        "an optimizer of Keras begins with keras.optimizers.\n  --> t.toml:15:10",
    );
    start(
        "optax = \"optax.sgd({lr\"",
        "a hyperparameter stands between { and }\n  --> t.toml:15:20",
    );
    start(
        "optax = \"optax.sgd(lr})\"",
        "a hyperparameter stands between { and }\n  --> t.toml:15:22",
    );
    start("jax = \"optax.sgd({lr})\"", "unknown field `jax`");
    start("when = [\"beta > 0\"]", "`beta` is not defined at this place\n  --> t.toml:15:10");
    let read = read(&format!("{LR}{UPDATE}[library]\noptax = \"optax.sgd({{lr}})\"\n")).unwrap();
    assert_eq!(read.libraries[0].made_with, "optax.sgd({lr})");
}
