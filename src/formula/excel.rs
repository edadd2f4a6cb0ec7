//! The Excel formula: what Excel, LibreOffice and Google Sheets read.

use super::linear::Spelling;
use super::{Expr, Function};

/// `expr` as a spreadsheet formula without its `=`, with `reference` giving each name's reference
/// (`F12`, `$C$2`, `INDEX(data!$A$5:$A$33,$C12)`): it must be a single thing, never a bare sum.
pub fn excel<N>(expr: &Expr<N>, reference: &dyn Fn(&N) -> String) -> String {
    let function = |function: &Function| function.excel;
    Spelling { name: reference, function, choice: "IF", separator: ",", spaces: false }.print(expr)
}
