//! Saying once what holds for every weight: `uses S_a of the row above` and the same of `S_b` are
//! one departure, `uses S of the row above`.

use super::result::{Finding, Kind, SheetComparison};

/// Joins the departures of a sheet, and the findings that tell them, that differ only in the
/// weight that they are about.
pub(super) fn say_once(sheet: &mut SheetComparison) {
    let Some(ours) = &sheet.ours else { return };
    let weights: Vec<&str> = ours.sheet.weights.iter().map(|one| one.name.as_str()).collect();
    sheet.departures = joined(&sheet.departures, &weights);
    let is_variant = |finding: &&Finding| finding.kind == Kind::Variant;
    let variants: Vec<Finding> = sheet.findings.iter().filter(is_variant).cloned().collect();
    let messages: Vec<String> = variants.iter().map(|one| one.message.clone()).collect();
    let mut told: Vec<String> = Vec::new();
    sheet.findings.retain_mut(|finding| {
        if finding.kind != Kind::Variant {
            return true;
        }
        finding.message = of_all(&finding.message, &messages, &weights);
        let is_new = !told.contains(&finding.message);
        told.push(finding.message.clone());
        is_new
    });
}

/// The texts, those that are there for every weight as one without it.
fn joined(texts: &[String], weights: &[&str]) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for text in texts {
        let text = of_all(text, texts, weights);
        if !once.contains(&text) {
            once.push(text);
        }
    }
    once
}

/// `text` without its weight, where the same is there for every other weight.
fn of_all(text: &str, texts: &[String], weights: &[&str]) -> String {
    let common = weights.iter().map(|weight| without(text, weight)).find(|short| short != text);
    let is_for = |common: &str, weight: &str| {
        texts.iter().any(|other| other != common && without(other, weight) == common)
    };
    common
        .filter(|common| weights.iter().all(|weight| is_for(common, weight)))
        .unwrap_or_else(|| text.to_owned())
}

/// `text` with the names of one weight's columns cut to what all weights have: `S_a` to `S`.
fn without(text: &str, weight: &str) -> String {
    let ending = format!("_{weight}");
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(&ending) {
        let after = &rest[at + ending.len()..];
        let goes_on = after.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_');
        out += &rest[..at];
        if goes_on {
            out += &ending;
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once(texts: &[&str]) -> Vec<String> {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        joined(&texts, &["a", "b"])
    }

    #[test]
    fn what_holds_for_every_weight_is_said_once() {
        assert_eq!(
            once(&["uses S_a of the row above", "has no eps", "uses S_b of the row above"]),
            ["uses S of the row above", "has no eps"]
        );
    }

    #[test]
    fn what_holds_for_one_weight_keeps_its_name() {
        assert_eq!(once(&["uses S_a of the row above"]), ["uses S_a of the row above"]);
        assert_eq!(once(&["has S_bias", "has S_a"]), ["has S_bias", "has S_a"]);
        assert_eq!(once(&["takes v_a for v_b"]), ["takes v_a for v_b"]);
    }
}
