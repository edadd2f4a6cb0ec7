//! The contract of `gdtrace optimizers`, from outside: what it lists, shows, prints to copy, and
//! translates, and the words of its errors.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use gdtrace::optimizer::{Definition, registry};
use predicates::str::contains;
use serde_json::{Value, json};
use tempfile::TempDir;

fn gdtrace(folder: &TempDir, words: &str) -> Assert {
    Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder.path())
        .args(words.split_whitespace())
        .assert()
}

fn printed(words: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let result = gdtrace(&folder, &format!("optimizers {words}")).success().stderr("");
    String::from_utf8(result.get_output().stdout.clone()).unwrap()
}

fn json_of(words: &str) -> Value {
    serde_json::from_str(&printed(&format!("{words} --json"))).unwrap()
}

/// Every optimizer and every variant.
fn all_forms() -> Vec<&'static Definition> {
    let all = registry().unwrap().definitions().iter();
    all.flat_map(|one| std::iter::once(one).chain(&one.variants)).collect()
}

fn walkthrough() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
    fs::copy(example, folder.path().join("graddes.xlsx")).unwrap();
    folder
}

#[test]
fn the_list_has_every_optimizer_with_its_variants_and_says_what_to_type_next() {
    let list = printed("");
    for one in registry().unwrap().definitions() {
        let line = list.lines().find(|line| line.starts_with(&format!(" {} ", one.name)));
        assert!(line.unwrap().contains(&format!("{}: ", one.title)), "{}\n{list}", one.name);
        for variant in one.variants.iter().filter_map(|one| one.variant.as_ref()) {
            assert!(list.contains(variant), "{variant}\n{list}");
        }
    }
    assert!(list.contains("\nNext\n gdtrace optimizers adam  "), "{list}");
    let names: Vec<Value> = json_of("")["optimizers"].as_array().unwrap().clone();
    let names: Vec<&str> = names.iter().map(|one| one["name"].as_str().unwrap()).collect();
    let known = registry().unwrap().definitions().iter();
    assert_eq!(names, known.map(|one| one.name.as_str()).collect::<Vec<_>>());
}

#[test]
fn everything_fits_into_a_hundred_columns() {
    let mut texts = vec![printed("")];
    texts.extend(all_forms().iter().map(|one| printed(&one.label())));
    for line in texts.iter().flat_map(|text| text.lines()) {
        assert!(line.chars().count() <= 100, "{line}");
        assert_eq!(line, line.trim_end());
    }
}

#[test]
fn an_optimizer_is_shown_with_its_formulas_and_what_they_mean() {
    let adam = printed("adam");
    for part in [
        "adam: Adam\nmomentum and RMSProp together",
        "\nsource: D. P. Kingma, J. Ba: Adam",
        "\n v_corrected = v/(1 - beta1^t)\n",
        "\n new w       = w - lr*v_corrected/(sqrt(S_corrected) + eps)\n",
        "\n name         symbol  start  meaning\n v            v       0      first moment: ",
        "\n v_corrected  v\u{302}              v without its bias",
        "\n t       the number of the step, from 1\n prev.v  v after the step before\n",
        " beta1  β₁      0.9      0 <= beta1 < 1  decay of the first moment v ",
        "\nPresets\n --preset notes: beta1 0.999, beta2 0.9\n",
        "\nSettings that are seldom meant\n beta1 is above beta2; ",
        "\nHow others write it\n variant ",
        "\n gdtrace optimizers adam --toml > mine.toml  ",
    ] {
        assert!(adam.contains(part), "{part}\nis not in\n{adam}");
    }
    let sgd = printed("sgd");
    assert!(sgd.contains("\nLargest stable learning rate\n lr = 2/curvature\n curvature is "));
    assert!(!sgd.contains("How others") && !sgd.contains("Presets") && !sgd.contains("prev."));
}

