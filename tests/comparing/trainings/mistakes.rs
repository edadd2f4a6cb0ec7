//! Mistakes that people make, put into sound workbooks of every layout: each must be found in its
//! cell, with the formula that mends it, and nothing else may be called wrong.

use std::collections::BTreeMap;

use gdtrace::compare::training::{Finding, Kind};
use gdtrace::graph::Graph;

use super::book::{Book, Piece, address, exchanged, filled, letters, pieces};
use super::layouts::{self, Cell, Sample};
use super::look;

/// Numbers at random, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % count.max(1)
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        (!items.is_empty()).then(|| &items[self.below(items.len())])
    }
}

/// A workbook with a mistake, and what must be said of it.
struct Mistake {
    book: Book,
    /// The cell to look at first.
    cell: Cell,
    /// The kinds that are right.
    kinds: Vec<Kind>,
    /// How many cells have the mistake.
    count: Option<usize>,
    /// Whether the formula that mends the first cell can be filled over the others.
    is_filled: bool,
    what: String,
}

type Make = fn(&Sample, &mut Chance) -> Option<Mistake>;

/// All kinds of mistakes.
const KINDS: &[(&str, Make)] = &[
    ("an update uphill, column", |s, c| uphill(s, c, true)),
    ("an update uphill, one cell", |s, c| uphill(s, c, false)),
    ("a gradient's reference, column", |s, c| gradient_reference(s, c, true)),
    ("a gradient's reference, one cell", |s, c| gradient_reference(s, c, false)),
    ("a gradient's sign", |s, c| gradient_text(s, c, |text| Some(format!("=-({})", &text[1..])))),
    ("a gradient doubled", |s, c| gradient_text(s, c, |text| Some(format!("=2*({})", &text[1..])))),
    ("a lost factor", |s, c| gradient_text(s, c, without_last_factor)),
    ("a product for a difference", |s, c| gradient_text(s, c, product_for_difference)),
    ("lost parentheses", |s, c| gradient_text(s, c, without_parentheses)),
    ("a sum for a mean", |s, c| {
        gradient_text(s, c, |text| text.contains("AVERAGE").then(|| text.replace("AVERAGE", "SUM")))
    }),
    ("a range one short", |s, c| gradient_text(s, c, shorter_range)),
    ("a path left out", |s, c| gradient_text(s, c, without_last_term)),
    ("another forward cell", |s, c| forward_reference(s, c)),
    ("another target in the loss", |s, c| loss_data(s, c, false)),
    ("a target that walks", |s, c| loss_data(s, c, true)),
    ("a neighbour's gradient copied", copied_gradient),
    ("an update from another weight", |s, c| update_reference(s, c, true)),
    ("an update with another gradient", |s, c| update_reference(s, c, false)),
    ("a rate that walks", walking_rate),
    ("a weight used twice", weight_used_twice),
    ("one forward cell", odd_forward),
    ("a number over a forward cell", |s, c| typed_over(s, c, Over::Forward)),
    ("a number over a gradient", |s, c| typed_over(s, c, Over::Gradient)),
    ("a number over a weight", |s, c| typed_over(s, c, Over::Weight)),
    ("a number as text", number_as_text),
    ("a lost reference", lost_reference),
    ("a division by nothing", division_by_nothing),
    ("a hand-over from another sheet", wrong_hand_over),
];

/// The cells that a formula refers to on its own sheet.
fn references(text: &str) -> Vec<(u32, u32)> {
    let found = pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Reference { row, column, .. } => Some((row, column)),
        Piece::Text(_) => None,
    });
    let mut found: Vec<(u32, u32)> = found.collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn put(book: &mut Book, cell: Cell, content: String) {
    book.set(cell.0, cell.1, content);
}

