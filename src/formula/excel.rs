//! The Excel formula: what Excel, LibreOffice and Google Sheets read.

use super::Expr;
use super::linear::Spelling;

/// `expr` as a spreadsheet formula without its `=`, with `reference` giving each name's reference
/// (`F12`, `$C$2`, `INDEX(data!$A$5:$A$33,$C12)`): it must be a single thing, never a bare sum.
pub fn excel<N: Clone>(expr: &Expr<N>, reference: &dyn Fn(&N) -> String) -> String {
    let spelling = Spelling {
        name: reference,
        function: |function| function.excel,
        empty_parentheses: true,
        choice: "IF",
        separator: ",",
        power_first: false,
        spaces: false,
    };
    spelling.print(expr)
}
