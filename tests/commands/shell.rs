//! Completions and the manual: scripts that shells read, pages that man shows, both with every command and option.

use std::process::{Command, Output};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

fn gdtrace(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gdtrace")).args(words).output().unwrap()
}

fn printed(words: &[&str]) -> String {
    let output = gdtrace(words);
    assert!(output.status.success() && output.stderr.is_empty(), "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a program prints; `None` where it is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("{program} is not installed: not tried with it");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// The names of the commands, as the help lists them.
fn commands() -> Vec<String> {
    let help = printed(&["--help"]);
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[test]
fn every_shell_gets_every_command_and_option() {
    assert!(commands().len() >= 9, "{:?}", commands());
    for shell in SHELLS {
        let script = printed(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell} lacks {command}");
        }
        for option in
            ["optimizer-file", "print-config", "tolerance", "hessian", "x-min", "translate"]
        {
            assert!(script.contains(option), "{shell} lacks {option}");
        }
        // What is generated for PowerShell and Elvish completes no values.
        let has_values = ["bash", "zsh", "fish"].contains(&shell);
        assert!(!has_values || script.contains("adamw"), "{shell} lacks the optimizers");
    }
    let output = gdtrace(&["completions", "tcsh"]);
    assert_eq!(output.status.code(), Some(2));
}

/// What bash proposes behind these words; the last one is what has been typed of a word.
fn proposed(words: &[&str]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("gdtrace.bash"), printed(&["completions", "bash"])).unwrap();
    std::fs::write(folder.path().join("my data.xlsx"), "").unwrap();
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "compopt() {{ :; }}; source ./gdtrace.bash; COMP_WORDS=(gdtrace {}); COMP_CWORD={}; \
         _gdtrace gdtrace \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words.len()
    );
    let mut bash = Command::new("bash");
    let output = match bash.arg("-c").arg(&script).current_dir(folder.path()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{error}"),
    };
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    Some(lines.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

#[test]
fn bash_reads_its_script_and_completes() {
    let script = printed(&["completions", "bash"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &script).unwrap();
    if let Some(output) = run("bash", &["-n", file.path().to_str().unwrap()]) {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // Where the script proposes nothing, bash proposes files.
    assert!(script.contains("-o default gdtrace"), "{script}");
    for (typed, expected) in [
        (&["com"][..], &["compare", "completions"][..]),
        (&["run", "d.xlsx", "--ep"], &["--epochs"]),
        (&["run", ""], &[]),
        (&["run", "my"], &[]),
        (&["run", "--pat"], &["--patience"]),
        (&["run", "d.xlsx", "--optimizers", "sg"], &["sgd"]),
        (&["explain", "d.xlsx", "--optimizer", "lion"], &["lion", "lion:keras", "lion:optax"]),
        (&["optimizers", "rad"], &["radam", "radam:pytorch"]),
        (&["run", "d.xlsx", "--dialect", ""], &["walkthrough"]),
        (&["compare", "--against", "my"], &["my data.xlsx"]),
        (&["man", "sw"], &["sweep"]),
        (&["completions", "z"], &["zsh"]),
    ] {
        if let Some(proposed) = proposed(typed) {
            assert_eq!(proposed, expected, "{typed:?}");
        }
    }
}

#[test]
fn other_shells_read_their_scripts() {
    for shell in ["zsh", "fish"] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), printed(&["completions", shell])).unwrap();
        if let Some(output) = run(shell, &["-n", file.path().to_str().unwrap()]) {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let told = printed(&["man", "--dir", pages.to_str().unwrap()]);
    assert!(told.starts_with("wrote ") && told.contains(" pages to "), "{told}");
    for command in commands().iter().filter(|command| *command != "help") {
        let page = std::fs::read_to_string(pages.join(format!("gdtrace-{command}.1"))).unwrap();
        assert_eq!(page, printed(&["man", command]));
        assert!(page.contains(&format!(".TH gdtrace-{command} 1")), "{page}");
        assert!(page.contains(".SH SYNOPSIS") && page.contains("gdtrace\\-"), "{page}");
    }
    let page = std::fs::read_to_string(pages.join("gdtrace.1")).unwrap();
    assert_eq!(page, printed(&["man"]));
    let output = gdtrace(&["man", "rnu"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("there is no command `rnu`"), "{told}");
}

#[test]
fn man_shows_the_pages() {
    let folder = tempfile::tempdir().unwrap();
    printed(&["man", "--dir", folder.path().to_str().unwrap()]);
    for (page, words) in [
        (
            "gdtrace-run.1",
            &["Trace gradient descent", "--until <CONDITION>", "gdtrace run graddes.xlsx"][..],
        ),
        ("gdtrace-explain.1", &["--step <COUNT>"]),
        ("gdtrace.1", &["gdtrace-compare(1)", "Exit codes"]),
    ] {
        let path = folder.path().join(page);
        let roff = std::fs::read_to_string(&path).unwrap();
        let known = [
            ".TH", ".SH", ".TP", ".PP", ".RS", ".RE", ".br", ".ie", ".el", ".SS", ".nf", ".fi",
            ".ds", ".sp",
        ];
        for line in roff.lines().filter(|line| line.starts_with('.')) {
            assert!(known.iter().any(|request| line.starts_with(request)), "{page}: {line}");
        }
        let Some(output) = run("man", &["--warnings", "-l", path.to_str().unwrap()]) else {
            continue;
        };
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        // Hyphens of other kinds, and blanks that fill lines.
        let text = String::from_utf8(output.stdout).unwrap().replace('‐', "-");
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in words {
            assert!(plain.contains(words), "{page} lacks {words}:\n{plain}");
        }
    }
}