#[test]
fn a_variant_is_held_against_the_textbook_form() {
    let keras = printed("adam:keras");
    for part in [
        "\nvariant: corrects the learning rate",
        "\nWhat differs from adam\n",
        " v_corrected     adam        v/(1 - beta1^t)\n                 adam:keras  (not there)\n",
        " new w           adam        w - lr*v_corrected/(sqrt(S_corrected) + eps)\n                 \
         adam:keras  w - lr_corrected*v/(sqrt(S) + eps)\n",
        " default of eps  adam        1e-8\n                 adam:keras  1e-7\n",
    ] {
        assert!(keras.contains(part), "{part}\nis not in\n{keras}");
    }
    assert!(!keras.contains("default of beta1"));
    let walkthrough = printed("rmsprop:walkthrough");
    assert!(walkthrough.contains(" S starts at     rmsprop              0\n"), "{walkthrough}");
    assert!(walkthrough.contains("why no settings give the same steps"), "{walkthrough}");
}

#[test]
fn the_definition_is_printed_as_it_is_in_the_program() {
    for one in registry().unwrap().definitions() {
        let file = format!("src/optimizer/builtin/{}.toml", one.name);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert_eq!(printed(&format!("{} --toml", one.name)), fs::read_to_string(file).unwrap());
    }
}

#[test]
fn every_variant_is_printed_as_a_definition_that_reads_back() {
    for form in all_forms() {
        let text = form.to_toml();
        let read = Definition::read(&form.name, "copy.toml", &text).unwrap();
        let alone = Definition {
            variant: None,
            note: String::new(),
            variants: Vec::new(),
            translations: Vec::new(),
            ..form.clone()
        };
        assert_eq!(read, alone, "{text}");
        if form.variant.is_some() {
            assert_eq!(printed(&format!("{} --toml", form.label())), text);
        }
    }
}

#[test]
fn texts_of_a_definition_are_escaped() {
    let text = "title = 'a \"b\" \\ c'\nsummary = \"two\\nlines\"\nsource = \"\\u0007 '''\"\n\
                largest_lr = \"2/curvature\"\n[[hyper]]\nname = \"lr\"\nsymbol = \"α\"\n\
                default = -3\nrange = \"[-3.5, inf)\"\nmeaning = \"'\"\nsource = \"#\"\n\
                [[column]]\nid = \"v\"\nheader = \"v_{w}\"\nsymbol = \"v\"\nmeaning = \"m\"\n\
                formula = \"prev.v - (-g)^2\"\nstart = -1.5\n\
                [update]\nmeaning = \"m\"\nformula = \"w - lr*v\"\nwith_l2 = \"w*(1 - l2)\"\n\
                [[warning]]\nwhen = \"lr < 0\"\ntext = \"up\\tthe hill\"\n\
                [preset.\"my own\"]\nlr = 1e-300\n";
    let read = Definition::read("t", "t.toml", text).unwrap();
    let again = Definition::read("t", "t.toml", &read.to_toml());
    assert_eq!(again.unwrap(), read, "{}", read.to_toml());
}

#[test]
fn a_printed_definition_runs_under_the_name_of_its_file() {
    let folder = walkthrough();
    for label in ["adam", "adam:keras", "rmsprop:walkthrough"] {
        fs::write(folder.path().join("mine.toml"), printed(&format!("{label} --toml"))).unwrap();
        let run = format!(
            "run graddes.xlsx --json --no-report --force --optimizers {label},mine \
             --optimizer-file mine.toml"
        );
        let output = gdtrace(&folder, &run).success().get_output().stdout.clone();
        let runs: Value = serde_json::from_slice(&output).unwrap();
        let runs = &runs["optimizers"];
        assert_eq!(runs[1]["name"], "mine");
        assert_eq!(runs[0]["final"], runs[1]["final"], "{label}");
        let shown = gdtrace(&folder, "optimizers mine --optimizer-file mine.toml").success();
        shown.stdout(predicates::str::starts_with("mine: "));
        let list = gdtrace(&folder, "optimizers --optimizer-file mine.toml").success();
        list.stdout(contains("\n mine "));
    }
}

