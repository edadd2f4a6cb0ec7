//! Settings from a file: `gdtrace.toml` beside the input, or `--config`.

use std::fs;

use crate::common::books::Folder;
use crate::common::program::{said, walkthrough};

/// What `gdtrace run graddes.xlsx` with `options` prints in a folder with these settings.
fn run(settings: &str, options: &str) -> (String, String, i32) {
    let folder = walkthrough();
    fs::write(folder.path("gdtrace.toml"), settings).unwrap();
    in_folder(&folder, options)
}

fn in_folder(folder: &Folder, options: &str) -> (String, String, i32) {
    let arguments: Vec<&str> =
        ["run", "graddes.xlsx"].into_iter().chain(options.split_whitespace()).collect();
    said(folder, &arguments)
}

#[test]
fn settings_beside_the_input_are_taken_and_the_command_line_wins() {
    let settings = "epochs = 2\noptimizers = [\"sgd\", \"fast=sgd\"]\nbatch-size = \"all\"\n\
                    [set]\nlr = 1e-4\n[set.fast]\nlr = 2e-4\n";
    let (from_file, note, code) = run(settings, "--json");
    assert_eq!((note.as_str(), code), ("note: settings from gdtrace.toml\n", 0));
    let folder = walkthrough();
    let typed = "--epochs 2 --optimizers sgd,fast=sgd --batch-size all --set lr=1e-4 \
                 --set fast.lr=2e-4 --json";
    assert_eq!(from_file, in_folder(&folder, typed).0);
    let (stronger, ..) = run(settings, "--json --epochs 1 --optimizers sgd --set lr=3e-4");
    let folder = walkthrough();
    let typed = "--epochs 1 --optimizers sgd --batch-size all --set lr=3e-4 --json";
    assert_eq!(stronger, in_folder(&folder, typed).0, "settings of fast go with it");
}

#[test]
fn a_file_may_be_named_and_its_paths_are_beside_it() {
    let folder = walkthrough();
    fs::create_dir(folder.path("more")).unwrap();
    fs::write(folder.path("more/own.toml"), "epochs = 1\noutput = \"out.xlsx\"\n").unwrap();
    let (_, errors, code) = in_folder(&folder, "--config more/own.toml --quiet");
    assert_eq!((errors.as_str(), code), ("", 0));
    assert!(folder.path("more/out.xlsx").is_file() && folder.path("more/out.html").is_file());
}

#[test]
fn the_printed_settings_say_the_same_when_they_are_read() {
    let options = "--optimizers adam,fast=sgd,rmsprop --set fast.lr=0.0002 --epochs 3 --shuffle \
                   --schedule warmup:5+cosine --decay-weights a --l2 0.1 --init a=2,b=-1 \
                   --preset notes";
    let folder = walkthrough();
    let (printed, errors, code) = in_folder(&folder, &format!("{options} --print-config"));
    assert_eq!((errors.as_str(), code), ("", 0));
    for line in ["epochs = 3", "shuffle = true", "seed = 1", "beta1 = 0.999", "# clip ="] {
        assert!(printed.lines().any(|one| one == line), "{line} is not in\n{printed}");
    }
    let files: Vec<String> = crate::common::program::names(&folder);
    assert_eq!(files, ["graddes.xlsx"], "nothing is written");
    let (again, ..) = run(&printed, "--print-config");
    assert_eq!(again, printed);
    let (from_file, ..) = run(&printed, "--json");
    assert_eq!(from_file, in_folder(&walkthrough(), &format!("{options} --json")).0);
}

#[test]
fn what_only_other_optimizers_have_goes_with_them() {
    let settings = "epochs = 1\n[set]\nbeta = 0.8\n";
    let (from_file, errors, code) = run(settings, "--optimizers sgd --json --quiet");
    assert_eq!((errors.as_str(), code), ("", 0));
    let folder = walkthrough();
    assert_eq!(from_file, in_folder(&folder, "--optimizers sgd --epochs 1 --json").0);
    // What is typed is meant, and what no optimizer has is a mistake.
    let typed = in_folder(&folder, "--optimizers sgd --set beta=0.8").1;
    assert!(typed.contains("no optimizer of this run has a hyperparameter `beta`"), "{typed}");
    let (_, errors, code) = run("[set]\nbeto = 0.8\n", "--optimizers sgd");
    assert!(code == 2 && errors.contains("`beto`"), "{errors}");
}

#[test]
fn mistakes_in_the_settings_point_into_the_file() {
    let message = |settings: &str| {
        let (printed, errors, code) = run(settings, "");
        assert_eq!((printed.as_str(), code), ("", 2), "{errors}");
        errors
    };
    let unknown = message("epoch = 3\n");
    let start = "error: there is no setting `epoch`\n --> gdtrace.toml:1:1\n  |\n1 | epoch = 3\n  \
                 | ^^^^^\n  help: did you mean `epochs`? Known: like, optimizers";
    assert!(unknown.starts_with(start), "{unknown}");
    let cases = [
        (
            "epochs = 0\n",
            "invalid value '0' for '--epochs <COUNT>': write a whole number, 1 or more\n --> gdtrace.toml:1:10",
        ),
        (
            "epochs = 1\noptimizers = [\"sgd\", \"adma\"]\n",
            "there is no optimizer `adma`\n --> gdtrace.toml:2:14",
        ),
        ("shuffle = 1\n", "`shuffle` is true or false\n --> gdtrace.toml:1:11"),
        ("clip = true\n", "`clip` is not true or false\n --> gdtrace.toml:1:8"),
        (
            "[set]\nlr = 1\n[set.adam]\nbeta1 = 1.2\n",
            "beta1 = 1.2 is out of range for adam\n --> gdtrace.toml:4:9",
        ),
        ("batch-size = 40\n", "a batch of 40 is more than 29 samples\n --> gdtrace.toml:1:14"),
        ("epochs = \n", "string values must be quoted"),
    ];
    for (settings, expected) in cases {
        let found = message(settings);
        assert!(found.starts_with(&format!("error: {expected}")), "{settings}: {found}");
    }
    let (_, errors, code) = in_folder(&walkthrough(), "--config none.toml");
    assert!(errors.starts_with("error: cannot read the settings: "), "{errors}");
    assert_eq!(code, 2);
}