/// A reference of a gradient to a forward cell exchanged for another forward cell.
fn gradient_reference(sample: &Sample, chance: &mut Chance, is_whole: bool) -> Option<Mistake> {
    let weight = chance.below(sample.gradients.len());
    let of = &sample.gradients[weight];
    let forward: Vec<&Vec<Cell>> = sample.forward.iter().collect();
    let text = sample.content(of[0]);
    let used: Vec<usize> = (0..forward.len())
        .filter(|at| references(text).contains(&forward[*at][0].1) && forward[*at][0].0 == of[0].0)
        .collect();
    let old = *chance.pick(&used)?;
    let others: Vec<usize> = (0..forward.len()).filter(|at| !used.contains(at)).collect();
    let new = *chance.pick(&others)?;
    let from = if is_whole { 0 } else { 1 + chance.below(of.len().checked_sub(2)?) };
    let to = if is_whole { of.len() } else { from + 1 };
    let mut book = sample.book.clone();
    for at in from..to {
        let changed = exchanged(sample.content(of[at]), forward[old][at].1, forward[new][at].1);
        put(&mut book, of[at], changed);
    }
    let kinds = match is_whole {
        true => vec![Kind::WrongDerivative],
        false => vec![Kind::WrongDerivative, Kind::InconsistentFormula],
    };
    let what = format!("{} for {}", address(forward[new][0].1), address(forward[old][0].1));
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell: of[from],
        kinds,
        count: Some(to - from),
        what,
    })
}

/// A gradient's formulas changed as text, all of them.
fn gradient_text(
    sample: &Sample,
    chance: &mut Chance,
    change: fn(&str) -> Option<String>,
) -> Option<Mistake> {
    let able: Vec<usize> = (0..sample.gradients.len())
        .filter(|at| change(sample.content(sample.gradients[*at][0])).is_some())
        .collect();
    let of = &sample.gradients[*chance.pick(&able)?];
    let mut book = sample.book.clone();
    for cell in of {
        put(&mut book, *cell, change(sample.content(*cell))?);
    }
    let kinds = vec![Kind::WrongDerivative];
    let what = book.get(of[0].0, of[0].1)?.to_owned();
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell: of[0],
        kinds,
        count: Some(of.len()),
        what,
    })
}

/// `=a*b` for `=a*b*c`.
fn without_last_factor(text: &str) -> Option<String> {
    let at = text.rfind('*')?;
    let rest = &text[at + 1..];
    let is_plain = rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '$');
    let depth = |text: &str| {
        text.chars().fold(0_i32, |depth, c| depth + i32::from(c == '(') - i32::from(c == ')'))
    };
    (is_plain && depth(&text[..at]) == 0 && !text[1..].contains('+')).then(|| text[..at].to_owned())
}

/// `(a*b)` for the first `(a-b)` of two cells.
fn product_for_difference(text: &str) -> Option<String> {
    let mut from = 0;
    while let Some(at) = text[from..].find('-').map(|at| at + from) {
        let before = text[..at].rfind('(')?;
        let after = at + text[at..].find(')')?;
        let is_cell = |part: &str| {
            part.chars().all(|c| c.is_ascii_alphanumeric() || c == '$')
                && part.chars().any(|c| c.is_ascii_alphabetic())
        };
        if is_cell(&text[before + 1..at]) && is_cell(&text[at + 1..after]) {
            return Some(format!("{}*{}", &text[..at], &text[at + 1..]));
        }
        from = at + 1;
    }
    None
}

/// `=a*b+c*d*e` for `=(a*b+c*d)*e`.
fn without_parentheses(text: &str) -> Option<String> {
    let inner = text.strip_prefix("=(")?;
    let mut depth = 1;
    let end = inner.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth == 0).then_some(at)
    })?;
    let is_sum = {
        let mut depth = 0;
        inner[..end].chars().any(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0 && c == '+'
        })
    };
    let rest = &inner[end + 1..];
    (is_sum && rest.starts_with('*')).then(|| format!("={}{rest}", &inner[..end]))
}

/// A range without its last row or column.
fn shorter_range(text: &str) -> Option<String> {
    let parts = pieces(text);
    let at = parts.windows(3).position(|three| {
        matches!(&three[1], Piece::Text(text) if text == ":")
            && matches!(three[2], Piece::Reference { .. })
    })?;
    let ends = |piece: &Piece| match piece {
        Piece::Reference { row, column, .. } => Some((*row, *column)),
        Piece::Text(_) => None,
    };
    let ((first, _), (last, column)) = (ends(&parts[at])?, ends(&parts[at + 2])?);
    let shorter = if last > first { (last - 1, column) } else { (last, column - 1) };
    // Two arguments of one function must keep the same size.
    (!text.contains(',') && !text.contains(")-")).then(|| exchanged(text, (last, column), shorter))
}

/// `=a` for `=a+b`, where both are products.
fn without_last_term(text: &str) -> Option<String> {
    let mut depth = 0;
    let at = text.char_indices().filter(|(_, c)| {
        depth += i32::from(*c == '(') - i32::from(*c == ')');
        depth == 0 && *c == '+'
    });
    let at = at.last()?.0;
    (at > 1).then(|| text[..at].to_owned())
}

