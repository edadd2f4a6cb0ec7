//! Options reach the cells.

use crate::common::program::Finished;
use crate::run::trace::Trace;

/// The start weights of an optimizer's sheet.
fn start(finished: &Finished, optimizer: &str) -> [f64; 2] {
    let trace = Trace::of(&finished.book, optimizer);
    ["start a", "start b"].map(|label| trace.input(label))
}

#[test]
fn epochs_sets_how_many_steps_there_are() {
    let finished = Finished::of("--optimizers sgd --epochs 3");
    let trace = Trace::of(&finished.book, "sgd");
    assert_eq!(trace.steps(), 87);
    let last = ["step", "epoch", "sample"].map(|header| trace.number(87, header));
    assert_eq!(last, [87.0, 3.0, 29.0]);
    let next = ["step", "epoch", "sample"].map(|header| trace.number(30, header));
    assert_eq!(next, [30.0, 2.0, 1.0]);
    assert_eq!(finished.book.sheet("epochs").cells.keys().next_back().unwrap().0, 3);
}

#[test]
fn init_sets_the_start_weights() {
    let finished = Finished::of("--epochs 1 --init a=-2,b=0.5");
    for optimizer in ["sgd", "momentum", "rmsprop", "adam"] {
        assert_eq!(start(&finished, optimizer), [-2.0, 0.5], "{optimizer}");
        let trace = Trace::of(&finished.book, optimizer);
        assert_eq!([trace.number(0, "new a"), trace.number(0, "new b")], [-2.0, 0.5]);
        assert_eq!([trace.number(1, "a"), trace.number(1, "b")], [-2.0, 0.5]);
        assert_eq!(trace.number(1, "y_pred"), -27.5);
    }
}

#[test]
fn init_leaves_an_unnamed_weight_at_1() {
    assert_eq!(start(&Finished::of("--epochs 1 --init b=4"), "adam"), [1.0, 4.0]);
}

#[test]
fn random_start_weights_follow_the_seed_and_are_the_same_for_all_optimizers() {
    let options = "--optimizers sgd,adam --epochs 1 --init random";
    let seven = Finished::of(&format!("{options} --seed 7"));
    let weights = start(&seven, "sgd");
    assert_eq!(start(&seven, "adam"), weights);
    assert!(weights.iter().all(|weight| (-1.0..=1.0).contains(weight)), "{weights:?}");
    assert_ne!(weights[0], weights[1]);
    assert_eq!(start(&Finished::of(&format!("{options} --seed 7")), "sgd"), weights);
    assert_ne!(start(&Finished::of(&format!("{options} --seed 8")), "sgd"), weights);
    let unseeded = start(&Finished::of(options), "sgd");
    assert_eq!(start(&Finished::of(&format!("{options} --seed 1")), "sgd"), unseeded);
}

#[test]
fn a_seed_without_anything_to_draw_gets_a_note() {
    let finished = Finished::of("--epochs 1 --seed 7");
    assert_eq!(
        finished.stderr,
        "note: --seed has no effect: nothing is drawn without --init random or --shuffle\n"
    );
}

#[test]
fn set_reaches_all_optimizers_that_have_the_hyperparameter() {
    let finished = Finished::of("--epochs 1 --set lr=0.00005 --set eps=1e-6");
    for optimizer in ["sgd", "momentum", "rmsprop", "adam"] {
        let trace = Trace::of(&finished.book, optimizer);
        assert_eq!(trace.input("lr"), 5e-5, "{optimizer}");
        if ["rmsprop", "adam"].contains(&optimizer) {
            assert_eq!(trace.input("eps"), 1e-6, "{optimizer}");
        }
    }
    let sgd = Trace::of(&finished.book, "sgd");
    assert_eq!(sgd.number(1, "new a"), 1.0 + 5e-5 * 1204.0);
    assert_eq!(sgd.number(1, "new b"), 1.0 + 5e-5 * 86.0);
}

#[test]
fn set_with_a_name_reaches_one_optimizer_and_the_last_setting_counts() {
    let finished = Finished::of("--epochs 1 --set momentum.lr=1e-5 --set adam.beta1=0.8");
    let input = |optimizer, label| Trace::of(&finished.book, optimizer).input(label);
    assert_eq!([input("momentum", "lr"), input("sgd", "lr")], [1e-5, 1e-4]);
    assert_eq!([input("adam", "beta1"), input("adam", "beta2")], [0.8, 0.999]);
    let adam = Trace::of(&finished.book, "adam");
    assert_eq!(adam.number(1, "v_b"), (1.0 - 0.8) * -86.0);

    let finished = Finished::of("--epochs 1 --set adam.lr=1 --set lr=0.25 --set sgd.lr=1e-6");
    let input = |optimizer| Trace::of(&finished.book, optimizer).input("lr");
    assert_eq!([input("adam"), input("rmsprop"), input("sgd")], [0.25, 0.25, 1e-6]);
}

#[test]
fn a_preset_sets_what_it_names_and_set_overrides_it() {
    let finished = Finished::of("--epochs 1 --preset notes --set adam.beta2=0.99");
    let trace = Trace::of(&finished.book, "adam");
    assert_eq!(["beta1", "beta2", "lr"].map(|label| trace.input(label)), [0.999, 0.99, 0.5]);
    assert_eq!(Trace::of(&finished.book, "momentum").input("beta"), 0.9);
}
