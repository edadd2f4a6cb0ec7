//! The forward pass of an iteration as a graph: a node a cell, with its value and the derivative of
//! the loss by it, an edge a reference, the loss on the right.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::super::markup::Markup;
use super::super::super::numbers::brief;
use super::super::super::svg::Svg;
use crate::compare::training::anatomy::Iteration;
use crate::compare::training::chain::{Forward, Quantity, evaluated};
use crate::compare::training::labels::Labels;
use crate::graph::{Adjoints, CellId, Graph, Node};
use crate::value::{Value, number_text};

/// More nodes are no picture.
const MOST_NODES: usize = 44;
/// More nodes do not stand below each other.
const MOST_BELOW: usize = 14;
/// More layers do not stand beside each other.
const MOST_BESIDE: usize = 12;
/// So often nodes are put where their neighbours are.
const SWEEPS: usize = 6;
const WIDTH: f64 = 100.0;
const HEIGHT: f64 = 54.0;
const GAP: (f64, f64) = (34.0, 10.0);
const MARGIN: f64 = 6.0;
/// So many letters of a name fit a node.
const LETTERS: usize = 13;

/// The quantities of a forward pass and which of them is computed from which.
pub struct Network<'a, 'b> {
    graph: &'a Graph,
    labels: &'b Labels<'a>,
    iteration: &'a Iteration,
    loss: Quantity,
    adjoints: Adjoints,
    /// The nodes, in the order of their cells.
    nodes: Vec<Quantity>,
    edges: Vec<(Quantity, Quantity)>,
    kinds: HashMap<Quantity, &'static str>,
}

/// A node as a row of a table.
#[derive(Debug, serde::Serialize)]
pub struct Row {
    name: String,
    cell: String,
    kind: &'static str,
    value: String,
    derivative: String,
}

impl<'a, 'b> Network<'a, 'b> {
    /// The network of an iteration; `wrong` are the weights whose gradients are not their derivatives.
    pub fn new(
        graph: &'a Graph,
        labels: &'b Labels<'a>,
        iteration: &'a Iteration,
        wrong: &BTreeSet<CellId>,
    ) -> Option<Self> {
        let forward = Forward::new(graph, iteration)?;
        let weights: BTreeSet<CellId> =
            iteration.weights.iter().filter_map(|weight| weight.value).collect();
        let computed: BTreeSet<CellId> = iteration.cells.iter().copied().collect();
        let mut network = Network {
            graph,
            labels,
            iteration,
            loss: forward.loss(),
            adjoints: forward.derivatives(graph.values()),
            nodes: Vec::new(),
            edges: Vec::new(),
            kinds: HashMap::new(),
        };
        for cell in forward.cells() {
            let is_number = graph.value(cell).number().is_some();
            if !is_number || source(graph, &forward, cell) != cell {
                continue;
            }
            let kind = match () {
                () if Quantity::Cell(cell) == network.loss => "loss",
                () if wrong.contains(&cell) => "weight wrong",
                () if weights.contains(&cell) => "weight",
                () if computed.contains(&cell) => "cell",
                () => "data",
            };
            network.add(Quantity::Cell(cell), kind);
        }
        if network.loss == Quantity::Loss {
            network.add(Quantity::Loss, "loss");
            for at in 0..iteration.residuals.len() {
                network.add(Quantity::Residual(at), "cell");
                network.edges.push((Quantity::Residual(at), Quantity::Loss));
            }
        }
        for cell in forward.cells() {
            let from = Quantity::Cell(source(graph, &forward, cell));
            for user in forward.users(cell) {
                if *user != from
                    && network.kinds.contains_key(user)
                    && network.kinds.contains_key(&from)
                {
                    network.edges.push((from, *user));
                }
            }
        }
        network.edges.sort_unstable();
        network.edges.dedup();
        Some(network)
    }

    fn add(&mut self, node: Quantity, kind: &'static str) {
        self.nodes.push(node);
        self.kinds.insert(node, kind);
    }

