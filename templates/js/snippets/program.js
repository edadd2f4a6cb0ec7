// What the programs of all libraries share: the samples of a run, its names, and lines that compute columns.
const { NUMPY, python, numberOf, floatOf, namesOf, listOf } = gd.python;
const { ofColumns, replaced, namesOf: namesIn } = gd.trees;

const indented = (lines, by = 4) => lines.map((line) => line && " ".repeat(by) + line);

// What a program is made from: the plan of a run, the run itself, and the words that the program has for itself.
const sourceOf = (plan, run, words) => {
  const { layout, frame } = plan;
  const names = namesOf(words);
  const column = (at) => names(layout.ids[at]);
  const above = (at) => names(`prev_${layout.ids[at]}`);
  const updated = layout.weights.map(({ after }) => after);
  const epochs = Math.ceil(run.rows / plan.samples);
  return {
    plan, run, names, formulas: ofColumns(plan).slice(), column, above, updated, epochs,
    input: (id) => names(id), data: (at) => names(plan.program.data_names[at]), all: (at) => names(`all_${plan.program.data_names[at]}`),
    place: (id) => layout.ids.indexOf(id), isBatched: frame.update >= 0, order: plan.order && listOf(Array.from(plan.order.subarray(0, epochs * plan.samples), String)),
    values: (at) => listOf(Array.from(plan.data[at], numberOf)),
    // Before the first row: what a column holds that has no start value counts as 0.
    start: (at) => numberOf(run.cell(at, 0) === -Infinity ? 0 : run.cell(at, 0)),
  };
};

// The columns that `wanted` ones come from, in their order; those that `isKnown` come from nothing.
const neededFor = ({ formulas, plan: { frame }, place, isBatched }, wanted, isKnown = () => false) => {
  const [marked, open] = [new Set(), [...wanted]];
  while (open.length) {
    const column = open.pop();
    if (marked.has(column) || isKnown(column)) continue;
    marked.add(column);
    for (const { kind, at } of namesIn(formulas[column])) {
      if (kind === "c" || kind === "p") open.push(at);
      if (kind === "d") open.push(frame.sample);
      if (kind === "o") open.push(place(isBatched ? "row" : "step"));
    }
  }
  return [...marked].sort((one, other) => one - other);
};

// The lines for columns, each from its tree; `known` gives the names of what is there already.
const linesOf = (source, columns, known = new Map()) => {
  const { formulas, column, above, input, all, place, plan: { frame, named } } = source;
  const called = ({ kind, at }) => kind === "i" ? input(at) : kind === "p" ? above(at) : kind === "d" ? `${all(at)}[int(${column(frame.sample)}) - 1]`
    : kind === "o" ? `order[int(${column(place(source.isBatched ? "row" : "step"))}) - 1]` : known.get(at) ?? column(at);
  const places = columns.flatMap((at) => namesIn(formulas[at]));
  const of = (kind) => [...new Set(places.filter((one) => one.kind === kind).map(({ at }) => at))];
  const kept = of("p").sort((one, other) => one - other);
  return {
    columns, uses: (kind, ...which) => places.some((one) => one.kind === kind && (!which.length || which.includes(one.at))),
    inputs: of("i").map((id) => `${input(id)} = np.float64(${numberOf(named.get(id))})`),
    starts: kept.map((at) => `${above(at)} = np.float64(${source.start(at)})`),
    lines: columns.map((at) => `${column(at)} = ${python(formulas[at], NUMPY, called)}`),
    keeps: kept.map((at) => `${above(at)} = ${known.get(at) ?? column(at)}`),
  };
};

// The line that prints weights in the units of the data, where a run is over scaled columns.
const endingOf = ({ plan: { units } }, weights) => {
  if (!units?.parts) return [];
  const [center, spread] = units.columns.at(-1);
  const slopes = units.parts.map((column, at) => column === null ? null : `${weights[at]} * ${spread} / ${units.columns[column][1]}`);
  const taken = units.parts.map((column, at) => column === null ? "" : ` - ${slopes[at]} * (${units.columns[column][0]})`).join("");
  return [`print("# in the units of the data:", ${slopes.map((slope, at) => slope ?? `${center} + ${spread} * ${weights[at]}${taken}`).join(", ")})`];
};

// What a program prints of each epoch in which all weights are numbers.
const printedOf = ({ layout, samples }, run) => {
  const lines = [];
  for (let row = samples; row <= run.rows; row += samples) {
    const weights = layout.weights.map((_, at) => run.cell(layout.carried + at, row));
    if (!weights.every(Number.isFinite)) break;
    lines.push([row / samples, ...weights.map(floatOf)].join(" "));
  }
  return lines;
};

gd.programs = { indented, sourceOf, neededFor, linesOf, endingOf, printedOf };
gd.snippets = [];
