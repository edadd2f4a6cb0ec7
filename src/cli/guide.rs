//! What a beginner is told who types too little: `gdtrace` alone, a command without its file, a file without a
//! command. Each time the whole line to type, not a list of what the parser missed.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::again::quoted;
use super::layout::length;
use crate::error::Error;

/// A command with what it is for.
type Line = (String, &'static str);

/// What a command cannot do without, and examples of it; `FILE` stands for the file of the first line.
struct Beginning {
    command: &'static str,
    needs: &'static str,
    /// What the line that was typed, with what it lacks put in, does.
    does: &'static str,
    /// What stands for arguments that are missing.
    samples: &'static [(&'static str, &'static str)],
    more: &'static [(&'static str, &'static str)],
}

/// The file that examples have where there is none in this folder.
const FILE: (&str, &str) = ("<FILE>", "data.xlsx");

const BEGINNINGS: [Beginning; 6] = [
    Beginning {
        command: "run",
        needs: "a file with x and y: a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) or a .csv file",
        does: "every step as live formulas, and a report",
        samples: &[FILE],
        more: &[
            ("new practice.xlsx", "makes data to practise on"),
            ("explain FILE --optimizer adam --step 1", "where the numbers of a step come from"),
        ],
    },
    Beginning {
        command: "compare",
        needs: "a file: a workbook that somebody built by hand, with a row for each step",
        does: "what each sheet computes, and where it is wrong",
        samples: &[("<FILE>", "homework.xlsx")],
        more: &[
            ("compare FILE -o marked.xlsx", "the same in a marked copy"),
            ("compare FILE --against trace.xlsx", "where two workbooks part"),
        ],
    },
    Beginning {
        command: "explain",
        needs: "a file with x and y, an optimizer and a step",
        does: "every number of the step, with its formula",
        samples: &[FILE, ("--optimizer", "adam"), ("--step", "1")],
        more: &[("run FILE", "all steps, in a workbook and a report")],
    },
    Beginning {
        command: "sweep",
        needs: "a file with x and y, and what is varied",
        does: "where each value leads",
        samples: &[FILE, ("--vary", "lr=1e-6..1e-2:25")],
        more: &[("run FILE", "one run, with all its steps")],
    },
    Beginning {
        command: "new",
        needs: "the name of the workbook to make",
        does: "29 samples of y = 2*x + 30",
        samples: &[("<FILE.xlsx>", "data.xlsx")],
        more: &[
            ("new noisy.xlsx --slope -1.5 --intercept 4 --noise 2", "another line, with noise"),
            ("run data.xlsx", "then: every step of a training on it"),
        ],
    },
    Beginning {
        command: "derive",
        needs: "a formula, between quotation marks",
        does: "its derivatives by each variable",
        samples: &[("<FORMULA>...", "x^2*y")],
        more: &[(
            "derive \"x^2*y\" \"5*x + sin(y)\" --at x=1,y=2",
            "of two formulas, and at a point",
        )],
    },
];

/// What `gdtrace` alone prints. It is not told as an error, but nothing was done: the exit code is that of one.
pub fn short() -> String {
    let file = quoted(&here().unwrap_or_else(|| FILE.1.to_owned()));
    let lines = [
        (format!("run {file}"), "every step of a training as live formulas, and a report"),
        ("compare homework.xlsx".to_owned(), "where a sheet built by hand is wrong"),
        (
            format!("explain {file} --optimizer adam --step 1"),
            "where the numbers of a step come from",
        ),
    ];
    format!(
        "gdtrace shows every number that gradient descent computes, in a spreadsheet that anyone can check.\n\n\
         {}\n\
         No data at hand? gdtrace new data.xlsx makes some, to practise on.\n\
         All commands: gdtrace --help. All options of one: gdtrace run --help.",
        listed(&lines)
    )
}

/// What to say instead of `error`, where it is a beginner's: the `arguments` lack a file or the
/// like, or a command.
pub fn instead(error: &clap::Error, command: &Command, arguments: &[OsString]) -> Option<String> {
    let words: Vec<String> =
        arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match error.kind() {
        ErrorKind::MissingRequiredArgument => {
            let told = lacking(&missing(error), &words)?;
            Some(format!("{told}\n{}", usage(error, &words)))
        }
        ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument => {
            // The parser has said what it takes a command for.
            let is_told = error.get(ContextKind::SuggestedSubcommand).is_some();
            without_command(command, &words)
                .or_else(|| no_command(command, &words).filter(|_| !is_told))
        }
        _ => None,
    }
}

/// The arguments that are missing: `<FILE>`, `--step`.
fn missing(error: &clap::Error) -> Vec<String> {
    let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else {
        return Vec::new();
    };
    let first = |one: &String| one.split(' ').next().unwrap_or_default().to_owned();
    missing.iter().map(first).collect()
}

/// How the command is used, and where to read more.
fn usage(error: &clap::Error, words: &[String]) -> String {
    let command = words.first().map(String::as_str).unwrap_or_default();
    let usage = error.get(ContextKind::Usage).map(|usage| usage.to_string() + "\n");
    format!("{}All options: gdtrace {command} --help", usage.unwrap_or_default())
}

/// What a command needs that lacks the `missing` arguments, and the line that was typed with them.
fn lacking(missing: &[String], words: &[String]) -> Option<String> {
    let (command, rest) = words.split_first()?;
    let beginning = BEGINNINGS.iter().find(|one| one.command == command)?;
    let lacks = |name: &str| missing.iter().any(|one| one == name);
    // Nothing else may be missing: `optimizers --toml` lacks a name.
    let is_known = |one: &String| beginning.samples.iter().any(|(name, _)| name == one);
    if missing.is_empty() || !missing.iter().all(is_known) {
        return None;
    }
    let mut file = None;
    let mut typed = vec![command.clone()];
    let mut behind = Vec::new();
    for (name, sample) in beginning.samples {
        match name.starts_with("--") {
            false => {
                let of_data = *name == FILE.0 && *sample == FILE.1;
                let value = of_data.then(here).flatten().unwrap_or_else(|| (*sample).to_owned());
                if lacks(name) {
                    typed.push(value.clone());
                }
                file = Some(value).filter(|_| lacks(name));
            }
            true if lacks(name) => behind.extend([(*name).to_owned(), (*sample).to_owned()]),
            // Not demanded by the parser, since a settings file may say it.
            true if lacks(FILE.0) && !rest.iter().any(|word| word.starts_with(name)) => {
                behind.extend([(*name).to_owned(), (*sample).to_owned()]);
            }
            true => {}
        }
    }
    let file = file.or_else(|| rest.iter().find(|word| !word.starts_with('-')).cloned());
    typed.extend(rest.iter().cloned());
    typed.extend(behind);
    let file = file.unwrap_or_default();
    let more = beginning.more.iter();
    let more = more.map(|(line, does)| (line.replace("FILE", &quoted(&file)), *does));
    let lines: Vec<Line> = [(joined(&typed), beginning.does)].into_iter().chain(more).collect();
    Some(format!("error: gdtrace {command} needs {}\n\n{}", beginning.needs, listed(&lines)))
}

/// What to type where a file stands and no command.
fn without_command(command: &Command, words: &[String]) -> Option<String> {
    let first = words.first()?;
    let is_beginning = first.starts_with('-') || is_file(first);
    if command.find_subcommand(first).is_some() || !is_beginning {
        return None;
    }
    let file = words.iter().find(|word| is_file(word))?;
    let shown = quoted(file);
    let mut run = vec!["run".to_owned(), file.clone()];
    run.extend(words.iter().filter(|word| *word != file).cloned());
    let lines = [
        (joined(&run), "every step of a training as live formulas, and a report"),
        (format!("compare {shown}"), "what its sheets compute, and where they are wrong"),
        (
            format!("explain {shown} --optimizer adam --step 1"),
            "where the numbers of a step come from",
        ),
    ];
    Some(format!(
        "error: a command is missing: what should be done with {file}?\n\n{}\nAll commands: gdtrace --help",
        listed(&lines)
    ))
}

/// What to say of a command that there is not.
fn no_command(command: &Command, words: &[String]) -> Option<String> {
    let first = words.first().filter(|word| !word.starts_with('-'))?;
    if command.find_subcommand(first).is_some() {
        return None;
    }
    let known = command.get_subcommands().map(Command::get_name);
    let known: Vec<&str> = known.filter(|name| *name != "help").collect();
    let error = Error::new(format!("there is no command `{first}`"));
    let error = error.help(Error::known_names(first, &known));
    Some(format!("error: {error}\n\nAll commands: gdtrace --help"))
}

/// Whether the word is a file with data, or looks like one.
fn is_file(word: &str) -> bool {
    !word.starts_with('-') && (has_data(word) || Path::new(word).is_file())
}

fn has_data(name: &str) -> bool {
    const ENDINGS: [&str; 8] = ["xlsx", "xlsm", "xlsb", "xls", "ods", "csv", "tsv", "txt"];
    let ending = Path::new(name).extension().map(|one| one.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// A file with data in this folder that gdtrace did not make: the first one by name.
fn here() -> Option<String> {
    let made = [".trace.", ".sweep."];
    let entries = std::fs::read_dir(".").ok()?.filter_map(Result::ok);
    let files = entries.filter(|entry| entry.path().is_file());
    let names = files.filter_map(|entry| entry.file_name().into_string().ok());
    let is_data = |name: &String| {
        let hidden = name.starts_with(['.', '~', '-']);
        let text = name.to_lowercase().ends_with(".txt");
        !hidden && !text && has_data(name) && !made.iter().any(|part| name.contains(part))
    };
    names.filter(is_data).min()
}

fn joined(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Commands below each other, with what they do beside them, or below where a line would be long.
fn listed(lines: &[Line]) -> String {
    const WIDEST: usize = 60;
    let lengths = lines.iter().map(|(line, _)| length(line)).filter(|width| *width <= WIDEST);
    let widest = lengths.max().unwrap_or_default();
    let mut out = String::new();
    for (line, does) in lines {
        let _ = match length(line) <= WIDEST {
            true => writeln!(out, "  gdtrace {line}{}  {does}", " ".repeat(widest - length(line))),
            false => writeln!(out, "  gdtrace {line}\n    {does}"),
        };
    }
    out
}
