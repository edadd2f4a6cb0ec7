// Series of numbers for the charts.

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

const { series } = load(["charts/series.js"]);
const near = (one, other, relative = 1e-9) => assert.ok(Math.abs(one - other) <= relative * Math.abs(other), `${one} ${other}`);

test("a window sums its last values and forgets large ones", () => {
  assert.deepEqual([...series.windowSums([1, 2, 4, 8, 16], 3)], [1, 3, 7, 14, 28]);
  assert.deepEqual([...series.windowSums([1e300, 1, 2, 4, 8], 3)].slice(3), [7, 14]);
  const values = Array.from({ length: 1000 }, (_, at) => Math.sin(at) * 10 ** (at % 7));
  const sums = series.windowSums(values, 29);
  for (const at of [0, 28, 29, 500, 999]) {
    const expected = values.slice(Math.max(0, at - 28), at + 1).reduce((sum, one) => sum + one, 0);
    near(sums[at], expected, 1e-9);
  }
});

test("the mean of the last values, at first of those so far", () => {
  assert.deepEqual([...series.movingMean([2, 4, 6, 8], 2)], [2, 3, 5, 7]);
});

test("plain gradient descent moves by its learning rate", () => {
  const gradient = [3, -1, 0, 5];
  const before = [1, 0.7, 0.8, 0.8];
  const after = before.map((weight, at) => weight - 0.1 * gradient[at]);
  for (const rate of series.stepPerGradient({ before, gradient, after }, null, 2)) near(rate, 0.1);
  const rates = series.stepPerGradient({ before: [1, 1, 1], gradient: [0, 0, 2], after: [1, 1, 0] }, null, 1);
  assert.deepEqual([...rates], [NaN, NaN, 0.5]);
});

test("rows that update nothing show what the last update was", () => {
  const weight = { before: [1, 1, 1, 0.5], gradient: [9, 2, 9, 4], after: [1, 0.5, 0.5, 0.1] };
  const rates = series.stepPerGradient(weight, [0, 1, 0, 1], 1);
  assert.deepEqual([...rates].map((one) => Number(one.toFixed(9))), [NaN, 0.25, 0.25, 0.1]);
});

test("the line of least squares leaves residuals that are orthogonal to it", () => {
  const [x, y] = [[1, 2, 4, 8], [3, 1, 9, 14]];
  const { weights: [a, b], rmse } = series.leastSquares(x, y);
  const off = x.map((value, at) => a * value + b - y[at]);
  near(off.reduce((sum, one) => sum + one, 0) + 1, 1);
  near(off.reduce((sum, one, at) => sum + one * x[at], 0) + 1, 1);
  near(rmse, Math.sqrt(off.reduce((sum, one) => sum + one * one, 0) / 4));
  assert.equal(series.leastSquares([1, 1], [2, 3]), null);
});

test("a bowl is found from its heights, and its ellipses have one height", () => {
  const [centre, lowest, [aa, ab, bb]] = [[2, 30], 1, [700, 30, 2]];
  const loss = ([a, b]) => lowest + (aa * (a - 2) ** 2 + 2 * ab * (a - 2) * (b - 30) + bb * (b - 30) ** 2) / 2;
  const bowl = series.bowlOf(loss, [1, 1], [1, 10]);
  bowl.centre.forEach((one, at) => near(one, centre[at], 1e-8));
  near(bowl.lowest, 1, 1e-6);
  bowl.hessian.forEach((one, at) => near(one, [aa, ab, bb][at], 1e-8));
  for (const point of series.ellipseOf(bowl, 50, 16)) near(loss(point), 50, 1e-6);
  near(series.conditionOf([8, 0, 2]), 4);
  assert.equal(series.bowlOf(([a, b]) => a * a - b * b, [0, 0], [1, 1]), null);
});
