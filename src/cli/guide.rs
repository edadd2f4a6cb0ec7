//! What a beginner is told who types too little: `gdtrace` alone, a command without its file, a file
//! without a command. Each time the whole line to type, not a list of what the parser missed.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::layout::length;
use crate::data::quoted;
use crate::error::Error;

/// A command with what it is for.
type Line = (String, &'static str);

/// What a command cannot do without, and examples of it.
struct Beginning {
    command: &'static str,
    needs: &'static str,
    /// What the line that was typed, with what it lacks put in, does.
    does: &'static str,
    /// The name of the first argument, and what stands for it where it is missing.
    first: (&'static str, &'static str),
    /// The options that it takes to begin, and their values.
    options: &'static [(&'static str, &'static str)],
    /// More lines, in which `FILE` is the file of the first.
    more: &'static [(&'static str, &'static str)],
}

/// What stands for a file with data where there is none in this folder.
const DATA: &str = "data.xlsx";

const BEGINNINGS: [Beginning; 6] = [
    Beginning {
        command: "run",
        needs: "a file with x and y: a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) or a .csv file",
        does: "every step as live formulas, and a report",
        first: ("<FILE>", DATA),
        options: &[],
        more: &[
            ("new practice.xlsx", "makes data to practise on"),
            ("explain FILE --optimizer adam --step 1", "where the numbers of a step come from"),
        ],
    },
    Beginning {
        command: "compare",
        needs: "a file: a workbook that somebody built by hand, with a row for each step",
        does: "what each sheet computes, and where it is wrong",
        first: ("<FILE>", "homework.xlsx"),
        options: &[],
        more: &[
            ("compare FILE -o marked.xlsx", "the same in a marked copy"),
            ("compare FILE --against trace.xlsx", "where two workbooks part"),
        ],
    },
    Beginning {
        command: "explain",
        needs: "a file with x and y, an optimizer and a step",
        does: "every number of the step, with its formula",
        first: ("<FILE>", DATA),
        options: &[("--optimizer", "adam"), ("--step", "1")],
        more: &[("run FILE", "all steps, in a workbook and a report")],
    },
    Beginning {
        command: "sweep",
        needs: "a file with x and y, and what is varied",
        does: "where each value leads",
        first: ("<FILE>", DATA),
        options: &[(VARY, "lr=1e-6..1e-2:25")],
        more: &[("run FILE", "one run, with all its steps")],
    },
    Beginning {
        command: "new",
        needs: "the name of the workbook to make",
        does: "29 samples of y = 2*x + 30",
        first: ("<FILE.xlsx>", "data.xlsx"),
        options: &[],
        more: &[
            ("new noisy.xlsx --slope -1.5 --intercept 4 --noise 2", "another line, with noise"),
            ("run data.xlsx", "then: every step of a training on it"),
        ],
    },
    Beginning {
        command: "derive",
        needs: "a formula, between quotation marks",
        does: "its derivatives by each variable",
        first: ("<FORMULA>...", "x^2*y"),
        options: &[],
        more: &[(
            "derive \"x^2*y\" \"5*x + sin(y)\" --at x=1,y=2",
            "of two formulas, and at a point",
        )],
    },
];

/// The parser does not demand it, since a settings file may say it.
const VARY: &str = "--vary";

/// What `gdtrace` alone prints. It is not told as an error, but nothing was done: the exit code is
/// that of one.
pub fn short() -> String {
    let file = quoted(&here().unwrap_or_else(|| DATA.to_owned()));
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
    let (file, whole) = beginning.completed(missing, rest)?;
    let more = beginning.more.iter();
    let more = more.map(|(line, does)| (line.replace("FILE", &quoted(&file)), *does));
    let lines: Vec<Line> = [(joined(&whole), beginning.does)].into_iter().chain(more).collect();
    Some(format!("error: gdtrace {command} needs {}\n\n{}", beginning.needs, listed(&lines)))
}

impl Beginning {
    /// The line that was typed, `rest` behind the command, with what is `missing`, and its file;
    /// none where something else is missing as well.
    fn completed(&self, missing: &[String], rest: &[String]) -> Option<(String, Vec<String>)> {
        let lacks = |name: &str| missing.iter().any(|one| one == name);
        let is_known = |name: &String| {
            name == self.first.0 || self.options.iter().any(|(option, _)| option == name)
        };
        if missing.is_empty() || !missing.iter().all(is_known) {
            return None;
        }
        let typed = rest.iter().find(|word| is_file(word)).cloned();
        let sample = || {
            let (_, sample) = self.first;
            let found = if sample == DATA && self.command != "new" { here() } else { None };
            found.unwrap_or_else(|| sample.to_owned())
        };
        let file = typed.filter(|_| !lacks(self.first.0)).unwrap_or_else(sample);
        let mut whole = vec![self.command.to_owned()];
        if lacks(self.first.0) {
            whole.push(file.clone());
        }
        whole.extend(rest.iter().cloned());
        let is_wanted = |name: &str| {
            lacks(name) || (name == VARY && !rest.iter().any(|word| word.starts_with(VARY)))
        };
        let options = self.options.iter().filter(|(name, _)| is_wanted(name));
        whole.extend(options.flat_map(|(name, value)| [(*name).to_owned(), (*value).to_owned()]));
        Some((file, whole))
    }
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
