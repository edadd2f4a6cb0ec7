// What a run comes to, epoch by epoch, and when it stops early, as src/trace has it.

// The sum with Neumaier's compensation; the first term that is an error where one is.
const total = (terms) => {
  let [sum, lost] = [0, 0];
  for (let at = 0; at < terms.length; at += 1) {
    const term = terms[at];
    if (!ok(term)) return term;
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? (sum - next) + term : (term - next) + sum;
    sum = next;
  }
  return number(ok(sum) ? sum + lost : sum);
};
const mean = (terms) => {
  const sum = total(terms);
  return ok(sum) ? number(sum / terms.length) : sum;
};
const root = (value) => ok(value) ? number(Math.sqrt(value)) : value;

// The RMSE and the mean loss over all samples with these weights.
const overAll = (plan, weights) => {
  const { samples, data, inputs, printed } = plan;
  const from = data.length - printed.predictions.length;
  const squareOf = (output, s) => square(sub(printed.predictions[output](weights, inputs, data, s), data[from + output][s]));
  const [squares, losses] = [new Float64Array(samples), new Float64Array(samples)];
  for (let s = 0; s < samples; s += 1) {
    squares[s] = squareOf(0, s);
    for (let output = 1; output < printed.predictions.length; output += 1) squares[s] = add(squares[s], squareOf(output, s));
    losses[s] = printed.loss(weights, inputs, data, s);
  }
  return { rmse: root(mean(squares)), loss: mean(losses) };
};

// An epoch in the units that the data were read in, where a run is over scaled columns (src/trace/units.rs).
const inOwnUnits = (units, epoch) => {
  if (!units) return epoch;
  const [center, spread] = units.columns[units.columns.length - 1];
  const error = (value) => mul(spread, value);
  const scaled = epoch.weights;
  let { weights } = epoch;
  if (units.parts) {
    const slopes = units.parts.map((column, at) =>
      column === null ? null : div(mul(scaled[at], spread), units.columns[column][1]));
    const intercept = (weight) => units.parts.reduce((rest, column, at) =>
      column === null ? rest : sub(rest, mul(slopes[at], units.columns[column][0])), add(center, mul(spread, weight)));
    weights = Float64Array.from(scaled, (weight, at) => slopes[at] === null ? intercept(weight) : slopes[at]);
  }
  return {
    ...epoch, weights, rmse: error(epoch.rmse), online_rmse: error(epoch.online_rmse),
    root_of_sum: error(epoch.root_of_sum),
  };
};

// Follows the epochs of a run and says after which it is over: `condition` or `patience`.
const watchOf = (until, start) => {
  if (!until) return () => null;
  let [before, waited] = [start, 0];
  let best = ok(start[until.measure]) ? start[until.measure] : Infinity;
  return (now) => {
    const knows = before.epoch > 0 || !until.needs_predictions_before;
    const holds = until.printed !== null && knows && gd.printed.conditions[until.printed](now, before) === 1;
    before = now;
    const measured = now[until.measure];
    if (ok(measured) && measured < best) [best, waited] = [measured, 0];
    else waited += 1;
    if (holds) return "condition";
    return until.patience !== null && waited >= until.patience ? "patience" : null;
  };
};
