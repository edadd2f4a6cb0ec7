//! A checked training as its result, and what messages call its parts.

use super::case::Case;
use super::check::clean;
use super::counterpart::shape_of_part;
use super::fill::translated;
use super::optimizer::{Fault, Written};
use super::result::{Finding, Kind, Loss, Optimizer, Rule, Training, Verdict, Weight};
use super::steps::Rate;
use super::weights::Break;
use super::{describe, layout, names, weights};
use crate::data::address::cell_name;
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Tree};

impl Case<'_> {
    /// A cell as messages call it: without its sheet where the training is on one sheet.
    pub fn address(&self, id: CellId) -> String {
        let graph = self.ground.graph;
        match self.only_sheet == Some(graph.sheet(id)) {
            true => cell_name(graph.position(id)),
            false => graph.address(id),
        }
    }

    /// What the sheet calls a weight.
    pub fn weight_name(&self, weight: usize) -> String {
        names::of_weight(self.ground.graph, &self.group()[weight])
    }

    /// `∂E/∂w3`, in the sheet's own words.
    pub fn derivative_name(&self, weight: usize) -> String {
        let loss = self.losses.iter().flatten().next();
        let loss = loss.map_or("loss".to_owned(), |id| {
            names::of_cell(self.ground.graph, *id).unwrap_or_else(|| "loss".to_owned())
        });
        let loss = if loss.chars().count() > 16 { "loss".to_owned() } else { loss };
        format!("∂{loss}/∂{}", self.weight_name(weight))
    }

    /// Says of a finding what stands in the cell of a mended formula, and what belongs there.
    pub fn propose(&self, finding: &mut Finding, mended: &Tree) {
        finding.propose(self.ground.graph, &self.held(mended), &self.address(mended.home));
    }

    /// A formula with the `$` that the same cells of the iterations beside it have, or others have
    /// where these refer to the same number: without, it walks away when it is filled.
    fn held(&self, tree: &Tree) -> Tree {
        let graph = self.ground.graph;
        let place = Place::of(graph, tree.home);
        let beside = self.shifts.iter().flat_map(|shift| [place - *shift, place + *shift]);
        let beside = beside.filter_map(|place| place.cell(graph));
        let beside: Vec<Tree> = beside.filter_map(|id| graph.tree(id)).collect();
        let own = shape_of_part(&tree.root);
        tree.map(&mut |_, leaf| {
            let number = leaf.id().filter(|id| self.ground.tags.is_fixed(*id));
            let Some(id) = number.filter(|_| leaf.fixed == [false; 4]) else { return *leaf };
            let held = beside.iter().find_map(|other| {
                let same = other.leaves().into_iter().find(|one| one.id() == Some(id))?;
                let is_like = shape_of_part(&other.root) == own;
                let others = self.absolute.get(&id).copied().filter(|_| is_like);
                Some(same.fixed).filter(|fixed| fixed.contains(&true)).or(others)
            });
            Leaf { fixed: held.unwrap_or(leaf.fixed), ..*leaf }
        })
    }

    /// The same where the formula belongs into all cells of the finding.
    pub fn propose_for_all(&self, finding: &mut Finding, mended: &Tree) {
        let first = finding.cells.first().copied().filter(|first| *first != mended.home);
        let filled = first.and_then(|first| self.filled_into(mended, first));
        self.propose(finding, filled.as_ref().unwrap_or(mended));
        let fix = finding.fix.take();
        finding.fix = fix.map(|fix| format!("{fix} and fill it over the others"));
    }

    /// A formula as it is filled into another cell that has the same formula as its own, up to the fill.
    fn filled_into(&self, mended: &Tree, cell: CellId) -> Option<Tree> {
        let graph = self.ground.graph;
        let is_filled =
            graph.family(cell).is_some() && graph.family(cell) == graph.family(mended.home);
        is_filled.then(|| translated(graph, mended, cell)).flatten()
    }

    /// Whether a cell of a finding about derivatives is computed from those of another finding.
    pub fn leads_to(&self, cause: &Finding, other: &Finding) -> bool {
        let inputs = other.cells.iter().flat_map(|id| self.ground.graph.inputs(*id));
        let behind = self.behind(&inputs.copied().collect::<Vec<CellId>>());
        other.kind == Kind::WrongDerivative && cause.cells.iter().any(|id| behind.contains(id))
    }

    /// How many later cells differ only because of some.
    pub fn consequences(&self, cells: &[CellId]) -> usize {
        self.ground.graph.dependents(cells).len()
    }

    pub fn result(
        self,
        rule: Rule,
        (optimizer, written): (Option<Optimizer>, Result<Written, Fault>),
        findings: Vec<Finding>,
    ) -> Training {
        let (ground, group) = (self.ground, self.group());
        let rate = self.rates.cells.first().copied().flatten();
        // As the formulas refer to it.
        let shown_rate = rate.map(|rate| match self.rate_of(0, 0) {
            Rate::Cell(cell) if ground.updates.origin(cell) == rate => cell,
            _ => rate,
        });
        let value = |cell: CellId| ground.graph.value(cell).number();
        let first = rate.and_then(value);
        let is_fixed =
            self.rates.cells.iter().all(|one| one.and_then(value) == first) || !self.has_schedule();
        let rate_value = match rate {
            Some(_) => first.filter(|_| is_fixed),
            None => self.rates.typed.map(f64::abs),
        };
        let is_told = |cell: &CellId| findings.iter().any(|one| one.cells.contains(cell));
        let breaks = group.iter().flat_map(|weight| &weight.breaks);
        let typed = breaks.filter_map(|(_, kind)| match kind {
            Break::Typed(cell) => Some(*cell),
            _ => None,
        });
        let typed = typed.filter(|cell| !is_told(cell)).collect();
        let names = names::of_weights(ground, self.training);
        let weights = group
            .iter()
            .zip(names)
            .enumerate()
            .map(|(at, (weight, name))| self.weight(at, weight, name, rule, &findings));
        let lr = optimizer.iter().flat_map(|one| &one.settings).find(|one| one.name == "lr");
        let (shown_rate, rate_value) = match lr {
            Some(lr) => (lr.cell, Some(lr.value)),
            None => (shown_rate, rate_value),
        };
        Training {
            optimizer,
            written,
            sheets: layout::sheets(ground, self.training),
            layout: layout::layout(ground, self.training),
            iterations: group.iter().map(|weight| weight.updates.len()).max().unwrap_or(0),
            rule,
            rate: shown_rate,
            rate_value,
            loss: Loss {
                cells: self.losses.clone(),
                implied: match self.is_unwritten {
                    true => Some(self.unwritten().to_owned()),
                    false => self.implied.as_ref().map(|implied| implied.name.clone()),
                },
                formula: describe::loss(&self),
            },
            weights: weights.collect(),
            typed,
            is_numbers_only: false,
            log: None,
            factor: clean(self.factor),
            anatomy: super::anatomy::iterations(&self),
            findings,
        }
    }

    /// What gradients are of a function that the sheet does not write and that cannot be inferred.
    fn unwritten(&self) -> &'static str {
        let mut verdicts = self.verdicts.iter().flatten();
        match verdicts.any(Option::is_some) {
            true => {
                "same function, whichever it is: each moves with the others' weights as these move with its own"
            }
            false => {
                "function that they are called the derivatives of: there is nothing to hold them against"
            }
        }
    }

    pub fn weight(
        &self,
        at: usize,
        weight: &weights::Weight,
        name: String,
        rule: Rule,
        findings: &[Finding],
    ) -> Weight {
        let verdicts = self.verdicts.get(at);
        let count = |wanted: bool| {
            verdicts.map_or(0, |all| all.iter().filter(|one| **one == Some(wanted)).count())
        };
        let cells = &weight.variables;
        let is_mine = |finding: &&Finding| {
            finding.kind == Kind::WrongWeight
                && finding.weight.is_some_and(|weight| cells.contains(&weight))
        };
        let others =
            findings.iter().filter(is_mine).map(|finding| finding.cells.len()).sum::<usize>();
        let (verified, wrong) = (count(true), count(false) + others);
        let verdict = match (rule, verified, wrong) {
            (Rule::Perceptron, ..) => Verdict::Undecided,
            (_, _, 1..) => Verdict::Wrong,
            (_, 1.., 0) => Verdict::Verified,
            _ => Verdict::Undecided,
        };
        let role = self.roles[at].first().and_then(Option::as_ref);
        Weight {
            name,
            start: weight.shown.first().copied().unwrap_or(weight.values[0]),
            updates: weight.updates.len(),
            gradient: role.and_then(|role| role.cell),
            factor: (verdict != Verdict::Undecided).then(|| clean(self.factor)),
            verdict,
            verified,
            wrong,
        }
    }
}
