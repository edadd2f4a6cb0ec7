//! What breaks a column is named with its cell, its reason and the edit that mends it.

use crate::compare_reading::sheets::{Layout, findings, short};
use gdtrace::compare::result::Kind;

/// A clean sheet after one change, and what is found: `KIND CELL`.
#[test]
fn each_mistake_is_named_with_its_cell() {
    let clean = Layout::default().momentum();
    for (at, content, expected) in [
        ("J9", "=C9-$B$1*H8", "inconsistent-formula J9"),
        ("J9", "=C9-B1*H9", "inconsistent-formula J9"),
        ("J9", "=C9+$B$1*H9", "inconsistent-formula J9"),
        ("K9", "=D9-$B$1*H9", "inconsistent-formula K9"),
        ("E9", "=C9+$D$9*A9", "inconsistent-formula E9"),
        ("H9", "=$D$1*H7+(1-$D$1)*F9", "inconsistent-formula H9"),
        ("H9", "=D1*H8+(1-$D$1)*F9", "inconsistent-formula H9"),
        ("F9", "12.5", "inconsistent-formula F9"),
        ("F5", "12.5", "inconsistent-formula F5"),
        ("F16", "12.5", "inconsistent-formula F16"),
        ("E10", "=#REF!+D10*A10", "broken-reference E10"),
        ("G7", "=F7*A7/0", "inconsistent-formula G7"),
        ("A8", "'14", "text-number A8"),
        ("A8", "", "missing A8"),
        ("J9", "", "missing J9"),
        ("B1", "'0.0001", "text-number B1"),
        ("F9", "=2*(E9-B9)~7", "stale F9"),
    ] {
        let found = findings(&clean.clone().with(at, content).read());
        let expected: String = expected.replace(' ', " data!");
        assert!(short(&found).contains(&expected), "{at} {content}: {found:#?}");
        let others = found.iter().filter(|f| format!("{} {}", f.kind.name(), f.cell) != expected);
        let others: Vec<_> = others.filter(|f| f.kind != Kind::ErrorCell).collect();
        assert!(others.is_empty(), "{at} {content}: {found:#?}");
        assert!(found[0].fix.is_some(), "{found:#?}");
    }
}

#[test]
fn formulas_that_compute_the_same_are_no_mistake() {
    let clean = Layout::default().momentum();
    for (at, content) in [
        ("E9", "=D9*A9+C9"),
        ("E9", "=A9*D9+C9"),
        ("E9", "=SUM(C9,D9*A9)"),
        ("J9", "=C9-B$1*H9"),
        ("J9", "=C9-data!$B$1*H9"),
        ("L9", "=POWER(E9-B9,2)"),
    ] {
        let found = findings(&clean.clone().with(at, content).read());
        // Without the absolute column the formula still means the same in its column.
        assert_eq!(short(&found), [""; 0], "{at} {content}");
    }
}

#[test]
fn a_mistake_is_told_with_its_reason_its_consequences_and_the_edit() {
    let reading = Layout::default().momentum().with("J9", "=C9-B1*H9").read();
    let found = findings(&reading);
    assert_eq!(
        found[0].message,
        "J9 breaks the pattern of its column: the $ signs of $B$1 are missing, so that it moves \
         when it is filled down. It has =C9-B1*H9; the other rows have the formula that would be \
         =C9-$B$1*H9 here"
    );
    assert_eq!(found[0].expected.as_deref(), Some("=C9-$B$1*H9"));
    assert_eq!(found[0].fix.as_deref(), Some("write =C9-$B$1*H9 into J9, or copy J8 down"));
    // The ten columns of the seven rows below but a in the first of them, and the total.
    assert_eq!(found[0].consequences, 7 * 10 - 1 + 1);
}
