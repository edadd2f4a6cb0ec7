//! How wide mathematics is, for what has to fit the width of a sheet of paper: nothing scrolls there.
//!
//! Nobody knows the reader's fonts here. So widths are those of the widest that are common (DejaVu Sans, Verdana, and
//! those whose letters are all as wide as an m), and on paper the page sets wider ones smaller, by `font-size-adjust`.

/// How wide a letter of a formula is at most on average, in em.
const LETTER: f64 = 0.64;

/// The room that an operator between two operands has on both sides, in em: MathML gives `=` the most.
const AROUND: f64 = 0.56;

/// The operators that stand between operands. A sign before an operand has less room.
const BETWEEN: [char; 8] = ['=', '+', '−', '·', '/', '×', '≤', '≥'];

/// The padding of an entry of a matrix, in em.
const PADDING: f64 = 1.3;

/// A matrix that is wider, in em, would be too small to read on A4.
const MOST: usize = 78;

/// A formula that is wider, in em, may be wider than a sheet of paper, or than a heading.
const LINE: usize = 40;

/// How wide a formula in MathML is at most, in em: by its letters, those of fractions one after the other.
pub fn width(markup: &str) -> usize {
    let (mut width, mut is_tag) = (0.0, false);
    for c in markup.chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if is_tag => {}
            _ if BETWEEN.contains(&c) => width += LETTER + AROUND,
            'm' | 'w' => width += 1.0,
            _ => width += LETTER,
        }
    }
    width.ceil() as usize
}

/// How wide a formula is at most that breaks between its pieces, each a `<math>` of its own.
pub fn width_of_pieces(markup: &str) -> usize {
    markup.split("</math>").map(width).max().unwrap_or(0)
}

/// How wide a matrix is of entries in MathML.
pub fn width_of_matrix(rows: &[Vec<String>]) -> usize {
    let columns = rows.first().map_or(0, Vec::len);
    let column = |at: usize| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0);
    (0..columns).map(|at| column(at) as f64 + PADDING).sum::<f64>().ceil() as usize
}

/// Whether a formula is longer than a line that is easily read; a matrix cannot break.
pub fn is_long(markup: &str) -> bool {
    width(markup) > LINE && !markup.contains("<mtable")
}

/// Whether a matrix of this width can be read on paper.
pub fn fits(width: usize) -> bool {
    width <= MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_as_wide_as_its_letters_and_a_sum_as_its_widest_term() {
        assert_eq!(width("<math><mi>x</mi></math>"), 1);
        let [short, long] =
            ["<math><mi>xyz</mi></math>", "<math><mo>+</mo><mi>softplus</mi></math>"];
        assert_eq!(width_of_pieces(&format!("{short}<wbr>{long}")), width(long));
        assert!(width(&format!("{short}{long}")) > width(long));
    }

    #[test]
    fn operators_between_operands_have_room_and_broad_letters_are_broad() {
        let [sum, call] = ["<mi>x</mi><mo>+</mo><mi>y</mi>", "<mi>f</mi><mo>(</mo><mi>x</mi>"];
        assert!(width(sum) > width(call));
        assert!(width(&"m".repeat(9)) == 9 && width(&"i".repeat(9)) < 9);
    }

    #[test]
    fn a_matrix_is_as_wide_as_the_widest_entry_of_each_column() {
        let entry = |letters: usize| format!("<mi>{}</mi>", "x".repeat(letters));
        let narrow = vec![vec![entry(10), entry(1)], vec![entry(1), entry(1)]];
        let wide = vec![vec![entry(10), entry(1)], vec![entry(1), entry(200)]];
        assert!(fits(width_of_matrix(&narrow)) && !fits(width_of_matrix(&wide)));
        assert_eq!(
            width_of_matrix(&wide) - width_of_matrix(&narrow),
            width(&entry(200)) - width(&entry(1))
        );
    }
}
