//! Fuzzing without a fuzzer: valid files with something changed in them are handed to the program, in a
//! process of their own with little memory, and none may make it panic, abort, hang, or take more
//! memory than it must. `targets` has the table of what is changed and who reads it.
//!
//! What case a number is depends on nothing but the seed, so that a finding can be had again:
//!
//! ```sh
//! cargo test --test fuzz                                        # half a minute of a processor
//! GDTRACE_FUZZ_SECONDS=120 cargo test --test fuzz               # so long, shared by the processors
//! GDTRACE_FUZZ_TARGET=xls GDTRACE_FUZZ_SEED=7 cargo test --test fuzz
//! GDTRACE_FUZZ_TARGET=xls GDTRACE_FUZZ_CASE=1234 cargo test --test fuzz
//! ```

#[path = "../common/mod.rs"]
mod common;

mod mutate;
mod package;
mod targets;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use common::faults::faults_of;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use targets::{TARGETS, Target};

/// For how many seconds cases are run, on all processors together, unless the environment says something else.
const SECONDS: u64 = 28;
/// What the program may take of the address space, in KiB, and of the memory, in MiB: the inputs are
/// small, so there is little to keep.
const ADDRESSES: u32 = 3_000_000;
const MEMORY: u64 = 1_000;
/// How many seconds a case may take, in a build that is hardly optimized, unless the environment knows
/// better.
const LONGEST: u64 = 30;

/// What the environment says under this name.
fn setting<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(format!("GDTRACE_FUZZ_{name}")).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("GDTRACE_FUZZ_{name} cannot be {text:?}")))
}

#[test]
fn no_changed_file_does_harm() {
    let only: Option<String> = setting("TARGET");
    let targets: Vec<&Target> = TARGETS
        .iter()
        .filter(|target| only.as_deref().is_none_or(|name| name == target.name))
        .collect();
    assert!(!targets.is_empty(), "no target is called {only:?}");
    let seconds = setting("SECONDS").unwrap_or(SECONDS);
    let each = Duration::from_secs(seconds) / targets.len() as u32;
    let findings = faults_of(targets, |target| run(target, each));
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// Runs the cases of a target for so long; what was found.
fn run(target: &Target, time: Duration) -> Vec<String> {
    let began = Instant::now();
    let only: Option<u32> = setting("CASE");
    let (mut next, mut findings) = (only.unwrap_or(0), Vec::new());
    let last = only.map_or(u32::MAX, |case| case + 1);
    let is_over = || only.is_none() && began.elapsed() >= time;
    while next < last && !is_over() && findings.len() < 20 {
        let mut worker = Worker::start(target, next..last);
        let ended = worker.watch(is_over);
        next = worker.case() + 1;
        if let Err(what) = ended {
            let file = worker.keep(target);
            findings.push(format!("{}, case {}: {what}\n  {file}", target.name, next - 1));
        }
    }
    let took = began.elapsed().as_secs_f64();
    println!("{}: {next} cases in {took:.1} s, {} findings", target.name, findings.len());
    findings
}

/// A process that runs cases one after the other.
struct Worker {
    child: Child,
    folder: common::books::Folder,
}

impl Worker {
    fn start(target: &Target, cases: std::ops::Range<u32>) -> Worker {
        let folder = common::books::Folder::new();
        let program = std::env::current_exe().expect("this program");
        let log = File::create(folder.path("stderr")).expect("a file");
        let child = Command::new("sh")
            .args(["-c", &format!("ulimit -v {ADDRESSES}; exec \"$0\" worker --exact --nocapture")])
            .arg(program)
            .env("GDTRACE_FUZZ_WORKER", format!("{}:{}:{}", target.name, cases.start, cases.end))
            // The program's own thread has as much.
            .env("RUST_MIN_STACK", "8388608")
            .env("RUST_BACKTRACE", "0")
            .env("TMPDIR", folder.path("."))
            .current_dir(folder.path("."))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("a shell");
        Worker { child, folder }
    }

    /// The case that is running.
    fn case(&self) -> u32 {
        let text = fs::read_to_string(self.folder.path("case")).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// Waits for the end of all cases, or until it is `over`; what went wrong.
    fn watch(&mut self, over: impl Fn() -> bool) -> Result<(), String> {
        let longest = Duration::from_secs(setting("LONGEST").unwrap_or(LONGEST));
        let (mut case, mut since) = (self.case(), self.used());
        let mut began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return if status.success() { Ok(()) } else { Err(self.said(&status.to_string())) };
            }
            let now = self.case();
            if now != case {
                (case, since, began) = (now, self.used(), Instant::now());
            }
            // On a machine that has other work, what the process has used counts.
            let hangs = self.used() - since > longest || began.elapsed() > 5 * longest;
            if hangs || over() {
                self.child.kill().expect("a process");
                self.child.wait().expect("a process");
                return if hangs { Err(format!("no end after {longest:?}")) } else { Ok(()) };
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// How long processors have worked for the process, where the system says so.
    fn used(&self) -> Duration {
        let stat =
            fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // Behind the name: the state and ten other fields, then both times in hundredths of a second.
        let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
        let fields = behind.split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(10 * ticks)
    }

    /// How it ended, with the end of what it printed.
    fn said(&self, status: &str) -> String {
        let text = fs::read(self.folder.path("stderr")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let wanted = |line: &&str| line.contains("panicked") || line.contains("memory allocation");
        let at = text.lines().position(|line| wanted(&line) || line.contains("overflowed"));
        let lines: Vec<&str> = text.lines().skip(at.unwrap_or(0)).take(3).collect();
        format!("{status}: {}", lines.join(" | ").chars().take(400).collect::<String>())
    }

    /// Puts the input of the running case where it can be looked at.
    fn keep(&self, target: &Target) -> String {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("findings");
        let name = format!("{}-{}-{}", target.name, seed(), self.case());
        let mut names = Vec::new();
        for entry in fs::read_dir(self.folder.path(".")).expect("a folder").flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            if file.starts_with("input.") {
                fs::create_dir_all(kept.join(&name)).expect("a folder");
                fs::copy(entry.path(), kept.join(&name).join(&file)).expect("a file");
                names.push(kept.join(&name).join(file).display().to_string());
            }
        }
        names.join(" ")
    }
}

fn seed() -> u64 {
    setting("SEED").unwrap_or(1)
}

/// What a process of this program does that was started to run cases.
#[test]
fn worker() {
    let Some(job) = setting::<String>("WORKER") else { return };
    let parts: Vec<&str> = job.split(':').collect();
    let target = TARGETS.iter().find(|target| target.name == parts[0]).expect("a target");
    let (first, end): (u32, u32) =
        (parts[1].parse().expect("a number"), parts[2].parse().expect("a number"));
    let folder = PathBuf::from(".");
    let corpus = (target.corpus)();
    for case in first..end {
        // Never half written, as the other process may look at any moment.
        fs::write("next", case.to_string()).expect("a file");
        fs::rename("next", "case").expect("a file");
        let mut random = ChaCha8Rng::seed_from_u64(seed() << 32 | u64::from(case));
        (target.case)(&corpus, &mut random, &folder);
        let most = memory();
        assert!(most <= MEMORY, "the case took {most} MiB of memory");
        clean(&folder);
    }
}

/// The most MiB of memory that this process has had so far; 0 where the system does not say.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.trim().parse::<u64>().ok()).unwrap_or(0) >> 10
}

/// Removes what a case has left; files that are still there would change the next one.
fn clean(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name();
        if name == "case" || name == "stderr" {
            continue;
        }
        let path = entry.path();
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.expect("a file of this case");
    }
}
