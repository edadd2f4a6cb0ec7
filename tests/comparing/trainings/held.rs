//! Updates that stop, that wait, and that are cut off at bounds: what their steps follow is judged as
//! if nothing held them.

use super::look;
use super::slips::Table;
use super::states::{told, told_with};

/// A function of two unknowns, with the updates `x` and `y` and the slope `fy`.
fn bowl(x: &'static str, y: &'static str, fy: &'static str) -> Table {
    Table {
        name: "bowl",
        above: &[&["lr", "0.05", "tol", "0.0001"], &["most", "4"], &["least", "0.5"]],
        weights: vec![("x", "1", x), ("y", "2", y)].leak(),
        columns: vec![
            ("f", "=A{r}^2+A{r}*B{r}+2*B{r}^2"),
            ("fx", "=2*A{r}+B{r}"),
            ("fy", fy),
            ("status", "=IF(ABS(D{r})<$D$1,\"stop\",\"go\")"),
        ]
        .leak(),
    }
}

const RIGHT: &str = "=A{r}+4*B{r}";

#[test]
fn updates_that_are_held_back_are_gradient_descent_that_says_so() {
    let cases = [
        (
            "=IF(ABS(D{p})<$D$1,A{p},A{p}-$B$1*D{p})",
            "=IF(ABS(E{p})<$D$1,B{p},B{p}-$B$1*E{p})",
            "stays where it is if ABS(D6)<$D$1",
        ),
        (
            "=A{p}-IF(SQRT(D{p}^2+E{p}^2)<$D$1,0,$B$1*D{p})",
            "=B{p}-IF(SQRT(D{p}^2+E{p}^2)<$D$1,0,$B$1*E{p})",
            "stays where it is if SQRT(D6^2+E6^2)<$D$1",
        ),
        (
            "=IF(F{p}=\"stop\",A{p},A{p}-$B$1*D{p})",
            "=IF(F{p}=\"stop\",B{p},B{p}-$B$1*E{p})",
            "stays where it is if F6=\"stop\"",
        ),
        (
            "=IF(MOD(ROW(),2)=1,A{p}-$B$1*D{p},A{p})",
            "=IF(MOD(ROW(),2)=0,B{p}-$B$1*E{p},B{p})",
            "steps only if MOD(ROW(),2)=1",
        ),
        (
            "=MIN($B$2,MAX($B$3,A{p}-$B$1*D{p}))",
            "=MEDIAN(-4,B{p}-$B$1*E{p},4)",
            "cuts its weights off at bounds",
        ),
    ];
    for (x, y, departure) in cases {
        let (_, found) = look(&bowl(x, y, RIGHT).book());
        let [only] = &found.trainings[..] else {
            panic!("{x}: {} trainings", found.trainings.len())
        };
        let optimizer = only.optimizer.as_ref().expect("an optimizer");
        assert_eq!(
            (&*optimizer.name, &optimizer.departures[..]),
            ("sgd", &[departure.to_owned()][..])
        );
        assert_eq!(told(&bowl(x, y, RIGHT).book()), Vec::<String>::new(), "{x}");
        let slip = told(&bowl(x, y, "=B{r}+4*A{r}").book());
        assert_eq!(slip, ["wrong-derivative S!E6:E13 =A6+4*B6"], "{x}");
    }
}

#[test]
fn an_update_that_stays_for_every_gradient_of_one_sign_lacks_its_size() {
    let right = "=IF(ABS(D{p})<$D$1,A{p},A{p}-$B$1*D{p})";
    let cases = [
        ("=IF(D{p}>$D$1,A{p}-$B$1*D{p},A{p})", "=IF(ABS(D6)>$D$1,A6-$B$1*D6,A6)"),
        ("=IF(0.001>=D{p},A{p},A{p}-D{p}*$B$1)", "=IF(0.001>=ABS(D6),A6,A6-D6*$B$1)"),
    ];
    for (x, proposed) in cases {
        let found = told(&bowl(x, "=IF(ABS(E{p})<$D$1,B{p},B{p}-$B$1*E{p})", RIGHT).book());
        assert_eq!(found, [format!("value S!A7:A13 {proposed}")], "{x}");
    }
    let y = "=IF(E{p}<$D$1,B{p},B{p}-$B$1*E{p})";
    let found = told(&bowl(right, y, RIGHT).book());
    assert_eq!(found, ["value S!B7:B13 =IF(ABS(E6)<$D$1,B6,B6-$B$1*E6)"]);
}

#[test]
fn a_condition_of_the_derivative_is_a_factor_of_the_step() {
    // The square of what a margin lacks, and no step where it lacks nothing.
    let margin = |step: &'static str| Table {
        name: "margin",
        above: &[&["lr", "0.1"], &["x", "0.8"]],
        weights: vec![("w", "0.5", step), ("b", "0.1", "=IF(D{p}>0,B{p}+$B$1*2*D{p},B{p})")].leak(),
        columns: &[("loss", "=MAX(0,1-(A{r}*$B$2+B{r}))^2"), ("lacks", "=1-(A{r}*$B$2+B{r})")],
    };
    for right in ["=IF(D{p}>0,A{p}+$B$1*2*D{p}*$B$2,A{p})", "=A{p}+IF(D{p}<=0,0,$B$1*2*D{p}*$B$2)"]
    {
        assert_eq!(told(&margin(right).book()), Vec::<String>::new(), "{right}");
    }
    let slip = told(&margin("=IF(D{p}>0,A{p}+$B$1*2*D{p},A{p})").book());
    assert_eq!(slip, ["wrong-derivative S!A7:A13 =IF(D6>0,A6+$B$1*2*D6*$B$2,A6)"]);
}