#[test]
fn json_has_its_keys() {
    let adam = json_of("adam:keras");
    let keys: Vec<&String> = adam.as_object().unwrap().keys().collect();
    let promised = "columns hyper largest_lr name note presets source summary title update variant \
                    variants warnings";
    assert_eq!(keys, promised.split_whitespace().collect::<Vec<_>>());
    assert_eq!((&adam["name"], &adam["variant"]), (&json!("adam"), &json!("keras")));
    assert_eq!(adam["hyper"][3]["default"], 1e-7);
    assert_eq!(adam["update"]["formula"], "w - lr_corrected*v/(sqrt(S) + eps)");
    assert_eq!(json_of("adam")["presets"]["notes"]["beta2"], 0.9);
    let way = json_of("momentum:pytorch --translate textbook --set lr=0.5 --set beta=0.5");
    assert_eq!((&way["from"], &way["to"]), (&json!("momentum:pytorch"), &json!("momentum")));
    assert_eq!((&way["agreement"], &way["when"]), (&json!("exact"), &json!(["dampening = 0"])));
    let lr = json!({"name": "lr", "formula": "lr/(1 - beta)", "value": 1.0});
    assert_eq!(way["settings"][0], lr);
    assert!(way["measured"]["largest_relative_difference"].as_f64().unwrap() < 1e-12);
}

#[test]
fn a_translation_gives_formulas_numbers_and_what_was_measured() {
    let text = printed("momentum --translate pytorch --set lr=0.01");
    let start = "\
From momentum to momentum:pytorch: the same steps, up to rounding

 momentum  value
 lr        0.01
 beta      0.9    default

 momentum:pytorch  value  from momentum
 lr                0.001  lr*(1 - beta)
 beta              0.9    beta
 dampening         0      0

The average is the sum times 1 - beta, so lr takes that factor.

Measured over 1000 steps: largest relative difference of the weights ";
    assert!(text.starts_with(start), "{text}");
    let command = text.lines().last().unwrap().trim().strip_prefix("gdtrace ").unwrap();
    assert_eq!(
        command,
        "run FILE.xlsx --optimizers momentum,momentum:pytorch --set momentum.lr=0.01"
    );
    let to_itself = printed("momentum --translate momentum:pytorch --set lr=0.01");
    assert_eq!(to_itself, text);
}

#[test]
fn the_command_to_see_both_runs_both() {
    let folder = walkthrough();
    let text = printed("momentum --translate keras");
    let command = text.lines().last().unwrap().trim().strip_prefix("gdtrace ").unwrap();
    let command = command.replace("FILE.xlsx", "graddes.xlsx") + " --json --no-report";
    let output = gdtrace(&folder, &command).success().get_output().stdout.clone();
    let runs: Value = serde_json::from_slice(&output).unwrap();
    let last = |run: usize| runs["optimizers"][run]["final"]["a"].as_f64().unwrap();
    assert!((last(0) - last(1)).abs() < 1e-11, "{runs}");
}

#[test]
fn what_holds_only_sometimes_is_said() {
    for (words, parts) in [
        (
            "adam --translate keras",
            &[
                "From adam to adam:keras: steps that come together as t grows\n",
                "1e-8*(1/sqrt(1 - 0.999^t) - 1)/sqrt(S_corrected) here",
                " at the end.\n",
            ][..],
        ),
        (
            "rmsprop --translate keras",
            &[
                "nearly the same steps\n",
                "differs by at most eps/sqrt(S) of its size: 1e-8/sqrt(S) here",
            ],
        ),
        (
            "amsgrad:pytorch --translate optax",
            &[
                "no settings give the same steps\n",
                "The largest raw S, corrected, is not the largest",
            ],
        ),
        (
            "momentum:pytorch --translate keras --set dampening=0.5",
            &[
                "not the same steps with these settings\n",
                "\nBut that takes dampening = 0, and here it is 0.5.\n",
            ],
        ),
        (
            "momentum:pytorch --translate keras",
            &["the same steps, up to rounding\n", "\nThat holds for dampening = 0, as here.\n"],
        ),
        ("adam --translate pytorch", &["The formulas are the same.\n", "no difference at all."]),
        (
            "sgd --translate weight-decay",
            &[
                "From sgd:l2 to sgd:weight-decay: the same steps, up to rounding\n",
                " weight_decay      0.002   lambda/n\n\nn is the number of samples, 50 here.\n",
            ],
        ),
        ("sgd --translate l2 --set weight_decay=0.1", &[" lambda  5       weight_decay*n\n"]),
        (
            "adam --translate weight-decay",
            &["no settings give the same steps\n", "the decay goes past\nall that."],
        ),
        ("sgd --translate l2 --set lr=10", &["steps (then a number is too large for a cell"]),
    ] {
        let text = printed(words);
        for part in parts {
            assert!(text.contains(part), "{words}: {part}\nis not in\n{text}");
        }
    }
}

