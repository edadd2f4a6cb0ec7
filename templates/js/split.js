// What made a step: how much of it is the gradient of this step, how much what the optimizer remembers, how much its
// scaling, how much decay. With the learning rate lr, the gradient g that the optimizer gets, and the average m that the
// update has in its place:
//
// - gradient: -lr*g, the step of plain gradient descent
// - momentum: -lr*(m - g)
// - decay: the step less what the same formula gives where the decay is 0
// - scaling: what is left; without scaling that is the momentum, also where the memory is a sum and no average
//
// The parts add up to the step because the last one is what is left.
const { trees, math } = gd;
const { made } = gd.build;
const { name, number } = trees;

// The averages that may stand in the gradient's place, the first that an update uses; what makes weights decay.
const AVERAGES = ["v_ahead", "v_corrected", "v"];
const DECAYS = ["decay", "weight_decay"];

// The parts of the step of a weight, as trees over the run's columns, by their names.
const splitOf = ({ plan, column, weights }, weight) => {
  const formulas = trees.ofColumns(plan);
  const { frame, layout } = plan;
  const { name: w, before, after } = weights[weight];
  const isBatched = frame.update >= 0;
  const update = isBatched ? formulas[after].args[2] : formulas[after];
  const places = (stems) => stems.map((stem) => column.get(`${stem}_${w}`)).filter((at) => at !== undefined);
  const uses = (tree, at) => trees.has(tree, (one) => one === name("c", at) || one === name("p", at));
  const here = (at) => name("c", at);
  const less = (...all) => all.reduce((left, one) => trees.call("sub", left, one));
  const atEnds = (tree) => isBatched ? trees.call("ifEqual", here(frame.update), number(1), tree, number(0)) : tree;

  const decayed = column.get(`decayed_${w}`);
  const steady = trees.replaced(update, (one) => one.kind === "i" && DECAYS.includes(one.at) ? number(0)
    : decayed !== undefined && one === here(decayed) ? here(before) : null);
  const step = less(here(after), here(before));
  const parts = [];
  if (steady !== update) parts.push({ id: "decay", what: "decay of the weight", tree: atEnds(less(update, steady)) });

  const rate = column.has("lr_t") ? here(column.get("lr_t")) : plan.named.has("lr") ? name("i", "lr") : null;
  const isState = (at) => at >= layout.own && at < layout.updated;
  const average = places(AVERAGES).find((at) => uses(update, at));
  const states = formulas.map((_, at) => at).filter((at) => isState(at) && uses(update, at));
  const isScaled = states.some((at) => !places(AVERAGES).includes(at) && at !== decayed);
  const g = here(plan.given[weight]);
  const scaled = (tree) => atEnds(trees.call("neg", trees.call("mul", rate, tree)));
  if (rate) parts.push({ id: "gradient", what: "gradient", tree: scaled(g), of: "g" });
  if (average !== undefined && isScaled && rate) parts.push({ id: "momentum", what: "momentum", tree: scaled(less(here(average), g)), of: "m − g" });

  // Whether something is divided by what the optimizer remembers, in the update or in a column that it uses.
  const remembers = (tree) => trees.has(tree, (one) => (one.kind === "c" || one.kind === "p") && isState(one.at));
  const divides = (tree) => trees.has(tree, (one) => one.op === "div" && remembers(one.args[1]));
  const isFunction = (one) => gd.functions[one.op] !== undefined;
  const own = (tree) => trees.replaced(tree, (one) => one.kind === "c" && isState(one.at) ? isBatched ? formulas[one.at].args[2] : formulas[one.at] : null);
  const rest = !isScaled && average !== undefined ? ["momentum", "what else the memory adds"]
    : isScaled && divides(own(update)) ? ["adaptive scaling", "what is left"]
      : isScaled || (rate && trees.has(update, isFunction)) ? ["the rest of the rule", ""]
        : rate ? null : ["the rule", ""];
  if (rest) parts.push({ id: "rest", what: rest[0], more: rest[1], tree: less(step, ...parts.map(({ tree }) => tree)) });
  // The decay is told last.
  parts.sort((one, other) => (one.id === "decay") - (other.id === "decay"));
  return { w, step, parts, rate, average: isScaled ? average : undefined };
};

// A bar from the middle to the left or right, as wide as the number is among those of its group.
const barOf = (places, id, group) => {
  const svg = svgElement("svg", { class: "bar", viewBox: "0 0 200 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  const bar = svgElement("rect", { y: 1, height: 8, "data-bar": id });
  svg.append(bar, svgElement("path", { d: "M100 0V10", "vector-effect": "non-scaling-stroke" }));
  places.also((find) => {
    const size = (one) => Number.isFinite(find(one)) ? find(one) : 0;
    const largest = Math.max(...group.map((one) => Math.abs(size(one))));
    const wide = largest > 0 ? size(id) / largest * 100 : 0;
    bar.setAttribute("class", wide < 0 ? "minus" : "plus");
    bar.setAttribute("x", Math.min(100, 100 + wide));
    bar.setAttribute("width", Math.abs(wide));
  });
  return svg;
};

const ofWeight = (run, places, { w, parts, rate, average }) => {
  const id = (part) => `:${part}_${w}`;
  const group = [...parts.map((part) => id(part.id)), id("step")];
  const symbols = gd.symbolsOf(run);
  const rateSymbol = () => math.symbol(rate.kind === "i" ? symbols.input(rate.at).symbol : symbols.column(rate.at));
  const mi = (text) => math.set("mi", [text]);
  const formula = (of) => math.inline(math.sign("−"), rateSymbol(), math.sign("·"),
    ...of === "g" ? [mi("g")] : [math.sign("("), mi("m"), math.sign("−"), mi("g"), math.sign(")")]);
  const line = (part, what, more, kind) => made("tr", kind, made("th", { scope: "row" }, what, more ? ": " : "", more),
    made("td", { class: "bars" }, barOf(places, part, group)), places.cell(part, "s"));
  const said = parts.flatMap((part, at) => [at ? ", " : "", places.text("b", id(part.id), "s"), ` by ${part.what}`]);
  const m = average === undefined ? [] : [" Here ", math.inline(mi("m"), math.sign("="), math.symbol(symbols.column(average))), " = ",
    places.text("b", run.ids[average]), "."];
  return made("div", { class: "split" },
    made("p", {}, `${run.title} moved `, math.inline(math.symbol(w)), " by ", places.text("b", id("step"), "s"), ": ", ...said, ".", ...m),
    made("table", {}, ...parts.map((part) => line(id(part.id), part.what, part.of ? formula(part.of) : part.more ?? "", {})),
      line(id("step"), "together", "the step", { class: "sum" })));
};

gd.section("split", (first) => {
  const places = gd.numberPlaces();
  const splits = first.weights.map((_, weight) => splitOf(first, weight));
  const parts = splits.map((split) => ofWeight(first, places, split));
  const all = new Map(splits.flatMap((split) => [[`:step_${split.w}`, split.step], ...split.parts.map(({ id, tree }) => [`:${id}_${split.w}`, tree])]));
  return {
    parts,
    write: (run, row) => {
      const done = new Map();
      const valueOf = ({ kind, at }) => kind === "i" ? run.inputs.get(at) ?? NaN : run.cell(at, kind === "p" ? row - 1 : row);
      places.write((id) => gd.shown(all.has(id) ? trees.evaluate(all.get(id), valueOf, done) : run.cell(run.column.get(id), row)));
    },
  };
});
