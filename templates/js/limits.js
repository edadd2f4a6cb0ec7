// How large a step may be: how the mean loss curves at the weights before the chosen step, and what that says about each
// learning rate (src/trace/curvature).
const { trees, slopes, math } = gd;
const { made, column, label, head, row: line, table } = gd.build;

// A loss with more parts than this, more weights, and more second derivatives over all samples are not followed from step
// to step; so many samples the table of the Jacobian has, and formulas of so many parts.
const [LARGEST, MOST_WEIGHTS, MOST_WORK, MOST_SAMPLES, SHORT] = [400, 12, 400_000, 10, 24];
// An eigenvalue that is so much smaller than the diagonal is rounding.
const ROUNDING = 1e-13;

const secondsOf = ({ loss, weights }) => weights.map((one, at) => weights.map((other, to) => to < at ? null : slopes.by(slopes.by(loss, one), other)));
const mirrored = (matrix) => matrix.map((entries, at) => entries.map((entry, to) => to < at ? matrix[to][at] : entry));
const hessianAt = (seconds, meaning) => {
  const done = new Map();
  return mirrored(seconds.map((entries) => entries.map((tree) => tree && trees.evaluate(tree, meaning, done))));
};
// The eigenvalues of a symmetric matrix by Jacobi's method: axes are turned so that what is off the diagonal becomes 0.
const eigenvalues = (matrix) => {
  const a = matrix.map((entries) => [...entries]);
  const size = a.length;
  for (let sweep = 0; sweep < 12; sweep += 1) {
    for (let p = 0; p < size; p += 1) {
      for (let q = p + 1; q < size; q += 1) {
        if (Math.abs(a[p][q]) <= 1e-15 * (Math.abs(a[p][p]) + Math.abs(a[q][q]))) continue;
        const half = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.hypot(half, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < size; k += 1) [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        for (let k = 0; k < size; k += 1) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
      }
    }
  }
  const least = Math.min(...matrix.map((entries, at) => Math.abs(entries[at])));
  return a.map((entries, at) => Math.abs(entries[at]) <= ROUNDING * least ? 0 : entries[at]).sort((one, other) => other - one);
};
// How strongly the loss of one sample curves: where its Hessian has rank one the only eigenvalue that is not 0, otherwise
// what no eigenvalue exceeds.
const strength = (matrix) => {
  const trace = matrix.reduce((sum, entries, at) => sum + entries[at], 0);
  const norm = Math.hypot(...matrix.flat());
  return Math.abs(Math.abs(trace) - norm) <= 1e-9 * norm ? trace : norm;
};
const shapeOf = ([largest], smallest) => smallest > 0 ? "a bowl: the slope grows in every direction"
  : largest > 0 && smallest < 0 ? "a saddle: upwards in one direction, downwards in another"
    : largest > 0 ? "a trough: flat in at least one direction"
      : smallest < 0 ? "a hilltop: it curves upwards in no direction" : "flat: the slope is the same all around";
gd.curvature = { eigenvalues, strength, shapeOf };

// The learning rate of a run, its limits on the mean loss and on the steepest sample, and what is said of it.
const limitsOf = (run, largest, steepest) => {
  const { own, hyper } = run.plan;
  const lr = run.inputs.get("lr");
  if (!own.limit || lr === undefined) {
    return { lr, verdict: engine.optimizers.get(run.name).no_limit_known ? "no limit is known for this way to train" : "divides by the gradient’s size: no such limit" };
  }
  const [full, sample] = [largest, steepest].map((curvature) => own.limit(curvature, hyper));
  const verdict = largest <= 0 ? "the loss does not curve upwards here: no limit" : lr >= full ? "above both limits: expect it to diverge"
    : lr >= sample ? "too large for the steepest sample" : "below both limits: stable";
  return { lr, full, sample, verdict, isUnstable: largest > 0 && lr >= full };
};
const happened = (run) => {
  if (run.ended) return `diverged at ${gd.row_head} ${run.ended.row} (epoch ${Math.ceil(run.ended.row / gd.samples)})`;
  return gd.track.last(run) > gd.track.errors(run)[0][1] ? "moved away from the data" : "stayed finite";
};

const variable = (text) => element("var", {}, text);
const bold = (value) => element("b", {}, gd.show(gd.shown(value)));

// Rows that begin with a head each, of columns of numbers.
const rowsOf = (heads, columns) => {
  const cells = columns.map(column);
  return made("tbody", {}, ...heads.map((one, at) => line(made("th", { scope: "row" }, one), ...cells.map((all) => all[at]))));
};
const hessianTable = (matrix) => table("Hessian", ["", ...gd.program.weights.map(variable)], [rowsOf(gd.program.weights.map(variable), matrix)]);
const spectrumTable = (values) => {
  const sizes = values.map(Math.abs);
  const rows = [["largest eigenvalue", values[0], "where it curves most"], ["smallest eigenvalue", values.at(-1), "where it curves least"],
    ["condition number", Math.max(...sizes) / Math.min(...sizes), "the one by the other"]];
  const cells = column(rows.map(([, value]) => value));
  return table("Eigenvalues", null, [made("tbody", {}, ...rows.map(([what, , more], at) => line(head(what), cells[at], label(more))))]);
};
const limitsTable = (largest, steepest) => {
  const limits = gd.runs.map((run) => limitsOf(run, largest, steepest));
  const cells = ["lr", "full", "sample"].map((which) => column(limits.map((one) => one[which])));
  const rows = gd.runs.map((run, index) => {
    const { verdict, isUnstable } = limits[index];
    const one = line(head(run.name), ...cells.map((all) => all[index]), made("td", { class: isUnstable ? "label error" : "label" }, verdict),
      made("td", { class: "label ended" }, run.partial ? "" : happened(run)));
    one.classList.toggle("chosen", index === gd.state.run);
    return one;
  });
  return table("Learning rates and their limits", ["<optimizer", "lr", "full batch", "one sample", "<its lr is", "<and the run"], [made("tbody", {}, ...rows)]);
};

// The Jacobian of the residuals for the first samples, behind a click.
const jacobianOf = (run, weights, residuals, rates) => {
  const count = Math.min(gd.samples, MOST_SAMPLES);
  const print = math.printer((leaf) => math.symbol(gd.nameOf(leaf)));
  const formula = (tree) => trees.size(tree) > SHORT ? [] : [" ", math.inline(math.sign("="), print(tree))];
  const number = (output) => residuals.length > 1 ? String(output + 1) : "";
  const heads = rates.flatMap((row, output) => row.map((tree, at) =>
    made("span", {}, variable(`∂r${number(output)}/∂${gd.program.weights[at]}`), ...formula(tree))));
  const samples = Array.from({ length: count }, (_, sample) => sample);
  const columns = [...residuals, ...rates.flat()].map((tree) => samples.map((sample) => trees.evaluate(tree, gd.meaningOf(run, weights, sample))));
  const place = gd.places.curvature ? ` All samples, with the start weights, are on ${gd.places.curvature} of the workbook.` : "";
  return [made("p", {}, `How fast each residual r = ŷ − y moves with each weight.${place}`),
    table("Jacobian", ["sample", ...residuals.map((_, output) => variable(`r${number(output)}`)), ...heads], [rowsOf(samples.map((sample) => String(sample + 1)), columns)])];
};

// What is the same at every step: the second derivatives, and what is said of them.
const derivativesOf = (sample) => {
  if (trees.size(sample.loss) > LARGEST || sample.weights.length > MOST_WEIGHTS) return null;
  const seconds = secondsOf(sample);
  const work = seconds.flat().reduce((sum, tree) => sum + (tree ? trees.size(tree) : 0), 0) * gd.samples;
  if (work > MOST_WORK) return null;
  const isConstant = !seconds.flat().some((tree) => tree && trees.has(tree, (one) => one.kind === "w"));
  const isSmooth = !trees.has(sample.loss, (one) => one.op.startsWith("if") || gd.functions[one.op] !== undefined);
  const rates = sample.predictions.map((prediction) => sample.weights.map((weight) => slopes.by(prediction, weight)));
  return { seconds, residuals: sample.errors, rates, isQuadratic: isConstant && isSmooth };
};

gd.section("limits", (first) => {
  const derivatives = derivativesOf(gd.sampleOf(first));
  const tooLarge = "This model is too large for its second derivatives, or its data are too many to follow them from step to step.";
  if (!derivatives) return { parts: [made("p", {}, tooLarge)], write: () => {} };
  const { seconds, residuals, rates, isQuadratic } = derivatives;
  const [content, folded] = [element("div"), element("div")];
  const details = made("details", {}, element("summary", {}, `The Jacobian of the residuals, first ${Math.min(gd.samples, MOST_SAMPLES)} samples`), folded);
  let fill = () => {};
  details.addEventListener("toggle", () => fill());
  const isLine = gd.problem.line && gd.settings.loss === gd.program.loss;
  const [digit, letter] = ["mn", "mi"].map((kind) => (text) => math.set(kind, [text]));
  const ofLine = () => [math.sign("="), digit("1"), math.sign("/"), math.inParentheses(math.row(digit("1"), math.sign("+"), math.set("msup", [letter("x"), digit("2")])))];
  const c = () => letter("c");
  const write = (run, row) => {
    const weights = gd.weightsAt(run, row);
    const samples = Array.from({ length: gd.samples }, (_, sample) => hessianAt(seconds, gd.meaningOf(run, weights, sample)));
    const mean = mirrored(seconds.map((entries, at) => entries.map((_, to) => samples.reduce((sum, one) => sum + one[at][to], 0) / gd.samples)));
    if (!mean.flat().every(Number.isFinite)) {
      content.replaceChildren(made("p", {}, `At ${gd.row_head} ${row} the second derivatives are no numbers any more.`));
      return;
    }
    const values = eigenvalues(mean);
    const strengths = samples.map(strength);
    const steepest = strengths.reduce((best, value, at) => value > strengths[best] ? at : best, 0);
    const own = gd.sampleIn(run, row);
    content.replaceChildren(
      made("p", {}, isQuadratic ? "This loss is a parabola in its weights: it curves the same everywhere."
        : `All of it is taken at the weights before ${gd.row_head} ${row}; elsewhere the loss curves differently.`),
      made("div", { class: "curves" }, made("div", {}, element("h3", {}, "Hessian of the mean loss"), hessianTable(mean)),
        made("div", {}, element("h3", {}, "Its eigenvalues"), spectrumTable(values), made("p", {}, `It is ${shapeOf(values, values.at(-1))}.`))),
      element("h3", {}, "The largest stable learning rates"),
      made("p", {}, "For plain gradient descent on the mean loss (full batch) it is 2 by the largest eigenvalue: ", bold(2 / values[0]), ". For a step on one sample it is ",
        math.inline(digit("2"), math.sign("/"), c(), ...isLine ? ofLine() : []), " with that sample’s own curvature ", math.inline(c()),
        `: the steepest, sample ${steepest + 1}, has ${gd.show(strengths[steepest])}, so the limit is `, bold(2 / strengths[steepest]), ". The sample of the chosen step has ",
        bold(strengths[own]), ", with the limit ", bold(2 / strengths[own]), ". An optimizer with momentum has a limit of its own."),
      limitsTable(values[0], strengths[steepest]));
    fill = () => { if (details.open) folded.replaceChildren(...jacobianOf(run, weights, residual, rates)); };
    fill();
  };
  return { parts: [content, details], write };
});