    /// All nodes as rows, at most so many of them, the loss first, and how many more there are.
    pub fn rows(&self, most: usize) -> (Vec<Row>, usize) {
        let mut nodes = self.nodes.clone();
        nodes.sort_by_key(|node| (*node != self.loss, self.kinds[node] == "data", *node));
        let rows = nodes.iter().take(most).map(|node| Row {
            name: self.labels.quantity(*node, Quantity::Loss),
            cell: match node {
                Quantity::Cell(id) => self.labels.address(*id),
                _ => String::new(),
            },
            kind: match self.kinds[node] {
                "weight wrong" => "weight",
                kind => kind,
            },
            value: self.value(*node).map_or(String::new(), |value| brief(Value::number(value))),
            derivative: self
                .derivative(*node)
                .map_or(String::new(), |one| brief(Value::number(one))),
        });
        (rows.collect(), nodes.len().saturating_sub(most))
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

    fn derivative(&self, node: Quantity) -> Option<f64> {
        match node {
            Quantity::Cell(id) if self.kinds[&node] != "data" => Some(self.adjoints.get(id)),
            Quantity::Residual(at) => {
                evaluated(&self.iteration.residuals.get(at)?.slope, self.graph.values())
            }
            _ => None,
        }
    }

    /// The picture; none where there is too much for one.
    pub fn picture(mut self, id: &str, title: &str) -> Option<(Markup, f64)> {
        if self.nodes.len() > MOST_NODES || self.layers()?.iter().any(|one| one.len() > MOST_BELOW)
        {
            self.without_data();
        }
        let layers = self.layers()?;
        let is_large = self.nodes.len() > MOST_NODES
            || layers.len() > MOST_BESIDE
            || layers.iter().any(|layer| layer.len() > MOST_BELOW);
        if is_large || layers.len() < 2 {
            return None;
        }
        let layers = self.ordered(layers);
        Some(self.draw(id, title, &layers))
    }

    fn without_data(&mut self) {
        let kinds = &self.kinds;
        self.nodes.retain(|node| kinds[node] != "data");
        self.edges.retain(|(from, _)| kinds[from] != "data");
    }

    /// The nodes by how far they stand from the loss, the farthest first.
    fn layers(&self) -> Option<Vec<Vec<Quantity>>> {
        let mut users: HashMap<Quantity, Vec<Quantity>> = HashMap::new();
        for (from, to) in &self.edges {
            users.entry(*from).or_default().push(*to);
        }
        let mut far: HashMap<Quantity, usize> = HashMap::from([(self.loss, 0)]);
        // Each round puts those a layer further whose users are: as many rounds as there are layers.
        for _ in 0..=MOST_BESIDE {
            let mut is_settled = true;
            for node in &self.nodes {
                let above = users.get(node).into_iter().flatten().filter_map(|user| far.get(user));
                let Some(distance) = above.max().map(|most| most + 1) else { continue };
                if far.insert(*node, distance) != Some(distance) {
                    is_settled = false;
                }
            }
            if is_settled {
                let last = far.values().max().copied()?;
                let mut layers = vec![Vec::new(); last + 1];
                for node in &self.nodes {
                    if let Some(distance) = far.get(node) {
                        layers[last - distance].push(*node);
                    }
                }
                return Some(layers);
            }
        }
        None
    }

    /// Puts the nodes of each layer in the order of their neighbours, so that few edges cross.
    fn ordered(&self, mut layers: Vec<Vec<Quantity>>) -> Vec<Vec<Quantity>> {
        for sweep in 0..SWEEPS {
            let places = places(&layers);
            let towards_loss = sweep % 2 == 0;
            for layer in &mut layers {
                let middle = |node: &Quantity| {
                    let others = self.edges.iter().filter_map(|(from, to)| match towards_loss {
                        true => (from == node).then_some(to),
                        false => (to == node).then_some(from),
                    });
                    let heights: Vec<f64> =
                        others.filter_map(|other| places.get(other)).copied().collect();
                    match heights.len() {
                        0 => places[node],
                        count => heights.iter().sum::<f64>() / count as f64,
                    }
                };
                let mut keyed: Vec<(f64, Quantity)> =
                    layer.iter().map(|node| (middle(node), *node)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                *layer = keyed.into_iter().map(|(_, node)| node).collect();
            }
        }
        layers
    }

    fn draw(&self, id: &str, title: &str, layers: &[Vec<Quantity>]) -> (Markup, f64) {
        let most = layers.iter().map(Vec::len).max().unwrap_or(1) as f64;
        let width = layers.len() as f64 * (WIDTH + GAP.0) - GAP.0 + 2.0 * MARGIN;
        let height = most * (HEIGHT + GAP.1) - GAP.1 + 2.0 * MARGIN;
        let mut corners: BTreeMap<Quantity, (f64, f64)> = BTreeMap::new();
        for (column, layer) in layers.iter().enumerate() {
            let own = layer.len() as f64 * (HEIGHT + GAP.1) - GAP.1;
            for (row, node) in layer.iter().enumerate() {
                let x = MARGIN + column as f64 * (WIDTH + GAP.0);
                let y = (height - own) / 2.0 + row as f64 * (HEIGHT + GAP.1);
                corners.insert(*node, (x, y));
            }
        }
        let description = "Each box is a cell with its value and, below, the derivative of the loss by it; lines lead \
                           from a cell to those that are computed from it.";
        let mut svg = Svg::picture(id, (width, height), title, description);
        for (from, to) in &self.edges {
            let (Some(from), Some(to)) = (corners.get(from), corners.get(to)) else { continue };
            svg.path("edge", &edge(*from, *to));
        }
        for (node, corner) in &corners {
            self.draw_node(&mut svg, *node, *corner);
        }
        (svg.finish(), width)
    }

    fn draw_node(&self, svg: &mut Svg, node: Quantity, (x, y): (f64, f64)) {
        let name = self.labels.quantity(node, Quantity::Loss);
        let told = self.told(node, &name);
        let class = format!("node {}", self.kinds[&node]);
        svg.cell(&class, (x, y), (WIDTH, HEIGHT), &told);
        let short: String = match name.chars().count() > LETTERS {
            true => name.chars().take(LETTERS - 1).chain(['…']).collect(),
            false => name,
        };
        let middle = x + WIDTH / 2.0;
        svg.text("name", (middle, y + 16.0), &short);
        if let Some(value) = self.value(node) {
            svg.text("value", (middle, y + 31.0), &brief(Value::number(value)));
        }
        if let Some(derivative) = self.derivative(node) {
            let text = format!("∂ {}", brief(Value::number(derivative)));
            svg.text("slope", (middle, y + 46.0), &text);
        }
    }

    /// All of a node's numbers, in full.
    fn told(&self, node: Quantity, name: &str) -> String {
        let Quantity::Cell(id) = node else { return name.to_owned() };
        let mut told = format!("{name}, {}", self.labels.address(id));
        if let Some(value) = self.value(node) {
            told += &format!(" = {}", number_text(value));
        }
        if let Some(derivative) = self.derivative(node) {
            let name = self.labels.derivative(self.loss, node, self.loss);
            told += &format!("; {name} = {}", number_text(derivative));
        }
        told
    }
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

/// The height of each node, from 0 at the top to 1.
fn places(layers: &[Vec<Quantity>]) -> HashMap<Quantity, f64> {
    let mut places = HashMap::new();
    for layer in layers {
        for (row, node) in layer.iter().enumerate() {
            places.insert(*node, (row as f64 + 0.5) / layer.len() as f64);
        }
    }
    places
}

/// A line from the right of one box to the left of another.
fn edge(from: (f64, f64), to: (f64, f64)) -> String {
    let (x1, y1) = (from.0 + WIDTH, from.1 + HEIGHT / 2.0);
    let (x2, y2) = (to.0, to.1 + HEIGHT / 2.0);
    let bend = GAP.0 * 0.6;
    format!("M{x1:.1} {y1:.1}C{:.1} {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}", x1 + bend, x2 - bend)
}
