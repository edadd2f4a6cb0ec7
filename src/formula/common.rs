//! What the terms of a sum have in common: `(x + 1)*exp(x)` instead of `exp(x) + x*exp(x)`, and
//! `(1 - x^2)/(x^2 + 1)^2` instead of `1/(x^2 + 1) - 2*x^2/(x^2 + 1)^2`.

use super::product::Product;
use super::ratio::{Ratio, greatest_common_divisor};
use super::simplify::Sum;
use super::{Expr, Operator};

/// Nobody looks for common factors of more terms than this, or of longer ones.
const MOST_TERMS: usize = 8;
const MOST_FACTORS: usize = 12;

/// Nor multiplies out more products than this to find a shorter form.
const MOST_EXPANDED: usize = 40;

/// The sum of `terms` as a product, where they have a factor or a denominator in common. The
/// factors of a polynomial stay where they are.
pub(super) fn combined<N: Clone + PartialEq>(terms: &[Product<N>]) -> Option<Expr<N>> {
    let is_long = |term: &Product<N>| term.powers.len() > MOST_FACTORS;
    if !(2..=MOST_TERMS).contains(&terms.len()) || terms.iter().any(is_long) {
        return None;
    }
    let mut outer = common_powers(terms);
    let is_polynomial = |(base, exponent): &(Expr<N>, Expr<N>)| {
        matches!(base, Expr::Name(_)) && Ratio::of(exponent).is_some_and(|one| !one.is_negative())
    };
    if outer.powers.iter().all(is_polynomial) {
        return None;
    }
    let mut inner = Sum::new();
    let mut room = MOST_EXPANDED;
    for term in terms {
        let mut rest = term.clone();
        for (base, exponent) in &outer.powers {
            rest.multiply_power(base, exponent, Ratio::MINUS_ONE);
        }
        add_expanded(&mut inner, rest, &mut room)?;
    }
    outer.coefficient = common_coefficient(&inner);
    for term in &mut inner.terms {
        term.coefficient = term.coefficient * outer.coefficient.inverse();
    }
    outer.multiply_simple(&inner.write_plainly(), Ratio::ONE);
    Some(outer.write())
}

/// The powers that can be taken out of all `terms`: the least exponent of each base.
fn common_powers<N: Clone + PartialEq>(terms: &[Product<N>]) -> Product<N> {
    let mut common: Product<N> = Product::new(Ratio::ONE);
    for (base, exponent) in terms.iter().flat_map(|term| &term.powers) {
        if common.powers.iter().any(|(known, _)| known == base) {
            continue;
        }
        let of_terms = || terms.iter().map(|term| term.exponent(base));
        let least = if of_terms().all(|one| one == Some(exponent)) {
            Some(exponent.clone())
        } else {
            let ratios = of_terms().map(|one| one.map_or(Some(Ratio::ZERO), Ratio::of));
            let ratios = ratios.collect::<Option<Vec<Ratio>>>();
            let least = ratios.and_then(|all| {
                all.into_iter().min_by(|one, other| one.size().total_cmp(&other.size()))
            });
            least.filter(|one| one.above() != 0.0).map(Ratio::write)
        };
        if let Some(least) = least {
            common.powers.push((base.clone(), least));
        }
    }
    common
}

/// Adds `term` to `sum`, multiplied out where some of its factors are sums; `None` where that
/// takes more than `room` products.
fn add_expanded<N: Clone + PartialEq>(
    sum: &mut Sum<N>,
    mut term: Product<N>,
    room: &mut usize,
) -> Option<()> {
    *room = room.checked_sub(1)?;
    term.tidy();
    let is_sum = |(base, exponent): &(Expr<N>, Expr<N>)| {
        matches!(base, Expr::Binary(Operator::Add | Operator::Subtract, ..))
            && *exponent == Expr::Number(1.0)
    };
    let Some(at) = term.powers.iter().position(is_sum) else {
        sum.add_term(term);
        return Some(());
    };
    let (factor, _) = term.powers.remove(at);
    let mut parts = Sum::new();
    parts.add_simple(&factor, Ratio::ONE);
    for part in parts.terms {
        let mut product = term.clone();
        product.multiply_product(&part);
        add_expanded(sum, product, room)?;
    }
    Some(())
}

/// The largest number that divides all coefficients, where they are whole.
fn common_coefficient<N: Clone + PartialEq>(sum: &Sum<N>) -> Ratio {
    let whole = sum.terms.iter().map(|term| term.coefficient.whole());
    let divisor = whole.into_iter().try_fold(0.0, |divisor, whole| {
        whole.map(|whole| greatest_common_divisor(divisor, f64::from(whole).abs()))
    });
    divisor.filter(|divisor| *divisor > 1.0).map_or(Ratio::ONE, Ratio::number)
}