/// A forward formula with another forward cell in the place of one, in all iterations.
fn forward_reference(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    let uses = |text: &str| -> Vec<usize> {
        let refs = references(text);
        (0..sample.forward.len()).filter(|at| refs.contains(&sample.forward[*at][0].1)).collect()
    };
    let able: Vec<usize> = (0..sample.forward.len())
        .filter(|at| {
            sample.layout != "blocks" && uses(sample.content(sample.forward[*at][0])).len() > 1
        })
        .collect();
    let at = *chance.pick(&able)?;
    let of = &sample.forward[at];
    let used = uses(sample.content(of[0]));
    let others: Vec<usize> = (0..at).filter(|other| !used.contains(other)).collect();
    let (old, new) = (*chance.pick(&used)?, *chance.pick(&others)?);
    let mut book = sample.book.clone();
    for (at, cell) in of.iter().enumerate() {
        let changed =
            exchanged(sample.content(*cell), sample.forward[old][at].1, sample.forward[new][at].1);
        put(&mut book, *cell, changed);
    }
    let what = book.get(of[0].0, of[0].1)?.to_owned();
    let kinds = vec![Kind::WrongForward];
    Some(Mistake { book, is_filled: true, cell: of[0], kinds, count: Some(of.len()), what })
}

/// The loss with another number for its target: in all iterations, or walking away from the first on.
fn loss_data(sample: &Sample, chance: &mut Chance, walks: bool) -> Option<Mistake> {
    let of = &sample.losses;
    let text = sample.content(*of.first()?);
    let used: Vec<Cell> =
        sample.data.iter().copied().filter(|cell| references(text).contains(&cell.1)).collect();
    let old =
        *chance.pick(&used).filter(|_| used.len() == 1 && (!walks || sample.layout == "rows"))?;
    let others: Vec<Cell> =
        sample.data.iter().copied().filter(|cell| !used.contains(cell)).collect();
    let new = *chance.pick(&others)?;
    let mut book = sample.book.clone();
    for (at, cell) in of.iter().enumerate() {
        let text = sample.content(*cell);
        let changed = match walks {
            true => {
                let shown = format!("${}${}", letters(old.1.1), old.1.0 + 1);
                text.replace(&shown, &address((old.1.0 + at as u32, old.1.1)))
            }
            false => exchanged(text, old.1, new.1),
        };
        put(&mut book, *cell, changed);
    }
    let (from, kinds) = match walks {
        true => (1, vec![Kind::DriftingReference]),
        false => (0, vec![Kind::WrongForward]),
    };
    let what = book.get(of[from].0, of[from].1)?.to_owned();
    let count = Some(of.len() - from);
    Some(Mistake { book, is_filled: false, cell: of[from], kinds, count, what })
}

/// A gradient's formulas as those of its neighbour, from an iteration on.
fn copied_gradient(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    let weight = chance.below(sample.gradients.len());
    let other = (weight + 1 + chance.below(sample.gradients.len().checked_sub(1)?))
        % sample.gradients.len();
    let (of, copied) = (&sample.gradients[weight], &sample.gradients[other]);
    let from = 1 + chance.below(of.len().checked_sub(2)?);
    let mut book = sample.book.clone();
    for at in from..of.len() {
        put(&mut book, of[at], sample.content(copied[at]).to_owned());
    }
    let kinds = vec![Kind::WrongDerivative, Kind::InconsistentFormula];
    let what = format!("that of {}", sample.address(copied[from]));
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell: of[from],
        kinds,
        count: Some(of.len() - from),
        what,
    })
}

/// The cell of the update that gives a weight's value in an iteration.
fn update_cell(sample: &Sample, weight: usize, iteration: usize) -> Cell {
    match sample.layout {
        // A list on each sheet: the update stands on the sheet before.
        "sheets" => {
            let (sheet, at) = sample.weights[weight][iteration - 1];
            (sheet, (at.0, at.1 + 2))
        }
        _ => sample.weights[weight][iteration],
    }
}

