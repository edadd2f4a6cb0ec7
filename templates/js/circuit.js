// The gates of model and loss at the chosen step, from left to right, and the way back from the loss to each weight.
const { trees, slopes, math } = gd;
const { made, label, head, row: line, table } = gd.build;
const { name, call } = trees;
const { COMPARED } = math;

// Circuits with more gates than this get a table alone, and with more than the second number nothing: nobody would read
// it. No more products than the third are spelled out for a weight.
const [MOST_DRAWN, MOST_LISTED, MOST_WAYS] = [25, 100, 6];
// The measures of the picture: a box, what is free between boxes, from line to line, and on all sides.
const [WIDE, TALL, GAP, LINE, MARGIN] = [132, 62, 86, 116, 8];

// The operations of a tree, in an order in which they can be computed.
const operationsOf = (tree, seen = new Set(), all = []) => {
  if (!seen.has(tree)) {
    seen.add(tree);
    for (const one of tree.args) operationsOf(one, seen, all);
    if (tree.args.length) all.push(tree);
  }
  return all;
};
const leavesOf = (tree) => [...new Set(trees.namesOf(tree))];

// What gates are called: e the loss, ŷ and u prediction and error (of several outputs with their numbers), p others.
const namesOf = (gates, { predictions, errors }) => {
  const taken = leavesFrom(gates).map(gd.nameOf);
  if (["e", "u", "p"].some((one) => taken.includes(one))) return new Map(gates.map((gate, at) => [gate, `g_${at + 1}`]));
  const numbered = (trees, letter) => trees.map((tree, at) => [tree, trees.length > 1 ? `${letter}_${at + 1}` : letter]);
  const known = new Map([...numbered(errors, "u"), ...numbered(predictions, "hat y"), [gates.at(-1), "e"]]);
  const others = gates.filter((gate) => !known.has(gate));
  others.forEach((gate, at) => known.set(gate, others.length === 1 ? "p" : `p_${at + 1}`));
  return known;
};
const leavesFrom = (gates) => leavesOf(gates.at(-1));

// The circuit of a loss: its gates, each with what goes into it and the derivatives by that, over the names beside it.
const circuitOf = (sample) => {
  const gates = operationsOf(sample.loss);
  const called = namesOf(gates, sample);
  const depends = new Set(sample.weights);
  const isGate = (tree) => tree.args.length > 0;
  const beside = (tree) => isGate(tree) ? name("g", tree.id) : tree;
  const depth = new Map();
  const made = gates.map((tree) => {
    const inputs = [...new Set(tree.args.filter((one) => isGate(one) || one.op === "name"))];
    depth.set(tree, 1 + Math.max(0, ...tree.args.map((one) => depth.get(one) ?? 0)));
    if (tree.args.some((one) => depends.has(one))) depends.add(tree);
    const over = call(tree.op, ...tree.args.map(beside));
    const locals = slopes.local(over);
    const ways = inputs.filter((one) => depends.has(one)).map((input) =>
      ({ input, slope: slopes.sum(...locals.filter((_, at) => tree.args[at] === input)) }));
    return { tree, inputs, over, ways, depth: depth.get(tree) };
  });
  const byId = new Map(gates.map((tree) => [tree.id, tree]));
  const nameOf = (tree) => called.get(tree.kind === "g" ? byId.get(tree.at) : tree) ?? gd.nameOf(tree);
  const valueFrom = (values) => (leaf) => values.get(leaf.kind === "g" ? byId.get(leaf.at) : leaf);
  return { gates: made, leaves: leavesOf(sample.loss), weights: sample.weights, depends, nameOf, valueFrom };
};

// Every way from the loss to a tree, each as the steps from a gate to what goes into it. Their number may double with every
// gate; nobody reads more than a hundred.
const waysTo = (gates, target) => {
  const found = [];
  for (const gate of gates.filter(({ ways }) => ways.some(({ input }) => input === target))) {
    const before = gate === gates.at(-1) ? [[]] : waysTo(gates, gate.tree);
    for (const way of before) {
      found.push([...way, { gate, input: target, slope: gate.ways.find(({ input }) => input === target).slope }]);
      if (found.length > 100) return found;
    }
  }
  return found;
};

