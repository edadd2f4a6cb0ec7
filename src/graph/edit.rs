//! Changing a formula without touching the rest of it.
//!
//! A tree has no parentheses and no `+` before a number, so what is written from it may look otherwise
//! than what somebody wrote, though it computes the same. Here only what a changed tree says otherwise
//! is put into the text as it stands.

use super::formula::Formula;
use super::parse::parse;
use super::{CellId, Graph, Tree};

impl Graph {
    /// The formula of a tree's cell, in the words that stand there, changed to what the tree says.
    pub fn edited_text(&self, tree: &Tree) -> String {
        let new = self.tree_text(tree);
        let own = self.formula_text(tree.home);
        let written = self.tree(tree.home).map(|own| self.tree_text(&own));
        let (Some(own), Some(written)) = (own, written) else { return new };
        if own == written {
            return new;
        }
        match edited(&own, &written, &new) {
            Some(text) if self.says_the_same(tree.home, &text, &new) => text,
            _ => new,
        }
    }

    /// Whether two texts are read as the same formula in a cell.
    fn says_the_same(&self, home: CellId, one: &str, other: &str) -> bool {
        let (sheet, at) = self.home(home);
        let names = |name: &str| {
            let formula = self.formula(home)?;
            let (slot, _) = formula.names.iter().find(|(_, text)| text.as_ref() == name)?;
            let mut text = String::new();
            self.write_address(*slot, home, &mut text);
            Some(text)
        };
        let read = |text: &str| {
            let Formula { tree, references, .. } =
                parse(text.trim_start_matches('='), at, &self.sheets()[sheet], &names);
            tree.ok().map(|tree| (tree, references))
        };
        read(one).is_some_and(|formula| Some(formula) == read(other))
    }
}

/// `own` with the difference between `written` and `new`; none where it is not the same as `written`
/// up to parentheses.
fn edited(own: &str, written: &str, new: &str) -> Option<String> {
    let (own, written, new) = (tokens(own), tokens(written), tokens(new));
    let places = places(&own, &written)?;
    if written.len() == new.len() {
        // Words are exchanged, each where it stands.
        let mut exchanged = own;
        for ((place, old), new) in places.into_iter().zip(&written).zip(&new) {
            if old != new {
                exchanged[place] = new;
            }
        }
        return Some(exchanged.concat());
    }
    let most = written.len().min(new.len());
    let before = (0..most).take_while(|at| written[*at] == new[*at]).count();
    let behind = (1..=most - before)
        .take_while(|at| written[written.len() - at] == new[new.len() - at])
        .count();
    // What stands right behind the last token that stays, and right before the first.
    let from = before.checked_sub(1).map_or(0, |last| places[last] + 1);
    let is_inserted = before + behind == written.len();
    let start = if is_inserted { from } else { places[before] };
    let end = if is_inserted { from } else { places[written.len() - behind - 1] + 1 };
    let middle = &new[before..new.len() - behind];
    Some([&own[..start], middle, &own[end..]].concat().concat())
}

/// Where the tokens of `written` stand among those of `own`, which has more parentheses and signs.
fn places(own: &[&str], written: &[&str]) -> Option<Vec<usize>> {
    let mut places = Vec::with_capacity(written.len());
    for (at, token) in own.iter().enumerate() {
        match written.get(places.len()) {
            Some(wanted) if is_same(token, wanted) => places.push(at),
            _ if matches!(*token, "(" | ")" | "+") => {}
            _ => return None,
        }
    }
    (places.len() == written.len()).then_some(places)
}

/// Whether two tokens mean the same: `0.50` and `0.5`, `'data'!A1` and `data!A1`.
fn is_same(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    one == other
        || number(one).is_some_and(|one| number(other) == Some(one))
        || (one.contains('!') && one.replace('\'', "") == other.replace('\'', ""))
}

/// The text in pieces: words, numbers, texts in quotes, single signs.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => closing(rest, '"'),
            c if is_word(c) => word(rest),
            c => c.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(token);
        rest = behind;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '!' | '\'' | '[' | '#' | '@')
}

/// The length of a word, with quoted names of sheets and columns of tables in it.
fn word(text: &str) -> usize {
    let mut length = 0;
    while let Some(c) = text[length..].chars().next().filter(|c| is_word(*c)) {
        length += match c {
            '\'' => closing(&text[length..], '\''),
            '[' => {
                let mut depth = 0_usize;
                let end = text[length..].char_indices().find(|(_, c)| {
                    depth = (depth + usize::from(*c == '[')).saturating_sub(usize::from(*c == ']'));
                    depth == 0
                });
                end.map_or(text.len() - length, |(at, _)| at + 1)
            }
            c => c.len_utf8(),
        };
    }
    length
}

/// The length of what stands in quotes; a doubled one begins the next piece, which is no matter.
fn closing(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_touched() {
        for (own, written, new, edited_text) in [
            ("=(2/4)*(B1-C1)", "=2/4*(B1-C1)", "=2/4*(B1-D1)", Some("=(2/4)*(B1-D1)")),
            ("=(+A1)*((B1))", "=A1*B1", "=A1*C1", Some("=(+A1)*((C1))")),
            ("=(A1*B1)", "=A1*B1", "=A1*B1*(1-B1)", Some("=(A1*B1*(1-B1))")),
            (
                "=(0.50*B1)-'data'!C1",
                "=0.5*B1-data!C1",
                "=0.5*B2-data!C1",
                Some("=(0.50*B2)-'data'!C1"),
            ),
            ("=lr*B1", "=$C$2*B1", "=$C$2*B2", None),
        ] {
            assert_eq!(edited(own, written, new).as_deref(), edited_text, "{own}");
        }
    }

    #[test]
    fn any_text_has_tokens() {
        for text in ["", "'", "\"", "[[", "ä'ö", "=]", "x[']"] {
            assert_eq!(tokens(text).concat(), text);
        }
    }
}
