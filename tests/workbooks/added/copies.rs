//! What is copied, program by program.

use std::collections::BTreeSet;

use crate::added::program::{added, run};
use crate::added::programs::PROGRAMS;
use crate::added::source::{Source, faults};
use crate::common::books::Folder;
use crate::common::package;

/// The sheets of a short run.
const OURS: [&str; 5] = ["summary", "sgd", "epochs", "circuit", "curvature"];

#[test]
fn every_part_that_need_not_change_is_the_same_bytes() {
    for (name, source) in PROGRAMS {
        let folder = Folder::new();
        let source = source();
        let (old, new) = added(&folder, &source, name);
        assert_eq!(package::check(&old), Vec::<String>::new(), "{name}: the test's own workbook");
        assert_eq!(faults(&old, &new), Vec::<String>::new(), "{name}");
        let after = Source::read(&new);
        assert_eq!(after.sheets()[source.sheets().len()..], OURS, "{name}");
    }
}

#[test]
fn the_result_is_a_sound_package() {
    for (name, source) in PROGRAMS {
        let folder = Folder::new();
        let (_, new) = added(&folder, &source(), name);
        assert_eq!(package::check(&new), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_second_run_gives_the_bytes_of_the_first() {
    for (name, source) in PROGRAMS {
        let folder = Folder::new();
        let (_, new) = added(&folder, &source(), name);
        let once = std::fs::read(&new).unwrap();
        // Into the same output, and over the output itself.
        run(&folder, name, "");
        assert!(std::fs::read(&new).unwrap() == once, "{name}: another run differs");
        let file = new.file_name().unwrap().to_str().unwrap();
        run(&folder, file, "--in-place");
        assert!(std::fs::read(&new).unwrap() == once, "{name}: a run over its own output differs");
    }
}

#[test]
fn every_new_part_is_led_to_from_the_root() {
    for (name, source) in PROGRAMS {
        let folder = Folder::new();
        let source = source();
        let (_, new) = added(&folder, &source, name);
        let after = Source::read(&new);
        let (was, is) = (source.reached(), after.reached());
        let known: BTreeSet<&String> = source.parts.iter().map(|(name, _)| name).collect();
        let parts = after.parts.iter().map(|(name, _)| name);
        let lost: Vec<&String> = parts
            .filter(|part| !is.contains(&part.to_lowercase()))
            .filter(|part| !known.contains(part) || was.contains(&part.to_lowercase()))
            .collect();
        assert_eq!(lost, Vec::<&String>::new(), "{name}");
    }
}

#[test]
fn the_order_of_calculation_goes_with_all_that_names_it() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &crate::added::excel::workbook(), "a.xlsx");
    for (name, bytes) in Source::read(&new).parts {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!name.contains("calcChain") && !text.contains("calcchain"), "{name}");
    }
}