// Forward values, local derivatives and backward values, by names such as `g3`, `dg3/dg2` and `de/dg3`.
const idsOf = ({ gates }) => {
  const place = new Map(gates.map(({ tree }, at) => [tree, `g${at + 1}`]));
  const id = (tree) => place.get(tree) ?? gd.nameOf(tree);
  return { id, local: (gate, input) => `d${id(gate)}/d${id(input)}`, back: (tree) => `de/d${id(tree)}` };
};
const valuesOf = (circuit, ids, valueOf) => {
  const [found, values, back] = [new Map(), new Map(), new Map()];
  for (const leaf of circuit.leaves) {
    values.set(leaf, valueOf(leaf));
    found.set(ids.id(leaf), values.get(leaf));
  }
  const known = circuit.valueFrom(values);
  for (const { tree, over, ways } of circuit.gates) {
    values.set(tree, trees.evaluate(over, known));
    found.set(ids.id(tree), values.get(tree));
    for (const { input, slope } of ways) found.set(ids.local(tree, input), trees.evaluate(slope, known));
  }
  for (const { tree, ways } of [...circuit.gates].reverse()) {
    const arrived = back.get(tree) ?? 1;
    back.set(tree, arrived);
    for (const { input } of ways) {
      const share = arrived * found.get(ids.local(tree, input));
      back.set(input, back.has(input) ? back.get(input) + share : share);
    }
  }
  for (const [tree, value] of back) found.set(ids.back(tree), value);
  return found;
};

const plainOf = (text) => text.replace("hat y", "ŷ").replace(/_(\d+)/, (_, digits) => [...digits].map((one) => "₀₁₂₃₄₅₆₇₈₉"[one]).join(""));
const SIGNS = { add: " + ", sub: " − ", mul: "·", div: "/" };
// What a gate computes, as text.
const textOf = ({ op, args }, plain) => {
  const numberText = (value) => value < 0 ? `(${gd.show(value)})` : gd.show(value);
  const all = args.map((one) => one.op === "number" ? numberText(one.value) : gd.functions[one.op] && !one.args.length ? gd.functions[one.op].notation : plain(one));
  if (SIGNS[op]) return all.join(SIGNS[op]);
  if (op === "square") return `${all[0]}²`;
  if (op === "power") return `${all[0]}^${all[1]}`;
  if (op === "neg") return `−${all[0]}`;
  if (COMPARED[op]) return `if(${all[0]} ${COMPARED[op]} ${all[1]}, ${all[2]}, ${all[3]})`;
  const { notation } = gd.functions[op];
  return typeof notation === "string" ? `${notation}(${all.join(", ")})` : notation.length === 2 ? notation[0] + all[0] + notation[1]
    : notation.length ? all.join(` ${notation[0]} `) : `√(${all[0]})`;
};