#[test]
fn a_definition_of_one_s_own_is_translated_as_far_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let text = "title = \"T\"\nsummary = \"s\"\nsource = \"me\"\n[[hyper]]\nname = \"lr\"\n\
                symbol = \"α\"\ndefault = 0.01\nrange = \"(0, inf)\"\nmeaning = \"m\"\nsource = \"me\"\n\
                [update]\nmeaning = \"m\"\nformula = \"w - lr*g\"\n[variant.half]\nnote = \"n\"\n\
                source = \"me\"\n[variant.half.update]\nformula = \"w - lr*g/2\"\n";
    fs::write(folder.path().join("mine.toml"), text).unwrap();
    let words = "optimizers mine --translate half --optimizer-file mine.toml";
    gdtrace(&folder, words).success().stdout(contains(
        "\nThe definition does not say how their settings translate.\n\nMeasured over 1000 steps: ",
    ));
    let entry = "[[translation]]\nto = \"half\"\nagreement = \"exact\"\nnote = \"why\"\n\
                 settings = { lr = \"2*lr\" }\n";
    fs::write(folder.path().join("mine.toml"), format!("{text}{entry}")).unwrap();
    gdtrace(&folder, words).success().stdout(contains("the same steps, up to rounding\n"));
}

#[test]
fn mistakes_are_told_in_these_words() {
    for (words, message) in [
        (
            "adma",
            "there is no optimizer `adma`\n  help: did you mean `adam`? Known: sgd, momentum, ",
        ),
        ("adam:kears", "adam has no variant `kears`\n  help: did you mean `keras`? Known: "),
        ("sgd:keras", "sgd has no variant `keras`\n  help: it has none at all: write sgd\n"),
        (
            "adam --translate kears",
            "adam has no form `kears`\n  --> --translate kears\n  help: did you mean `keras`? Known: \
             textbook, keras, ",
        ),
        (
            "adam:keras --translate keras",
            "adam:keras is that form already\n  --> --translate keras\n  help: name another form: a \
             variant, or textbook for the plain form\n",
        ),
        (
            "adamw --translate l2",
            "adamw has a decay of its own\n  --> --translate l2\n  help: take an optimizer that has \
             none, such as sgd or adam\n",
        ),
        (
            "adam --translate keras --set rho=1",
            "adam has no hyperparameter `rho`\n  --> --set rho=1\n  help: known: lr, beta1, beta2, \
             eps\n",
        ),
        (
            "adam --translate keras --set beta1=1.5",
            "beta1 = 1.5 is out of range for adam\n  --> --set beta1=1.5\n  help: 0 <= beta1 < 1 must \
             hold\n",
        ),
        (
            "adam --translate keras --set lr",
            "a setting is NAME=NUMBER\n  --> --set lr\n  help: for example lr=0.001, or \
             adam.beta1=0.9\n",
        ),
        ("--optimizer-file none.toml", "cannot read it: "),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let result = gdtrace(&folder, &format!("optimizers {words}")).code(2).stdout("");
        result.stderr(predicates::str::starts_with(format!("error: {message}")));
    }
    let folder = tempfile::tempdir().unwrap();
    let usage = |words: &str| gdtrace(&folder, &format!("optimizers {words}")).code(2);
    usage("--toml").stderr(contains("<NAME>"));
    usage("adam --set lr=1").stderr(contains("--translate <FORM>"));
    usage("adam --toml --json").stderr(contains("cannot be used with"));
}

#[test]
fn help_has_examples_and_every_option() {
    let help = printed("--help");
    for part in [
        "--optimizer-file <FILE.toml>",
        "--toml",
        "--translate <FORM>",
        "--set <NAME=NUMBER>",
        "--json",
        "\n  gdtrace optimizers adam --toml > mine.toml\n",
        "Exit codes: 0 done",
    ] {
        assert!(help.contains(part), "{part}\nis not in\n{help}");
    }
}