/// One update with another weight, or with another weight's gradient.
fn update_reference(sample: &Sample, chance: &mut Chance, is_weight: bool) -> Option<Mistake> {
    let weight = chance.below(sample.weights.len());
    let other =
        (weight + 1 + chance.below(sample.weights.len().checked_sub(1)?)) % sample.weights.len();
    let iteration = 2 + chance.below(sample.iterations.checked_sub(2)?);
    let cell = update_cell(sample, weight, iteration);
    let cells = if is_weight { &sample.weights } else { &sample.gradients };
    let (old, new) = (cells[weight][iteration - 1], cells[other][iteration - 1]);
    let text = sample.content(cell);
    if !references(text).contains(&old.1) {
        return None;
    }
    let mut book = sample.book.clone();
    put(&mut book, cell, exchanged(text, old.1, new.1));
    let kinds = vec![Kind::WrongWeight];
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell,
        kinds,
        count: Some(1),
        what: exchanged(text, old.1, new.1),
    })
}

/// Updates of a weight that add where they should subtract.
fn uphill(sample: &Sample, chance: &mut Chance, is_whole: bool) -> Option<Mistake> {
    let weight = chance.below(sample.weights.len());
    let from = if is_whole { 1 } else { 2 + chance.below(sample.iterations.checked_sub(2)?) };
    let to = if is_whole { sample.iterations } else { from };
    let mut book = sample.book.clone();
    for iteration in from..=to {
        let cell = update_cell(sample, weight, iteration);
        let text = sample.content(cell);
        let sign = text[1..].find(['+', '-'])? + 1;
        let other = if text[sign..].starts_with('-') { "+" } else { "-" };
        put(&mut book, cell, format!("{}{other}{}", &text[..sign], &text[sign + 1..]));
    }
    let cell = update_cell(sample, weight, from);
    let kinds = match is_whole {
        true => vec![Kind::WrongDerivative],
        false => vec![Kind::WrongDerivative, Kind::InconsistentFormula],
    };
    let what = book.get(cell.0, cell.1)?.to_owned();
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell,
        kinds,
        count: Some(to + 1 - from),
        what,
    })
}

/// From an iteration on the reference to the learning rate walks.
fn walking_rate(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    let rate = sample.rate.filter(|_| matches!(sample.layout, "rows" | "columns"))?;
    let from = 2 + chance.below(sample.iterations.checked_sub(3)?);
    let (mut book, mut first, mut count) = (sample.book.clone(), None, 0);
    for iteration in from..=sample.iterations {
        let steps = (iteration - from + 1) as u32;
        let walked = match sample.layout {
            "rows" => (rate.1.0 + steps, rate.1.1),
            _ => (rate.1.0, rate.1.1 + steps),
        };
        let shown = format!("${}${}", letters(rate.1.1), rate.1.0 + 1);
        for weight in 0..sample.weights.len() {
            let cell = update_cell(sample, weight, iteration);
            let text = sample.content(cell);
            if !text.contains(&shown) {
                return None;
            }
            put(&mut book, cell, text.replace(&shown, &address(walked)));
            first = first.or(Some(cell)).min(Some(cell));
            count += 1;
        }
    }
    let kinds = vec![Kind::DriftingReference];
    Some(Mistake {
        book,
        is_filled: false,
        cell: first?,
        kinds,
        count: Some(count),
        what: String::new(),
    })
}

/// A forward formula with another weight in the place of one, in all iterations.
fn weight_used_twice(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    let weight = |text: &str, iteration: usize| -> Vec<usize> {
        let refs = references(text);
        let is_in = |at: &usize| {
            sample.weights[*at].get(iteration).is_some_and(|cell| refs.contains(&cell.1))
        };
        (0..sample.weights.len()).filter(is_in).collect()
    };
    let able: Vec<&Vec<Cell>> = sample
        .forward
        .iter()
        .filter(|of| sample.layout != "blocks" && !weight(sample.content(of[0]), 0).is_empty())
        .collect();
    let of = chance.pick(&able)?;
    let used = weight(sample.content(of[0]), 0);
    let others: Vec<usize> = (0..sample.weights.len()).filter(|at| !used.contains(at)).collect();
    let (old, new) = (*chance.pick(&used)?, *chance.pick(&others)?);
    let mut book = sample.book.clone();
    for (at, cell) in of.iter().enumerate() {
        let changed =
            exchanged(sample.content(*cell), sample.weights[old][at].1, sample.weights[new][at].1);
        put(&mut book, *cell, changed);
    }
    let what = book.get(of[0].0, of[0].1)?.to_owned();
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell: of[0],
        kinds: vec![Kind::WrongForward],
        count: Some(of.len()),
        what,
    })
}