// The level and line of each box: gates by their depth, what goes in one level before it is used.
const layout = ({ gates, leaves }) => {
  const [next, places] = [new Map(), new Map()];
  const put = (tree, level) => {
    const at = next.get(level) ?? 0;
    next.set(level, at + 1);
    places.set(tree, [MARGIN + level * (WIDE + GAP), MARGIN + at * LINE]);
  };
  for (const { tree, depth } of gates) put(tree, depth);
  for (const leaf of leaves) put(leaf, Math.min(...gates.filter(({ inputs }) => inputs.includes(leaf)).map(({ depth }) => depth)) - 1);
  return places;
};
const pictureOf = (circuit, ids, places, plain) => {
  const at = layout(circuit);
  const ends = [0, 1].map((axis) => Math.max(...[...at.values()].map((place) => place[axis])));
  const [width, height] = [ends[0] + WIDE + MARGIN, ends[1] + TALL + MARGIN + 22];
  // Text that is much smaller or larger than the page's reads badly.
  const svg = svgElement("svg", { class: "circuit", style: `min-width:${width * 0.85}px;max-width:${width * 1.2}px`, viewBox: `0 0 ${width} ${height}`,
    role: "img", "aria-label": "The gates from what goes in to the loss; the table below has the same numbers" });
  const text = (className, x, y, ...parts) => {
    const one = svgElement("text", { class: className, x, y });
    one.append(...parts);
    return one;
  };
  const number = (className, x, y, id) => places.svg("text", id, { class: className, x, y });
  const edge = ({ tree, ways }, input) => {
    const [from, to] = [at.get(input), at.get(tree)];
    const isBelow = from[1] > to[1];
    // What is on the gate's own line goes in in the middle, what is below a little lower.
    const [x1, y1, x2, y2] = [from[0] + WIDE, from[1] + TALL / 2, to[0], to[1] + TALL / 2 + (isBelow ? 14 : 0)];
    const middle = (x1 + x2) / 2;
    const isWay = ways.some((way) => way.input === input);
    svg.append(svgElement("path", { class: isWay ? "way" : "data", d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` }),
      svgElement("path", { class: "arrow", d: `M${x2} ${y2}l-7 -4v8z` }));
    if (!isWay) return;
    // Beside its own box: lines that meet at a gate keep their labels apart.
    const [centre, low] = [x1 + GAP / 2, y1 + (isBelow ? 10 : 0)];
    svg.append(text("name", centre, low - 7, `∂${plain(tree)}/∂${plain(input)}`), number("local", centre, low + 17, ids.local(tree, input)));
  };
  const box = (tree, title) => {
    const [x, y] = at.get(tree);
    const centre = x + WIDE / 2;
    const group = svg.appendChild(svgElement("g"));
    const whole = svgElement("title");
    whole.textContent = title;
    group.append(whole, svgElement("rect", { x, y, width: WIDE, height: TALL, rx: 6 }),
      text("title", centre, y + 24, title.length > 17 ? `${title.slice(0, 16)}…` : title), number("value", centre, y + 48, ids.id(tree)));
    if (circuit.depends.has(tree)) {
      group.append(text("back", centre, y + TALL + 18, `∂e/∂${plain(tree)} = `, places.svg("tspan", ids.back(tree))));
    }
  };
  for (const gate of circuit.gates) for (const input of gate.inputs) edge(gate, input);
  for (const { tree } of circuit.gates) box(tree, `${plain(tree)} = ${textOf(tree, plain)}`);
  for (const leaf of circuit.leaves) box(leaf, plain(leaf));
  return svg;
};

// The chain rule for a weight: names, formulas, numbers, result. In pieces: a printed line may break before a sign.
const ruleOf = (circuit, ids, places, weight) => {
  const ways = waysTo(circuit.gates, weight);
  const symbol = (tree) => math.symbol(circuit.nameOf(tree));
  const partial = (tree) => math.row(math.set("mi", ["∂"]), symbol(tree));
  const slope = (gate, input) => math.set("mfrac", [partial(gate), partial(input)]);
  if (ways.length > MOST_WAYS) {
    return made("p", {}, math.inline(symbol(weight)), ` has ${ways.length > 100 ? "more than 100" : ways.length} ways to the loss; its gradient is the sum over all: `,
      places.text("b", ids.back(weight)));
  }
  const joined = (all, sign) => all.flatMap((one, at) => at ? [math.sign(sign), ...one] : one);
  const products = (factor) => joined(ways.map((way) => joined(way.map((step) => [factor(step)]), "·")), "+");
  const print = math.printer(symbol);
  const formula = ({ slope: tree }) => tree.op === "number" || tree.op === "name" ? print(tree) : math.inParentheses(print(tree));
  const next = (...parts) => [" ", math.inline(math.set("mo", ["="], { form: "infix" }), ...parts)];
  return made("p", { class: "rule" }, math.inline(slope(circuit.gates.at(-1).tree, weight), math.sign("="), ...products(({ gate, input }) => slope(gate.tree, input))),
    ...next(...products(formula)), ...next(...products(({ gate, input }) => places.math(ids.local(gate.tree, input), "p"))),
    ...next(places.math(ids.back(weight))));
};

const tableOf = (circuit, ids, places, plain) => table("The gates", ["<gate", "forward", "<local derivatives", "backward: ∂e by ∂ of it"],
  [made("tbody", {}, ...circuit.gates.map(({ tree, ways }) => line(head(`${plain(tree)} = ${textOf(tree, plain)}`), places.text("td", ids.id(tree)),
    label(...ways.flatMap(({ input }, at) => [at ? ", " : "", `∂${plain(tree)}/∂${plain(input)} = `, places.text("span", ids.local(tree, input))])),
    circuit.depends.has(tree) ? places.text("td", ids.back(tree)) : "")))]);

const contentOf = (circuit, ids, places) => {
  const count = circuit.gates.length;
  if (count > MOST_LISTED) return [made("p", {}, `There are ${count} gates, too many to show.`)];
  const plain = (tree) => plainOf(circuit.nameOf(tree));
  const rules = [element("h3", {}, "The chain rule, spelled out"), made("div", { class: "scroll", role: "region", "aria-label": "The chain rule", tabindex: "0" },
    ...circuit.weights.map((weight) => ruleOf(circuit, ids, places, weight)))];
  const all = tableOf(circuit, ids, places, plain);
  if (count > MOST_DRAWN) return [made("p", {}, `There are ${count} gates, too many for a picture; the table has them all.`), ...rules, all];
  const told = made("figcaption", {}, "In a box what it computes and its ", element("span", { class: "forward" }, "value"),
    "; on an edge how fast the right box moves with the left one; below a box ", element("span", { class: "backward" }, "how fast the loss moves with it"),
    ": what is below the box to the right, times what is on the edge.");
  const picture = made("div", { class: "scroll", role: "region", "aria-label": "The gates of model and loss", tabindex: "0" },
    pictureOf(circuit, ids, places, plain));
  return [made("figure", { class: "chart" }, picture, told), ...rules, made("details", {}, element("summary", {}, "The gates as a table"), all)];
};

gd.section("circuit", (first) => {
  const places = gd.numberPlaces();
  const circuit = circuitOf(gd.sampleOf(first));
  const ids = idsOf(circuit);
  return {
    parts: contentOf(circuit, ids, places),
    write: (run, row) => {
      const found = valuesOf(circuit, ids, gd.meaningOf(run, gd.weightsAt(run, row), gd.sampleIn(run, row)));
      places.write((id) => gd.shown(found.get(id)));
    },
  };
});
