//! `gdtrace quiz`: a trace with cells to be filled in, and one with the answers.

use std::path::PathBuf;

use super::again::Given;
use super::console::tell;
use super::files::of_kind;
use super::job::JobArgs;
use super::progress::Progress;
use super::{console, graded};
use crate::compare::quiz::{Blanks, Level};
use crate::error::{Error, Result};
use crate::export::output::{About, Outputs};
use crate::export::xlsx::{self, Host};
use crate::trace::Results;

/// Make an exercise of a run: the trace with cells to be filled in, which check themselves
///
/// Writes the sheets of the optimizers as numbers, with framed cells left empty. A cell turns green
/// when its number is right, given the other cells of its row as they stand, and amber for a slip
/// that is often made. The answers go to a second workbook. `gdtrace compare` marks a filled quiz,
/// `gdtrace grade` a folder of them.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("epochs", |one| one.default_value("1")),
    after_help = "\
Examples:
  gdtrace quiz graddes.xlsx -o quiz.xlsx
  gdtrace quiz graddes.xlsx --optimizers adam --blank state,update,every:5
  gdtrace quiz graddes.xlsx --optimizers momentum --blank random:20 --seed 7 --level formulas
  gdtrace quiz xor.csv --model \"sigmoid(u*x1 + v*x2 + c)\" --loss log --blank forward,gradient

Exit codes: 0 done, 2 usage or input errors"
)]
pub struct Args {
    /// The workbook or text (.csv, .tsv, .txt) with the data; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The cells to be filled in: columns by group (forward, gradient, state, update, circuit) or
    /// header; every:7 for every seventh row only, random:20 for so many cells of a sheet (--seed)
    #[arg(
        long,
        value_name = "WHAT,WHAT,...",
        default_value = "gradient,update",
        help_heading = "What is asked"
    )]
    blank: String,

    /// What is to be written: numbers (a formula that gives the number counts, too), or formulas (a
    /// typed number does not count)
    #[arg(long, value_name = "LEVEL", default_value = "numbers", value_parser = ["numbers", "formulas"], help_heading = "What is asked")]
    level: String,

    #[command(flatten)]
    pub(super) job: JobArgs,

    /// The quiz to write [default: FILE.quiz.xlsx beside the input]
    #[arg(short, long, value_name = "FILE.xlsx", help_heading = "What is written")]
    output: Option<PathBuf>,

    /// The workbook with the answers [default: key.xlsx beside the quiz]
    #[arg(long, value_name = "FILE.xlsx", help_heading = "What is written")]
    key: Option<PathBuf>,

    /// Replace files even if gdtrace did not write them, or they were edited since
    #[arg(long, help_heading = "What is written")]
    force: bool,

    /// Print nothing but warnings and errors
    #[arg(short, long, help_heading = "What is written")]
    quiet: bool,
}

/// Runs the command; `given` is what the user said.
///
/// # Errors
/// Wrong arguments, data that cannot be read, outputs that may not or cannot be written.
pub fn run(args: &Args, given: &Given) -> Result<()> {
    let quiz = match of_kind(args.output.as_deref(), "-o", "xlsx")? {
        Some(path) => path.to_owned(),
        None if args.file.as_os_str() == "-" => PathBuf::from("stdin.quiz.xlsx"),
        None => args.file.with_extension("quiz.xlsx"),
    };
    let key = match of_kind(args.key.as_deref(), "--key", "xlsx")? {
        Some(path) => path.to_owned(),
        None => quiz.with_file_name("key.xlsx"),
    };
    let job = args.job.job(&args.file, given)?;
    if job.plan.until.is_some() {
        return Err(Error::new(
            "a quiz has a row for every step, and --until and --patience leave open how many",
        )
        .help("say how many with --epochs"));
    }
    let sheets: Vec<_> = job.sheets.iter().map(|(_, sheet)| sheet).collect();
    let blanks = Blanks::read(&args.blank, args.job.seed(), &sheets)?;
    let level = if args.level == "formulas" { Level::Formulas } else { Level::Numbers };
    let mut outputs = Outputs::new(&[&args.file], args.force);
    for path in [&quiz, &key] {
        outputs.plan(path)?;
    }
    if !args.quiet {
        // The seed has an effect here that a run knows nothing of.
        let has_effect = |note: &&String| !(blanks.random.is_some() && note.starts_with("--seed "));
        job.notes.iter().filter(has_effect).for_each(|note| tell!("note: {note}"));
    }
    let mut progress = Progress::new(job.rows(), 1);
    let results = Results::compute(job.sheets, job.data, job.plan, &mut progress)?;
    let (mut workbook, asked) = xlsx::quiz(&results, &job.record, (blanks, level))?;
    let properties = asked.properties()?;
    let about = About {
        title: "Gradient descent, to be filled in",
        subject: "A quiz",
        properties: &properties,
    };
    outputs.stage_workbook(&quiz, &mut workbook, &about)?;
    let host = Host::separate();
    let book = xlsx::workbook(&results, &host, &mut progress)?;
    let record = xlsx::Addresses::new(&results, &host).record(&results, &job.record);
    let properties: Vec<(String, String)> = [asked.properties()?, record.properties()?].concat();
    let about = About { title: "The answers of a quiz", subject: "A key", properties: &properties };
    outputs.stage_book(&key, book, &about)?;
    outputs.commit()?;
    progress.finish();
    if !args.quiet {
        console::print(&graded::made((&quiz, &key), &asked, &results));
    }
    Ok(())
}
