//! `gdtrace grade`: marks for a folder of filled quizzes.

use std::path::{Path, PathBuf};

use super::graded::{self, Graded};
use super::progress::Progress;
use super::{console, job::at_least_1};
use crate::compare::quiz::{self, Quiz};
use crate::error::{Error, Result};
use crate::export::output::{About, Outputs};
use crate::export::xlsx;
use crate::optimizer::Registry;
use crate::threads;

/// What a filled quiz is called at its end.
const KINDS: [&str; 3] = ["xlsx", "xlsm", "ods"];

/// Mark a folder of filled quizzes: points for each, and which slips were commonest
///
/// Marks every workbook in the folder and in the folders within as `gdtrace compare` marks one, on
/// all cores. A file that cannot be read gets a row that says why.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gdtrace grade handed-in --key quiz.xlsx -o grades.csv
  gdtrace grade handed-in --key quiz.xlsx -o grades.xlsx

Exit codes: 0 done (also where files could not be read: their rows say so), 2 usage or input errors")]
pub struct Args {
    /// The folder with the filled quizzes
    #[arg(value_name = "FOLDER")]
    #[arg(value_hint = clap::ValueHint::DirPath)]
    folder: PathBuf,

    /// The quiz as it was given, or its key
    #[arg(long, value_name = "QUIZ.xlsx")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    key: PathBuf,

    /// The table of grades, with the slips in a second table (grades.slips.csv); or one workbook
    /// with both
    #[arg(short, long, value_name = "FILE.csv|FILE.xlsx")]
    output: PathBuf,

    /// The definition of an optimizer of your own, called like the file
    #[arg(long, value_name = "FILE.toml")]
    optimizer_file: Vec<PathBuf>,

    /// Replace files even if gdtrace did not write them, or they were edited since
    #[arg(long)]
    force: bool,

    /// Work on so many threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = at_least_1)]
    threads: Option<usize>,
}

/// Runs the command.
///
/// # Errors
/// A key that is no quiz, a folder that cannot be read or has no workbooks, outputs that may not or
/// cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let extension = args.output.extension().map(|one| one.to_string_lossy().to_lowercase());
    let is_workbook = match extension.as_deref() {
        Some("xlsx") => true,
        Some("csv") => false,
        _ => {
            return Err(Error::new("the grades are written as .csv or .xlsx")
                .in_argument(format!("-o {}", args.output.display()))
                .help("for example -o grades.csv"));
        }
    };
    let registry = Registry::with_files(&args.optimizer_file)?;
    let Some(quiz) = Quiz::of_file(&args.key) else {
        crate::data::source::examine(&args.key)?;
        return Err(Error::new("this is no quiz, nor a key of one")
            .in_file(&args.key)
            .help("name the workbook that gdtrace quiz wrote"));
    };
    let slips = args.output.with_extension("slips.csv");
    let mut outputs = Outputs::new(&[&args.key], args.force);
    outputs.plan(&args.output)?;
    if !is_workbook {
        outputs.plan(&slips)?;
    }
    let files = files(&args.folder, &[&args.key, &args.output])?;
    let progress = Progress::counting("quizzes", files.len(), 0);
    let all = threads::map(&files, args.threads.unwrap_or_else(threads::cores), |path| {
        let name = path.strip_prefix(&args.folder).unwrap_or(path).display().to_string();
        let marked = quiz::mark(path, &quiz, &registry);
        progress.step();
        Graded { name, marked }
    });
    progress.finish();
    let (grades, told) = (graded::grades(&all), graded::slips(&all));
    let mut written = vec![&args.output];
    if is_workbook {
        let mut workbook = xlsx::grades((&graded::GRADES, &grades), (&graded::SLIPS, &told))?;
        let about = About { title: "Grades", subject: "Points of a quiz", properties: &[] };
        outputs.stage_workbook(&args.output, &mut workbook, &about)?;
    } else {
        let text = graded::csv(&graded::GRADES, &grades);
        outputs.stage(&args.output, |writer| writer.write_all(text.as_bytes()))?;
        let text = graded::csv(&graded::SLIPS, &told);
        outputs.stage(&slips, |writer| writer.write_all(text.as_bytes()))?;
        written.push(&slips);
    }
    outputs.commit()?;
    console::print(&graded::summary(&all, &written));
    Ok(())
}

/// The workbooks in a folder and in those within, by name; not those that are `left_out`, nor what
/// programs leave there for a file that is open.
fn files(folder: &Path, left_out: &[&PathBuf]) -> Result<Vec<PathBuf>> {
    let failed = |path: &Path, error: &std::io::Error| Error::io("read the folder", path, error);
    let left_out: Vec<PathBuf> =
        left_out.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let mut open = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| failed(&folder, &error))? {
            let entry = entry.map_err(|error| failed(&folder, &error))?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let extension = path.extension().map(|one| one.to_string_lossy().to_lowercase());
            let is_workbook = extension.is_some_and(|one| KINDS.contains(&one.as_str()));
            let kind = entry.file_type().map_err(|error| failed(&path, &error))?;
            if name.starts_with(['.', '~']) {
                continue;
            } else if kind.is_dir() {
                open.push(path);
            } else if is_workbook && !path.canonicalize().is_ok_and(|path| left_out.contains(&path))
            {
                files.push(path);
            }
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Error::new("there are no workbooks in the folder")
            .in_file(folder)
            .help("put the filled quizzes there, as .xlsx, .xlsm or .ods"));
    }
    Ok(files)
}