/// One forward cell with another operator.
fn odd_forward(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    let able: Vec<&Vec<Cell>> =
        sample.forward.iter().filter(|of| sample.content(of[0])[1..].contains('+')).collect();
    let of = chance.pick(&able)?;
    let at = 1 + chance.below(of.len().checked_sub(2)?);
    let text = sample.content(of[at]);
    let plus = text.rfind('+')?;
    let changed = format!("{}-{}", &text[..plus], &text[plus + 1..]);
    let mut book = sample.book.clone();
    put(&mut book, of[at], changed.clone());
    let kinds = vec![Kind::InconsistentFormula, Kind::WrongForward];
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell: of[at],
        kinds,
        count: Some(1),
        what: changed,
    })
}

enum Over {
    Forward,
    Gradient,
    Weight,
}

/// A number that is typed over a formula.
fn typed_over(sample: &Sample, chance: &mut Chance, over: Over) -> Option<Mistake> {
    let of = match over {
        Over::Forward => chance.pick(&sample.forward)?,
        Over::Gradient => chance.pick(&sample.gradients)?,
        Over::Weight => chance.pick(&sample.weights)?,
    };
    let at = 2 + chance.below(of.len().checked_sub(3)?);
    let mut book = sample.book.clone();
    put(&mut book, of[at], format!("{}", 0.3 + 0.01 * chance.below(40) as f64));
    let kinds = match over {
        Over::Weight => vec![Kind::Value, Kind::HandOver],
        _ => vec![Kind::Value],
    };
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell: of[at],
        kinds,
        count: Some(1),
        what: String::new(),
    })
}

fn number_as_text(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    let cell = *chance.pick(&sample.data)?;
    let mut book = sample.book.clone();
    let text = format!("'{}", sample.content(cell));
    put(&mut book, cell, text);
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell,
        kinds: vec![Kind::TextNumber],
        count: Some(1),
        what: String::new(),
    })
}

fn lost_reference(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    let of = chance.pick(&sample.gradients)?;
    let at = 1 + chance.below(of.len().checked_sub(2)?);
    let text = sample.content(of[at]).to_owned();
    let mut is_first = true;
    let changed: String = pieces(&text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Reference { .. } if std::mem::take(&mut is_first) => "#REF!".to_owned(),
            Piece::Reference { row, column, fixed } => {
                let sign = |fixed| if fixed { "$" } else { "" };
                format!("{}{}{}{}", sign(fixed.1), letters(column), sign(fixed.0), row + 1)
            }
            Piece::Text(text) => text,
        })
        .collect();
    if changed.contains("#REF!:") {
        return None;
    }
    let mut book = sample.book.clone();
    put(&mut book, of[at], changed.clone());
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell: of[at],
        kinds: vec![Kind::BrokenReference],
        count: Some(1),
        what: changed,
    })
}

fn division_by_nothing(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    let of = chance.pick(&sample.gradients)?;
    let at = 1 + chance.below(of.len().checked_sub(2)?);
    let changed = format!("{}/$ZZ$99", sample.content(of[at]));
    let mut book = sample.book.clone();
    put(&mut book, of[at], changed.clone());
    let kinds = vec![Kind::ErrorCell, Kind::WrongDerivative, Kind::InconsistentFormula];
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell: of[at],
        kinds,
        count: Some(1),
        what: changed,
    })
}

fn wrong_hand_over(sample: &Sample, chance: &mut Chance) -> Option<Mistake> {
    if sample.layout != "sheets" {
        return None;
    }
    let of = chance.pick(&sample.weights)?;
    let cell = of[3];
    let name = |sheet: usize| sample.book.sheets[sheet].0.clone();
    let changed = sample.content(cell).replace(&name(2), &name(1));
    let mut book = sample.book.clone();
    put(&mut book, cell, changed.clone());
    Some(Mistake {
        book,
        is_filled: sample.layout != "blocks",
        cell,
        kinds: vec![Kind::HandOver],
        count: Some(1),
        what: changed,
    })
}

