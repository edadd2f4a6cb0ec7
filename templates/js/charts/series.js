// Series of numbers for the charts, from the columns of a run. Needs no page.

// The sums of the last `size` values before and at each place (at first, of those so far). No sum is made smaller again
// by a difference, in which a large value that has left would leave its rounding behind: a window is the end of one block
// and the beginning of the next.
const windowSums = (values, size) => {
  const sums = new Float64Array(values.length);
  let [ends, from] = [new Float64Array(size + 1), 0];
  while (from < values.length) {
    const to = Math.min(from + size, values.length);
    let beginning = 0;
    for (let at = from; at < to; at += 1) {
      beginning += values[at];
      sums[at] = beginning + (from === 0 ? 0 : ends[at - from + 1]);
    }
    const next = new Float64Array(size + 1);
    for (let at = to - 1; at >= from; at -= 1) next[at - from] = values[at] + next[at - from + 1];
    ends = next;
    from = to;
  }
  return sums;
};

// The mean of the last `size` values at each place.
const movingMean = (values, size) =>
  windowSums(values, size).map((sum, at) => sum / Math.min(at + 1, size));

// How far a weight moves per unit of gradient: over the last `size` updates the sum of its moves divided by the sum of
// the sizes of its gradients; NaN where all of these are 0. `updates` says which rows change the weight (all, if null).
const stepPerGradient = ({ before, gradient, after }, updates, size) => {
  const rows = [];
  for (let row = 0; row < before.length; row += 1) if (!updates || updates[row] === 1) rows.push(row);
  const moved = windowSums(rows.map((row) => Math.abs(before[row] - after[row])), size);
  const pulled = windowSums(rows.map((row) => Math.abs(gradient[row])), size);
  const rates = new Float64Array(before.length).fill(NaN);
  rows.forEach((row, at) => {
    const until = at + 1 < rows.length ? rows[at + 1] : before.length;
    rates.fill(pulled[at] > 0 ? moved[at] / pulled[at] : NaN, row, until);
  });
  return rates;
};

// The weights and the lowest mean loss of a quadratic surface of two weights, with its second derivatives, from six of its
// heights; null where it has no lowest point. The heights are taken at distances that suit the surface's box.
const bowlOf = (loss, [a, b], [da, db]) => {
  const at = (i, j) => loss([a + i * da, b + j * db]);
  const middle = at(0, 0);
  const [east, west, north, south] = [at(1, 0), at(-1, 0), at(0, 1), at(0, -1)];
  const aa = (east - 2 * middle + west) / (da * da);
  const bb = (north - 2 * middle + south) / (db * db);
  const ab = (at(1, 1) - east - north + middle) / (da * db);
  const [ga, gb] = [(east - west) / (2 * da), (north - south) / (2 * db)];
  const determinant = aa * bb - ab * ab;
  if (!(aa > 0 && determinant > 1e-9 * aa * bb)) return null;
  const centre = [a - (bb * ga - ab * gb) / determinant, b - (aa * gb - ab * ga) / determinant];
  return { centre, lowest: Math.max(loss(centre), 0), hessian: [aa, ab, bb] };
};

// How many times as steep a bowl is across its valley as along it.
const conditionOf = ([aa, ab, bb]) => {
  const [mean, root] = [(aa + bb) / 2, Math.hypot((aa - bb) / 2, ab)];
  return (mean + root) / (aa * bb - ab * ab) * (mean + root);
};

// The points of the ellipse on which a bowl has a mean loss: (w − c)ᵀ H (w − c) = 2 (level − lowest), a circle for
// Lᵀ (w − c) where H = L·Lᵀ.
const ellipseOf = ({ centre, lowest, hessian: [aa, ab, bb] }, level, count = 360) => {
  const radius = Math.sqrt(Math.max(2 * (level - lowest), 0));
  const first = Math.sqrt(aa);
  const [below, second] = [ab / first, Math.sqrt(bb - ab * ab / aa)];
  return Array.from({ length: count + 1 }, (_, step) => {
    const angle = step % count * 2 * Math.PI / count;
    const b = radius * Math.sin(angle) / second;
    return [centre[0] + (radius * Math.cos(angle) - below * b) / first, centre[1] + b];
  });
};

// The line y = a·x + b with the smallest sum of squares, from the means on, and its RMSE; null where x does not vary.
const leastSquares = (x, y) => {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const spread = mean(x.map((value) => (value - mx) ** 2));
  if (!(spread > 0)) return null;
  const a = mean(x.map((value, at) => (value - mx) * (y[at] - my))) / spread;
  const b = my - a * mx;
  return { weights: [a, b], rmse: Math.sqrt(mean(x.map((value, at) => (a * value + b - y[at]) ** 2))) };
};

gd.series = { windowSums, movingMean, stepPerGradient, bowlOf, conditionOf, ellipseOf, leastSquares };
