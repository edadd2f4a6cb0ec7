//! A definition as the TOML that [`Definition::read`] reads: what a user copies to start an own one.

use std::fmt::Write;

use toml::Value as Toml;

use super::definition::{ColumnDefinition, Definition};
use crate::formula::Expr;
use crate::value::number_text;

impl Definition {
    /// This form alone, without its variants, as the text of a file.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let label = self.label();
        line(&mut out, "# ", &format!("{label}, as a definition of its own."));
        if !self.note.is_empty() {
            line(&mut out, "# ", &format!("It differs from {}: {}", self.name, self.note));
        }
        text(&mut out, "title", &self.title);
        text(&mut out, "summary", &self.summary);
        text(&mut out, "source", &self.source);
        if let Some(formula) = &self.largest_lr {
            text(&mut out, "largest_lr", &formula.to_string());
        }
        for hyper in &self.hyper {
            out += "\n[[hyper]]\n";
            text(&mut out, "name", &hyper.name);
            text(&mut out, "symbol", &hyper.symbol);
            value(&mut out, "default", &number_text(hyper.default));
            text(&mut out, "range", &hyper.range.to_string());
            text(&mut out, "meaning", &hyper.meaning);
            text(&mut out, "source", &hyper.source);
        }
        self.columns.iter().for_each(|one| column(&mut out, one));
        out += "\n[update]\n";
        text(&mut out, "meaning", &self.update.meaning);
        text(&mut out, "formula", &self.update.formula.to_string());
        if let Some(formula) = &self.update_with_l2 {
            text(&mut out, "with_l2", &formula.to_string());
        }
        for suspicion in &self.suspicions {
            out += "\n[[warning]]\n";
            text(&mut out, "when", &suspicion.when.to_string());
            text(&mut out, "text", &suspicion.text);
        }
        self.write_libraries(&mut out);
        for (name, values) in &self.presets {
            line(&mut out, "\n[preset.", &format!("{}]", quoted(name)));
            values.iter().for_each(|(name, one)| value(&mut out, name, &number_text(*one)));
        }
        out
    }

    fn write_libraries(&self, out: &mut String) {
        let Some(first) = self.libraries.first() else { return };
        *out += "\n# Who has this very form; leave it out where a formula is changed.\n[library]\n";
        for library in &self.libraries {
            text(out, library.product.key(), &library.made_with);
        }
        if !first.when.is_empty() {
            let when: Vec<String> = first.when.iter().map(|one| quoted(&one.to_string())).collect();
            value(out, "when", &format!("[{}]", when.join(", ")));
        }
    }
}

fn column(out: &mut String, column: &ColumnDefinition) {
    *out += "\n[[column]]\n";
    text(out, "id", &column.id);
    text(out, "header", &column.header);
    text(out, "symbol", &column.symbol);
    text(out, "meaning", &column.meaning);
    text(out, "formula", &column.formula.to_string());
    match &column.start {
        Some(Expr::Number(number)) => value(out, "start", &number_text(*number)),
        Some(formula) => text(out, "start", &formula.to_string()),
        None => {}
    }
    if column.shared {
        value(out, "shared", "true");
    }
}

fn line(out: &mut String, start: &str, rest: &str) {
    // A comment or a header ends with its line.
    let _ = writeln!(out, "{start}{}", rest.replace(['\n', '\r'], " "));
}

fn text(out: &mut String, key: &str, text: &str) {
    value(out, key, &quoted(text));
}

fn value(out: &mut String, key: &str, value: &str) {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let key = if key.chars().all(is_bare) { key.to_owned() } else { quoted(key) };
    let _ = writeln!(out, "{key} = {value}");
}

/// `text` between quotes, with what would end or change it escaped.
fn quoted(text: &str) -> String {
    Toml::String(text.to_owned()).to_string()
}