/// What is not as it should be in what was found.
fn faults(sample: &Sample, mistake: &Mistake, graph: &Graph, found: &[&Finding]) -> Vec<String> {
    let wanted = sample.address(mistake.cell);
    let told: Vec<String> = found
        .iter()
        .map(|one| {
            format!(
                "{} {} ({})",
                one.kind.name(),
                one.range(graph),
                one.proposed.as_deref().unwrap_or("-")
            )
        })
        .collect();
    let [only] = found else {
        return vec![format!("{} findings: {}", found.len(), told.join("; "))];
    };
    let mut faults = Vec::new();
    if only.cells.first().map(|id| graph.address(*id)) != Some(wanted) {
        faults.push(format!("found {}", told[0]));
    }
    if !mistake.kinds.contains(&only.kind) {
        faults.push(format!("kind {}", only.kind.name()));
    }
    if mistake.count.is_some_and(|count| count != only.cells.len()) {
        faults.push(format!("{} cells, not {:?}: {}", only.cells.len(), mistake.count, told[0]));
    }
    let needs = !matches!(only.kind, Kind::TextNumber | Kind::BrokenReference | Kind::ErrorCell);
    if faults.is_empty() && needs {
        faults.extend(unmended(sample, mistake, only, graph));
    }
    faults
}

/// Puts the proposed formula into all cells: nothing may be wrong then.
fn unmended(
    sample: &Sample,
    mistake: &Mistake,
    finding: &Finding,
    graph: &Graph,
) -> Option<String> {
    let Some(proposed) = &finding.proposed else { return Some("nothing proposed".to_owned()) };
    let mut book = mistake.book.clone();
    let home = graph.position(finding.cells[0]);
    for id in &finding.cells {
        let (sheet, at) = (graph.sheet(*id), graph.position(*id));
        let (rows, columns) =
            (i64::from(at.0) - i64::from(home.0), i64::from(at.1) - i64::from(home.1));
        let content = match mistake.is_filled || *id == finding.cells[0] {
            true => filled(proposed, rows, columns),
            // What is the same in each block is not filled from one to the next.
            false => sample.content((sheet, at)).to_owned(),
        };
        book.set(sheet, at, content);
    }
    let (graph, trainings) = look(&book);
    let left = trainings.trainings.iter().flat_map(|one| &one.findings);
    let left: Vec<String> =
        left.map(|one| format!("{} {}", one.kind.name(), one.range(&graph))).collect();
    let is_whole = trainings.trainings.len() == 1
        && trainings.trainings[0].weights.len() == sample.weights.len();
    (!left.is_empty() || !is_whole).then(|| format!("with {proposed} still: {}", left.join("; ")))
}

#[test]
fn mistakes_of_every_kind_are_found_in_every_layout() {
    let times: u64 = std::env::var("MISTAKES").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let mut table: BTreeMap<(usize, &str), (usize, usize)> = BTreeMap::new();
    let mut all = Vec::new();
    for (kind, (name, make)) in KINDS.iter().enumerate() {
        for (at, sample) in layouts::all().into_iter().enumerate() {
            for time in 0..times {
                let mut chance =
                    Chance(1 + time * 7919 + at as u64 * 104_729 + kind as u64 * 1_299_709);
                let Some(mistake) = make(&sample, &mut chance) else { continue };
                let (graph, trainings) = look(&mistake.book);
                let found: Vec<&Finding> =
                    trainings.trainings.iter().flat_map(|one| &one.findings).collect();
                let mut faults = faults(&sample, &mistake, &graph, &found);
                if trainings.trainings.len() != 1 {
                    faults.push(format!("{} trainings", trainings.trainings.len()));
                }
                let entry = table.entry((kind, sample.name)).or_default();
                entry.1 += 1;
                entry.0 += usize::from(faults.is_empty());
                let place = sample.address(mistake.cell);
                all.extend(faults.into_iter().map(|fault| {
                    format!("{name}, {}, {place} {}: {fault}", sample.name, mistake.what)
                }));
            }
        }
    }
    print(&table);
    let (right, count) = table.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("{right} of {count} right");
    for fault in &all {
        println!("{fault}");
    }
    assert!(right * 100 >= count * 98, "{right} of {count} right");
}

/// Kinds down, layouts across: how many of how many are right.
fn print(table: &BTreeMap<(usize, &str), (usize, usize)>) {
    let samples: Vec<&str> = layouts::all().iter().map(|sample| sample.name).collect();
    for (at, name) in samples.iter().enumerate() {
        println!("{:>2} {name}", at + 1);
    }
    let heads: Vec<String> = (1..=samples.len()).map(|at| format!("{at:>4}")).collect();
    println!("{:<36}{}", "", heads.join(" "));
    for (kind, (name, _)) in KINDS.iter().enumerate() {
        let cells = samples.iter().map(|sample| match table.get(&(kind, *sample)) {
            Some((right, count)) => format!("{:>4}", format!("{right}/{count}")),
            None => "   .".to_owned(),
        });
        println!("{name:<36}{}", cells.collect::<Vec<_>>().join(" "));
    }
}
