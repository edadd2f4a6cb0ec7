// What the runs have in common, for the charts: the data, what the model predicts of it, the loss over the weights; and of
// each run the series that charts show.
const { movingMean, stepPerGradient } = gd.series;
const { problem } = gd;
const samples = () => problem.samples[0].length;
const target = problem.data.length - 1;

const asNumber = (value) => typeof value === "number" ? value : NaN;
// What names mean for weights and a sample; the loss may have parameters, which are inputs.
const finder = (weights, data) => {
  const known = new Map(problem.weights.map((name, index) => [name, weights[index]]));
  problem.data.forEach((name, index) => known.set(name, data(index)));
  return (name) => known.get(name) ?? gd.runs[0].input.get(name) ?? "#NUM!";
};

// What a model of one input predicts at x, and any model for a sample.
problem.predict = (weights, x) => asNumber(gd.evaluate(gd.parts.prediction, finder(weights, () => x)));
problem.predictSample = (weights, sample) =>
  asNumber(gd.evaluate(gd.parts.prediction, finder(weights, (index) => problem.samples[index][sample])));
// The mean loss over the data.
problem.loss = (weights) => {
  let sum = 0;
  for (let sample = 0; sample < samples(); sample += 1) {
    sum += asNumber(gd.evaluate(problem.sample_loss, finder(weights, (index) => problem.samples[index][sample])));
  }
  return sum / samples();
};
// What the charts show for a mean loss: of the squared error its root, the RMSE.
problem.height = (loss) => problem.squared ? Math.sqrt(Math.max(loss, 0)) : loss;
problem.heightName = problem.squared ? "RMSE" : "mean loss";
problem.target = target;

// The rows of a run whose numbers are here.
const rowsOf = (run) => run.rowNumbers ??= run.ranges.flatMap(({ first, last }) => d3.range(first, last + 1));
// A column as numbers by row, from row 1 on; NaN where there is none.
const numbersOf = (run, column) => {
  const numbers = new Float64Array(run.rows).fill(NaN);
  for (const row of rowsOf(run)) numbers[row - 1] = asNumber(gd.value(run, column, row));
  return numbers;
};
// What is made of a run's columns is made once.
const remembered = new WeakMap();
const once = (run, name, make) => {
  if (!remembered.has(run)) remembered.set(run, new Map());
  const known = remembered.get(run);
  if (!known.has(name)) known.set(name, make());
  return known.get(name);
};
const idColumn = (run, id) => run.column.get(id);
const pointsOf = (values) => Array.from(values, (value, at) => [at + 1, value]);

gd.track = {
  // The loss of each row's sample, and the mean over the last pass.
  loss: (run) => once(run, "loss", () => pointsOf(numbersOf(run, idColumn(run, run.kept.loss)))),
  mean: (run) => once(run, "mean", () => pointsOf(movingMean(numbersOf(run, idColumn(run, run.kept.loss)), gd.samples))),
  column: (run, id) => once(run, id, () => pointsOf(numbersOf(run, idColumn(run, id)))),
  rate: (run, weight) => once(run, `rate ${weight}`, () => {
    const [before, gradient, after] = run.parts.weights[weight].map((column) => numbersOf(run, column));
    const updates = run.kept.update ? numbersOf(run, idColumn(run, run.kept.update)) : null;
    return pointsOf(stepPerGradient({ before, gradient, after }, updates, problem.updates));
  }),
  // The row and the weights after it, from the start on.
  way: (run) => once(run, "way", () => [0, ...rowsOf(run)].map((row) => [row, ...gd.track.weights(run, row)])),
  // The weights after a row.
  weights: (run, row) => run.parts.weights.map(([before, , after]) =>
    asNumber(row === 0 ? gd.value(run, before, 1) : gd.value(run, after, row))),
  end: (run) => gd.track.weights(run, run.rows),
  start: () => gd.track.weights(gd.runs[0], 0),
  // The RMSE of the start weights and after each epoch, in the unit of y.
  errors: (run) => run.kept.errors.map((value, epoch) => [epoch, value ?? NaN]),
  epochs: (run) => run.kept.errors.length - 1,
};
// The runs that went well: they end no worse than they began.
gd.well = () => {
  const well = gd.runs.filter((run) => !run.kept.warned);
  return well.length ? well : gd.runs;
};
