//! `gdtrace new`: a workbook with data of a known line, to try things on.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::data::generate::{self, DEFAULT_SEED, Inputs, Settings};
use crate::error::{Error, Result};
use crate::export::data_workbook::{self, MOST_SAMPLES, SHEET};
use crate::export::output::{About, Outputs};

const DEFAULT_ROWS: i64 = 29;
const DEFAULT_X_MIN: i64 = 1;
const DEFAULT_X_MAX: i64 = 100;

/// Make a workbook with data of y = slope * x + intercept, to try gradient descent on
///
/// Every y is a formula of its x, so that the line can be changed in the spreadsheet. The same
/// options give the same file on every machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gdtrace new data.xlsx
  gdtrace new noisy.xlsx --slope -1.5 --intercept 4 --rows 100 --noise 2 --seed 7
  gdtrace new mine.xlsx --x 1,2.5,-3

Exit codes: 0 done, 2 usage or input errors")]
pub struct Args {
    /// The workbook to make, such as data.xlsx
    #[arg(value_name = "FILE.xlsx")]
    file: PathBuf,

    /// How much y grows when x grows by 1
    #[arg(long, value_name = "NUMBER", default_value = "2", value_parser = finite)]
    #[arg(allow_hyphen_values = true)]
    slope: f64,

    /// The value of y where x is 0
    #[arg(long, value_name = "NUMBER", default_value = "30", value_parser = finite)]
    #[arg(allow_hyphen_values = true)]
    intercept: f64,

    /// How many samples to draw [default: 29]
    #[arg(long, value_name = "COUNT", value_parser = whole, allow_hyphen_values = true)]
    rows: Option<i64>,

    /// The smallest x to draw, a whole number [default: 1]
    #[arg(long, value_name = "WHOLE", value_parser = whole, allow_hyphen_values = true)]
    x_min: Option<i64>,

    /// The largest x to draw, a whole number [default: 100]
    #[arg(long, value_name = "WHOLE", value_parser = whole, allow_hyphen_values = true)]
    x_max: Option<i64>,

    /// The x values themselves, separated by commas, instead of drawing them
    #[arg(long, value_name = "X,X,...", value_delimiter = ',', value_parser = finite)]
    #[arg(allow_hyphen_values = true, conflicts_with_all = ["rows", "x_min", "x_max"])]
    x: Option<Vec<f64>>,

    /// The standard deviation of normal noise on y, in a column of its own
    #[arg(long, value_name = "NUMBER", default_value = "0", value_parser = finite)]
    #[arg(allow_hyphen_values = true)]
    noise: f64,

    /// Draw other numbers: the seed of the random numbers [default: 1]
    #[arg(long, value_name = "WHOLE", value_parser = seed, allow_hyphen_values = true)]
    seed: Option<u64>,

    /// Replace FILE even if gdtrace did not write it, or it was edited since
    #[arg(long)]
    force: bool,
}

/// Runs the command.
///
/// # Errors
/// When the options make no sense together, or the file may not or cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let settings = args.settings()?;
    check_extension(&args.file)?;
    let mut outputs = Outputs::new(&[], args.force);
    outputs.plan(&args.file)?;

    let samples = generate::samples(&settings)?;
    let line = data_workbook::line(&settings);
    let mut workbook = data_workbook::workbook(&settings, &samples).map_err(|error| {
        Error::new(format!("cannot make the workbook: {error}")).in_file(&args.file)
    })?;
    let about = About {
        title: &format!("Data of the line {line}"),
        subject: "Samples to try gradient descent on",
        properties: &[],
    };
    outputs.stage_workbook(&args.file, &mut workbook, &about)?;
    outputs.commit()?;

    let (count, noise) = (samples.len(), if settings.noise > 0.0 { " with noise" } else { "" });
    let unit = if count == 1 { "sample" } else { "samples" };
    // The file is there, so a closed standard output is no failure.
    let _ = writeln!(
        io::stdout(),
        "wrote {}: {count} {unit} of {line}{noise}, on the sheet '{SHEET}'",
        args.file.display()
    );
    Ok(())
}

impl Args {
    /// The validated settings.
    fn settings(&self) -> Result<Settings> {
        if let (Some(_), Some(seed), true) = (&self.x, self.seed, self.noise == 0.0) {
            return Err(Error::new("a seed without anything to draw: x is given, and no noise")
                .in_argument(format!("--seed {seed}"))
                .help("leave --seed out, or ask for noise with --noise"));
        }
        let inputs = match &self.x {
            Some(values) => Inputs::Given(values.clone()),
            None => Inputs::Drawn {
                rows: self.rows()?,
                min: self.x_min.unwrap_or(DEFAULT_X_MIN),
                max: self.x_max.unwrap_or(DEFAULT_X_MAX),
            },
        };
        if inputs.len() > MOST_SAMPLES {
            return Err(Error::new(format!("a sheet holds {MOST_SAMPLES} samples at most"))
                .in_argument(format!("--rows {}", inputs.len())));
        }
        Ok(Settings {
            slope: self.slope,
            intercept: self.intercept,
            noise: self.noise,
            seed: self.seed.unwrap_or(DEFAULT_SEED),
            inputs,
        })
    }

    fn rows(&self) -> Result<usize> {
        let rows = self.rows.unwrap_or(DEFAULT_ROWS);
        usize::try_from(rows).map_err(|_| {
            Error::new("a number of rows is never negative")
                .in_argument(format!("--rows {rows}"))
                .help("give a number of rows from 1 up")
        })
    }
}

fn check_extension(file: &Path) -> Result<()> {
    match file.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("xlsx") => Ok(()),
        _ => Err(Error::new("the workbook's name has to end in .xlsx")
            .in_file(file)
            .help(format!("name it {}", file.with_extension("xlsx").display()))),
    }
}

fn finite(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err("not a finite number".to_owned()),
        Err(_) => Err("not a number such as 2, -1.5 or 1e3".to_owned()),
    }
}

fn whole(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| "not a whole number such as 29".to_owned())
}

fn seed(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("not a whole number from 0 to {}", u64::MAX))
}
