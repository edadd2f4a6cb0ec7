// What the runs have in common, for the charts: the data, what the model predicts of it, the loss over the weights; and of
// each run the series that charts show.
const { movingMean, stepPerGradient } = gd.series;
const { problem } = gd;

const asNumber = (value) => Number.isFinite(value) ? value : NaN;

// What is made of the runs, or of one of them, is made once.
const remembered = new WeakMap();
const once = (of, name, make) => {
  if (!remembered.has(of)) remembered.set(of, new Map());
  const known = remembered.get(of);
  if (!known.has(name)) known.set(name, make());
  return known.get(name);
};
const surface = () => once(gd.runs, "surface", () => engine.surface(gd.settings, gd.runs[0].name));

// The data columns, what is predicted last.
problem.samples = () => once(gd.runs, "samples", () => engine.dataOf(gd.settings));
problem.target = problem.features;
problem.outputs = problem.data.length - problem.features;
// What a model of one input predicts at x, and any model for a sample; the mean loss over the data.
problem.predict = (weights, x) => asNumber(surface().predict(weights, [[x]], 0));
problem.predictSample = (weights, sample, output = 0) => asNumber(surface().predict(weights, problem.samples(), sample, output));
problem.loss = (weights) => asNumber(surface().loss(weights));
// What the charts show for a mean loss: of the squared error its root, the RMSE.
problem.isSquared = () => gd.settings.loss === gd.program.loss ? problem.squared : gd.settings.loss === "squared";
problem.height = (loss) => problem.isSquared() ? Math.sqrt(Math.max(loss, 0)) : loss;
problem.heightName = () => problem.isSquared() ? "RMSE" : "mean loss";
// The shape of the mean loss over two weights, where it is a quadratic function of them with a lowest point.
problem.bowl = () => once(gd.runs, "bowl", () => {
  if (gd.runs.some((run) => run.partial) || !problem.quadratic || gd.settings.loss !== gd.program.loss) return null;
  const start = gd.track.start();
  const ends = gd.well().map((run) => gd.track.end(run));
  const sizes = start.map((from, at) => Math.max(...ends.map((end) => Math.abs(end[at] - from)).filter(Number.isFinite), 0) || 1);
  return gd.series.bowlOf(problem.loss, start, sizes);
});
gd.bowl = problem.bowl;
// The exact line: as the writer knows it, or through samples that were moved.
problem.exactLine = () => once(gd.runs, "exact", () => {
  if (!Object.keys(gd.settings).some(gd.movedSample)) return problem.exact;
  return problem.exact && gd.series.leastSquares(...problem.samples());
});
// Updates in an epoch.
problem.updates = () => Math.ceil(gd.samples / gd.settings.batch_size);

// The columns that carry something from row to row for an optimizer: those of its own that have a value to start with.
const statesOf = (run) => run.about.filter(({ group }, column) => group === "state" && run.value(column, 0) !== null);
// A column as numbers by row, from row 1 on; NaN where there is none. Of a very long run not every column is kept.
const numbersOf = (run, column) => run.columns[column]?.subarray(1, run.rows + 1).map(asNumber)
  ?? Float64Array.from({ length: run.rows }, (_, at) => asNumber(run.value(column, at + 1)));
const idNumbers = (run, id) => numbersOf(run, run.column.get(id));
const pointsOf = (values) => Array.from(values, (value, at) => [at + 1, value]);
const updatesOf = (run) => run.column.has("update") ? idNumbers(run, "update") : null;

gd.track = {
  // The loss of each row's sample, and the mean over the last pass.
  loss: (run) => once(run, "loss", () => pointsOf(numbersOf(run, run.loss))),
  mean: (run) => once(run, "mean", () => pointsOf(movingMean(numbersOf(run, run.loss), gd.samples))),
  column: (run, id) => once(run, id, () => pointsOf(idNumbers(run, id))),
  rate: (run, weight) => once(run, `rate ${weight}`, () => {
    const [before, gradient, after] = ["before", "gradient", "after"].map((which) => numbersOf(run, run.weights[weight][which]));
    return pointsOf(stepPerGradient({ before, gradient, after }, updatesOf(run), problem.updates()));
  }),
  // The row and the weights after it, from the start on.
  way: (run) => once(run, "way", () => d3.range(run.rows + 1).map((row) => [row, ...gd.track.weights(run, row)])),
  // The weights after a row.
  weights: (run, row) => run.weights.map(({ before, after }) => asNumber(row === 0 ? run.cell(before, 1) : run.cell(after, row))),
  end: (run) => gd.track.weights(run, run.rows),
  start: () => gd.track.weights(gd.runs[0], 0),
  // The columns that carry something from row to row for the optimizer.
  states: statesOf,
  // The RMSE of the start weights and after each epoch, in the unit of y.
  errors: (run) => once(run, "errors", () => [run.start_rmse, ...run.epochs.map((epoch) => epoch.rmse)]
    .map((rmse, epoch) => [epoch, asNumber(rmse)])),
  epochs: (run) => run.epochs.length,
  last: (run) => gd.track.errors(run).at(-1)[1],
  // The epoch in which a run came to no number, if it did.
  diverged: (run) => Number.isFinite(gd.track.last(run)) || !run.ended ? null : Math.ceil(run.ended.row / gd.samples),
};
// The runs that went well: they end no further from the data than they began; all, where none did.
gd.well = () => once(gd.runs, "well", () => {
  const well = gd.runs.filter((run) => gd.track.last(run) <= gd.track.errors(run)[0][1]);
  return well.length ? well : gd.runs;
});
