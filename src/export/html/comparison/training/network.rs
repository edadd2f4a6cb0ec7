//! The cells that a loss is computed from, in each iteration: the script of the page draws them, and where it does not run
//! those of the first iteration stand in a table.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::compare::training::Training;
use crate::compare::training::anatomy::Iteration;
use crate::compare::training::chain::{Forward, Quantity, evaluated};
use crate::compare::training::labels::Labels;
use crate::compare::training::result::Verdict;
use crate::graph::{Adjoints, CellId, Graph, Node};

/// So many cells have a row.
const MOST_ROWS: usize = 60;

/// The cells and which of them is computed from which, the loss first.
#[derive(Serialize)]
pub struct Network {
    nodes: Vec<Named>,
    edges: Vec<(usize, usize)>,
    /// For each iteration the cells, what they hold, and the derivatives of the loss by them; nothing where it has
    /// other cells than the first.
    cells: Vec<Vec<String>>,
    values: Vec<Vec<Option<f64>>>,
    slopes: Vec<Vec<Option<f64>>>,
    /// How many cells are left out.
    left_out: usize,
}

#[derive(Serialize)]
struct Named {
    name: String,
    /// `loss`, `weight`, `weight wrong`, `cell` or `data`.
    kind: &'static str,
}

impl Network {
    /// The network of some iterations of a training.
    pub fn new(graph: &Graph, training: &Training, iterations: &[usize]) -> Option<Self> {
        let first = Pass::new(graph, training, training.anatomy.first()?)?;
        let labels = Labels::new(graph, training, 0);
        let mut network = Network {
            nodes: first.named(&labels),
            edges: first.edges.clone(),
            cells: Vec::new(),
            values: Vec::new(),
            slopes: Vec::new(),
            left_out: first.left_out,
        };
        for at in iterations {
            let pass = Pass::new(graph, training, &training.anatomy[*at]);
            let pass = pass.filter(|pass| pass.kinds == first.kinds && pass.edges == first.edges);
            let all =
                || pass.iter().flat_map(|pass| (0..pass.nodes.len()).map(move |at| (pass, at)));
            network.cells.push(all().map(|(pass, at)| address(&labels, pass.nodes[at])).collect());
            network.values.push(all().map(|(pass, at)| pass.value(pass.nodes[at])).collect());
            network.slopes.push(all().map(|(pass, at)| pass.slope(at)).collect());
        }
        Some(network)
    }
}

/// The forward pass of one iteration.
struct Pass<'a> {
    graph: &'a Graph,
    iteration: &'a Iteration,
    adjoints: Adjoints,
    nodes: Vec<Quantity>,
    kinds: Vec<&'static str>,
    edges: Vec<(usize, usize)>,
    left_out: usize,
}

impl<'a> Pass<'a> {
    fn new(graph: &'a Graph, training: &Training, iteration: &'a Iteration) -> Option<Self> {
        let forward = Forward::new(graph, iteration)?;
        let pairs = || training.weights.iter().zip(&iteration.weights);
        let weights: BTreeSet<CellId> = pairs().filter_map(|(_, cells)| cells.value).collect();
        let wrong = pairs().filter(|(weight, _)| weight.verdict == Verdict::Wrong);
        let wrong: BTreeSet<CellId> = wrong.filter_map(|(_, cells)| cells.value).collect();
        let computed: BTreeSet<CellId> = iteration.cells.iter().copied().collect();
        let kind = |cell: CellId| match () {
            () if Quantity::Cell(cell) == forward.loss() => (0, "loss"),
            () if wrong.contains(&cell) => (1, "weight wrong"),
            () if weights.contains(&cell) => (1, "weight"),
            () if computed.contains(&cell) => (1, "cell"),
            () => (2, "data"),
        };
        // Cells that only hand a value on are no nodes.
        let is_node = |cell: &CellId| {
            graph.value(*cell).number().is_some() && source(graph, &forward, *cell) == *cell
        };
        let cells = forward.cells().into_iter().filter(is_node);
        let mut all: Vec<((u8, &'static str), Quantity)> =
            cells.map(|cell| (kind(cell), Quantity::Cell(cell))).collect();
        if forward.loss() == Quantity::Loss {
            all.push(((0, "loss"), Quantity::Loss));
            let residuals = (0..iteration.residuals.len()).map(Quantity::Residual);
            all.extend(residuals.map(|one| ((1, "cell"), one)));
        }
        all.sort_by_key(|((rank, _), node)| (*rank, *node));
        let left_out = all.len().saturating_sub(MOST_ROWS);
        all.truncate(MOST_ROWS);
        let (kinds, nodes): (Vec<_>, Vec<_>) =
            all.into_iter().map(|((_, kind), node)| (kind, node)).unzip();
        let edges = edges(graph, &forward, &nodes);
        let adjoints = forward.derivatives(graph.values());
        Some(Pass { graph, iteration, adjoints, nodes, kinds, edges, left_out })
    }

    /// What the nodes are called, without cells that are others in another iteration.
    fn named(&self, labels: &Labels) -> Vec<Named> {
        let name = |node: &Quantity| {
            let (name, cell) = (labels.quantity(*node, Quantity::Loss), address(labels, *node));
            name.strip_suffix(&format!(" ({cell})")).map(str::to_owned).unwrap_or(name)
        };
        let named = |(node, kind): (&Quantity, &&'static str)| Named { name: name(node), kind };
        self.nodes.iter().zip(&self.kinds).map(named).collect()
    }

    fn value(&self, node: Quantity) -> Option<f64> {
        match node {
            Quantity::Cell(id) => self.graph.value(id).number(),
            Quantity::Residual(at) => {
                evaluated(&self.iteration.residuals.get(at)?.value, self.graph.values())
            }
            Quantity::Loss => None,
        }
    }

    fn slope(&self, at: usize) -> Option<f64> {
        match self.nodes[at] {
            Quantity::Cell(id) => (self.kinds[at] != "data").then(|| self.adjoints.get(id)),
            Quantity::Residual(at) => {
                evaluated(&self.iteration.residuals.get(at)?.slope, self.graph.values())
            }
            Quantity::Loss => None,
        }
    }
}

/// Which node is computed from which, each by its place.
fn edges(graph: &Graph, forward: &Forward, nodes: &[Quantity]) -> Vec<(usize, usize)> {
    let places: HashMap<Quantity, usize> =
        nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
    let mut edges = BTreeSet::new();
    for cell in forward.cells() {
        let from = places.get(&Quantity::Cell(source(graph, forward, cell)));
        let users = forward.users(cell).iter().filter_map(|user| places.get(user));
        edges.extend(from.into_iter().flat_map(|from| users.clone().map(move |to| (*from, *to))));
    }
    let residuals = places.iter().filter(|(node, _)| matches!(node, Quantity::Residual(_)));
    let loss = places.get(&Quantity::Loss);
    edges.extend(residuals.flat_map(|(_, from)| loss.map(|to| (*from, *to))));
    edges.retain(|(from, to)| from != to);
    edges.into_iter().collect()
}

/// The cell that a value comes from, where others only hand it on.
fn source(graph: &Graph, forward: &Forward, mut cell: CellId) -> CellId {
    while let Some(tree) = graph.tree(cell)
        && let Node::Leaf(leaf) = tree.root
        && let Some(next) = leaf.id().filter(|next| forward.is_ahead(*next))
    {
        cell = next;
    }
    cell
}

fn address(labels: &Labels, node: Quantity) -> String {
    match node {
        Quantity::Cell(id) => labels.address(id),
        _ => String::new(),
    }
}
