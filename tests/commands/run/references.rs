//! The cell references of a formula, and the formula as it reads from its own cell (R1C1).

/// A reference to a cell in a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Where it stands in the formula.
    pub span: std::ops::Range<usize>,
    /// Counted from 0.
    pub row: u32,
    /// Counted from 0.
    pub column: u32,
    pub row_is_fixed: bool,
    pub column_is_fixed: bool,
}

/// The references in `formula`, from left to right; a range has two.
pub fn references(formula: &str) -> Vec<Reference> {
    let bytes = formula.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.$".contains(&byte);
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + bytes[at..].iter().take_while(|&&byte| is_name(byte)).count();
        // A name before `(` is a function, one before `!` a sheet.
        if !matches!(bytes.get(end), Some(b'(' | b'!')) {
            found.extend(reference(formula, at..end));
        }
        at = end.max(at + 1);
    }
    found
}

fn reference(formula: &str, span: std::ops::Range<usize>) -> Option<Reference> {
    let text = &formula[span.clone()];
    let (column_is_fixed, text) = fixed(text);
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let (letters, rest) = text.split_at(letters);
    let (row_is_fixed, digits) = fixed(rest);
    let row: u32 = digits.parse().ok()?;
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let number = letters.bytes().fold(0, |sum, byte| sum * 26 + u32::from(byte - b'A') + 1);
    Some(Reference { span, row: row - 1, column: number - 1, row_is_fixed, column_is_fixed })
}

fn fixed(text: &str) -> (bool, &str) {
    text.strip_prefix('$').map_or((false, text), |rest| (true, rest))
}

/// `formula`, which stands at `(row, column)`, in R1C1 terms: what is the same in every row of a
/// column that was filled down.
pub fn relative(formula: &str, (row, column): (u32, u32)) -> String {
    let mut out = String::new();
    let mut done = 0;
    for reference in references(formula) {
        out += &formula[done..reference.span.start];
        out += &part('R', reference.row_is_fixed, reference.row, row);
        out += &part('C', reference.column_is_fixed, reference.column, column);
        done = reference.span.end;
    }
    out + &formula[done..]
}

fn part(letter: char, is_fixed: bool, target: u32, own: u32) -> String {
    match i64::from(target) - i64::from(own) {
        _ if is_fixed => format!("{letter}{}", target + 1),
        0 => letter.to_string(),
        offset => format!("{letter}[{offset}]"),
    }
}

#[test]
fn a_formula_reads_the_same_from_every_row_that_it_was_filled_into() {
    let twelve = relative("F11-$C$2*L12/(SQRT(N12)+$C$4)", (11, 5));
    assert_eq!(twelve, "R[-1]C-R2C3*RC[6]/(SQRT(RC[8])+R4C3)");
    assert_eq!(relative("F12-$C$2*L13/(SQRT(N13)+$C$4)", (12, 5)), twelve);
    assert_ne!(relative("F11-$C$2*L13/(SQRT(N13)+$C$4)", (12, 5)), twelve);
    assert_eq!(relative("INDEX(data!$B$6:$B$34,$C14)", (13, 3)), "INDEX(data!R6C2:R34C2,RC3)");
    assert_eq!(relative("LOG10(AA1)+s1!B2+1E5", (0, 0)), "LOG10(RC[26])+s1!R[1]C[1]+1E5");
}