#[test]
fn values_that_are_learned_from_each_other_follow_no_function() {
    let values = |a: &'static str, b: &'static str| Table {
        name: "values",
        above: &[&["learning rate", "0.5"], &["discount", "0.9"]],
        weights: vec![("V(A)", "0", a), ("V(B)", "0", b)].leak(),
        columns: &[("reward", "=MOD(ROW(),2)"), ("state", "=IF(MOD(ROW(),3)=0,\"A\",\"B\")")],
    };
    let cases = [
        ("=A{p}+$B$1*(C{p}+$B$2*B{p}-A{p})", "=B{p}+$B$1*(C{p}-B{p})"),
        (
            "=IF(D{p}=\"A\",A{p}+$B$1*(C{p}+$B$2*MAX(A{p}:B{p})-A{p}),A{p})",
            "=IF(D{p}=\"B\",B{p}+$B$1*(C{p}+$B$2*MAX(A{p}:B{p})-B{p}),B{p})",
        ),
    ];
    for (a, b) in cases {
        let (_, found) = look(&values(a, b).book());
        assert_eq!(found.trainings.len(), 0, "{a}");
    }
}

#[test]
fn optimizers_that_stop_or_follow_a_schedule_are_themselves() {
    let adam = Table {
        name: "adam",
        above: &[
            &["lr", "0.1", "tol", "0.000001"],
            &["b1", "0.9"],
            &["b2", "0.999"],
            &["eps", "1E-8"],
        ],
        weights: &[(
            "x",
            "5",
            "=IF(ABS(D{p})<$D$1,A{p},A{p}-$B$1*(E{p}/(1-$B$2^B{p}))/(SQRT(F{p}/(1-$B$3^B{p}))+$B$4))",
        )],
        columns: &[
            ("t", "=ROW()-5"),
            ("f", "=(A{r}-2)^4"),
            ("g", "=4*(A{r}-2)^3"),
            ("m", "=$B$2*N(E{p})+(1-$B$2)*D{r}"),
            ("v", "=$B$3*N(F{p})+(1-$B$3)*D{r}^2"),
        ],
    };
    let momentum = Table {
        name: "momentum",
        above: &[&["lr", "0.1"], &["beta", "0.9"], &["decay", "0.05"]],
        weights: &[("x", "5", "=A{p}-I{p}*G{p}"), ("y", "-3", "=B{p}-I{p}*H{p}")],
        columns: &[
            ("t", "=ROW()-5"),
            ("f", "=A{r}^2+3*B{r}^2-A{r}*B{r}"),
            ("gx", "=2*A{r}-B{r}"),
            ("gy", "=6*B{r}-A{r}"),
            ("vx", "=$B$2*N(G{p})+(1-$B$2)*E{r}"),
            ("vy", "=$B$2*N(H{p})+(1-$B$2)*F{r}"),
            ("lr_t", "=$B$1/(1+$B$3*C{r})"),
        ],
    };
    let cases = [
        (&adam, "adam", "stays where it is if ABS(D6)<$D$1"),
        (&momentum, "momentum", "changes the learning rate from iteration to iteration"),
    ];
    for (table, name, departure) in cases {
        let (_, found) = look(&table.book());
        let [only] = &found.trainings[..] else { panic!("{name}: {}", found.trainings.len()) };
        let optimizer = only.optimizer.as_ref().expect(name);
        assert_eq!(optimizer.name, name);
        assert!(optimizer.departures.iter().any(|one| one == departure), "{optimizer:?}");
        assert_eq!(told(&table.book()), Vec::<String>::new(), "{name}");
        // A wrong derivative is found behind what stops it.
        let (column, slip, right) = match name {
            "adam" => (3, "=4*(A{r}+2)^3", "S!D6:D13 =4*(A6-2)^3"),
            _ => (4, "=2*A{r}-2*B{r}", "S!E6:E13 =2*A6-B6"),
        };
        assert_eq!(told_with(table, column, slip), [format!("wrong-derivative {right}")]);
        // As a definition it has the sheet's own formulas.
        let written = only.written.as_ref().expect("a definition");
        assert_eq!(written.definition.title, optimizer.title);
    }
}

#[test]
fn a_share_of_the_learning_rate_in_a_cell_of_each_iteration_is_a_schedule() {
    let table = Table {
        name: "shares",
        above: &[&["lr", "0.1"], &["decay", "0.9"]],
        weights: &[("x", "5", "=A{p}-$B$1*D{p}*F{p}"), ("y", "-3", "=B{p}-$B$1*D{p}*G{p}")],
        columns: &[
            ("t", "=ROW()-6"),
            ("share", "=$B$2^C{r}"),
            ("f", "=A{r}^2+3*B{r}^2-A{r}*B{r}"),
            ("gx", "=2*A{r}-B{r}"),
            ("gy", "=6*B{r}-A{r}"),
        ],
    };
    assert_eq!(told(&table.book()), Vec::<String>::new());
    assert_eq!(told_with(&table, 5, "=2*A{r}-2*B{r}"), ["wrong-derivative S!F6:F13 =2*A6-B6"]);
}
