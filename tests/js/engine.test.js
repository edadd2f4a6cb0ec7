// The engine of a page, as far as it needs no formulas: arithmetic with errors, orders, sums, settings.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");

const read = (name) => fs.readFileSync(path.join(__dirname, "../../templates/js", `${name}.js`), "utf8");
const NAMES = ["arithmetic", "random", "layout", "summary", "trace", "settings", "engine"];
const given = ["ok", "add", "sub", "mul", "div", "neg", "square", "power", "modulo", "ifLess", "at", "sumOver", "normOver",
  "total", "mean", "watchOf", "inOwnUnits", "wide", "compute", "lookUp", "rowZero", "finish"];
const gd = {};
const of = new Function("gd", `"use strict";\n${NAMES.map(read).join("")}\nreturn { ${given.join(", ")} };`)(gd);
const [NUM, DIV] = [NaN, Infinity];

test("an operation without a number has an error, and errors go on, the first one", () => {
  assert.equal(of.add(1e308, 1e308), NUM);
  assert.equal(of.div(1, 0), DIV);
  assert.equal(of.div(0, 0), DIV);
  assert.equal(of.div(NUM, 0), NUM);
  assert.equal(of.div(1, DIV), DIV);
  assert.equal(of.sub(DIV, DIV), DIV);
  assert.equal(of.mul(0, DIV), DIV);
  assert.equal(of.add(NUM, DIV), NUM);
  assert.equal(of.add(DIV, NUM), DIV);
  assert.equal(of.neg(DIV), DIV);
  assert.equal(of.ifLess(1, DIV, 2, 3), DIV);
  assert.equal(of.ifLess(1, 2, 2, DIV), 2);
});

test("powers and remainders are a spreadsheet's", () => {
  assert.equal(of.power(0, 0), NUM);
  assert.equal(of.power(0, -1), DIV);
  assert.equal(of.power(NUM, 0), NUM);
  assert.equal(of.power(-8, 1 / 3), NUM);
  assert.equal(of.power(1.1, 2), 1.1 * 1.1);
  assert.equal(of.modulo(-1, 29), 28);
  assert.equal(of.modulo(1, -29), -28);
  assert.equal(of.modulo(1, 0), DIV);
  assert.equal(of.at([5, 6], 2), 6);
  assert.equal(of.at([5, 6], 3), NUM);
});

test("sums go from the first to the last, and keep what plain addition loses where the engine's do", () => {
  assert.equal(of.sumOver(3, (i) => [0.1, 0.2, 0.3][i]), 0.1 + 0.2 + 0.3);
  assert.equal(of.normOver(2, (i) => [3, 4][i]), 5);
  assert.equal(of.total([1, 1e100, 1, -1e100]), 2);
  assert.equal(of.total([1, DIV, NUM]), DIV);
  assert.equal(of.mean([1, 2, 6]), 3);
});

test("the upper and lower half of a product are exact", () => {
  for (const [a, b] of [[0xffffffff, 0xffffffff], [0x12345678, 0x9abcdef0], [1, 2 ** 31], [0, 5]]) {
    const product = BigInt(a) * BigInt(b);
    assert.deepEqual(of.wide(a, b).map(BigInt), [product >> 32n, product & 0xffffffffn]);
  }
});

test("each epoch sees all samples, in an order of its own", () => {
  const order = [...gd.orderOf("7", 29, 3)];
  const epochs = [0, 1, 2].map((epoch) => order.slice(29 * epoch, 29 * (epoch + 1)));
  for (const epoch of epochs) {
    assert.deepEqual([...epoch].sort((one, other) => one - other), Array.from({ length: 29 }, (_, at) => at + 1));
  }
  assert.notDeepEqual(epochs[0], epochs[1]);
  assert.deepEqual([...gd.orderOf("7", 29, 1)], epochs[0]);
  assert.deepEqual([...gd.orderOf("7", 1, 2)], [1, 1]);
});

test("a run ends after so many epochs without a better number", () => {
  const until = { printed: null, patience: 2, measure: "rmse", needs_predictions_before: false };
  const after = (errors) => {
    const watch = of.watchOf(until, { epoch: 0, rmse: errors[0] });
    return errors.slice(1).findIndex((rmse, at) => watch({ epoch: at + 1, rmse }) !== null) + 1;
  };
  assert.equal(after([5, 4, 4, 3, 3.5, 3.1, 1]), 5);
  assert.equal(after([5, 6, NaN, 1]), 2);
  assert.equal(after([5, 6, 4, 3]), 0);
});

test("an epoch of scaled columns is told in the units of the data", () => {
  const units = { columns: [[10, 2], [100, 8]], parts: [0, null] };
  const epoch = of.inOwnUnits(units, { epoch: 1, weights: [0.5, 0.25], rmse: 1, online_rmse: 2, root_of_sum: 3 });
  // slope 0.5 * 8 / 2, intercept 100 + 8 * 0.25 - slope * 10
  assert.deepEqual([...epoch.weights], [2, 82]);
  assert.deepEqual([epoch.rmse, epoch.online_rmse, epoch.root_of_sum], [8, 16, 24]);
});

// What there is to set in a page of two optimizers.
const hyper = (id, range, value) => ({ id, range, value, symbol: id, meaning: id });
const program = { samples: 29, epochs: 10, batch_size: 1, loss: "squared", weights: ["a"], start: [1], shown: ["sgd"], frames: [{}] };
const frames = { squared: [0, null] };
const optimizers = new Map([
  ["sgd", { name: "sgd", hyper: [hyper("lr", "(0, inf)", 0.1)], frames }],
  ["adam keras", { name: "adam keras", hyper: [hyper("lr", "(0, inf)", 0.001), hyper("beta1", "[0, 1)", 0.9)], frames }],
]);
const state = { epochs: 10, batch_size: 1, loss: "squared", "start.a": 1, optimizers: ["sgd", "adam keras"] };
const changed = (changes) => gd.changed(program, optimizers, state, changes);

test("a name by itself sets all optimizers that have it", () => {
  const next = changed({ lr: "0.3", "adam:keras.beta1": 0.5 });
  assert.deepEqual([next["sgd.lr"], next["adam keras.lr"], next["adam keras.beta1"]], [0.3, 0.3, 0.5]);
  assert.deepEqual(changed({ optimizers: "adam:keras" }).optimizers, ["adam keras"]);
  assert.deepEqual(changed({ lr: 0.2, optimizers: "sgd" })["adam keras.lr"], undefined);
});

test("what cannot be set is said, and nothing is changed", () => {
  const said = [
    [{ lr: 0 }, "lr is 0; it must be in (0, inf)"],
    [{ "adam keras.beta1": 1 }, "adam keras.beta1 is 1; it must be in [0, 1)"],
    [{ "sgd.lr": "fast" }, "sgd.lr is fast, which is no number"],
    [{ epochs: 1.5 }, "epochs is 1.5: write a whole number from 1 to 36157"],
    [{ optimizers: "adan" }, "there is no optimizer adan in this page; there are sgd, adam keras"],
    [{ loss: "log" }, "there is no loss log in this page; there are squared"],
    [{ batch_size: 4 }, "sgd cannot be run on batches of 4 with the loss squared in this page"],
    [{ "start.z": 1 }, "there is no start.z that could be set"],
  ];
  for (const [changes, message] of said) assert.throws(() => changed(changes), { message });
});

// A plan of gradient descent with momentum on one weight, with columns step, x, a, error, loss, derivative, v, new a.
const planOfRows = (rows) => ({
  samples: 4, rows, data: [Float64Array.of(1, 2, -1, 3), Float64Array.of(3, 5, -2, 7)], order: null, states: [],
  frame: { update: -1, row_loss: 4, error: 3, current: 2 },
  layout: { ids: [], places: Int32Array.of(6, 7), own: 6, updated: 7, gates: 8, width: 8, carried: 7, weights: [{ before: 2, gradient: 5, after: 7 }] },
  printed: {
    start(row) { row[0] = 0; },
    columns(row, above, inputs, data, order, updated) {
      row[0] = above[0] + 1;
      const sample = (row[0] - 1) % 4;
      row[1] = data[0][sample];
      row[2] = above[updated];
      row[3] = of.sub(of.mul(row[2], row[1]), data[1][sample]);
      row[4] = of.square(row[3]);
      row[5] = of.mul(of.mul(2, row[3]), row[1]);
    },
    predictions: [(weights, inputs, data, s) => of.mul(weights[0], data[0][s])],
    loss: (weights, inputs, data, s) => of.square(of.sub(of.mul(weights[0], data[0][s]), data[1][s])),
  },
  own: {
    start(row) { row[6] = 0; },
    columns(row, above) {
      row[6] = of.add(of.mul(0.9, above[6]), of.mul(0.1, row[5]));
      row[7] = of.sub(row[2], of.mul(0.01, row[6]));
    },
  },
  inputs: new Float64Array(0), hyper: new Float64Array(0), start: Float64Array.of(1), until: null, units: null,
});

test("a very long run keeps some columns, and any number of it is computed when it is asked for", () => {
  const [long, short] = [planOfRows(400_000), planOfRows(4_000)];
  const [kept, all] = [of.finish(of.compute(long)), of.finish(of.compute(short))];
  assert.equal(kept.columns[3], null);
  assert.notEqual(kept.columns[7], null);
  assert.ok(all.columns.every(Boolean));
  assert.equal(kept.epochs.length, 100_000);
  const look = of.lookUp(long, kept);
  for (const row of [1, 1024, 1025, 3999, 2048, 2049, 7, 4000]) {
    for (let column = 0; column < 8; column += 1) assert.equal(look(column, row), all.columns[column][row]);
  }
  assert.equal(look(0, 399_999), 399_999);
});

test("a run that is still to be computed knows any row", () => {
  const plan = planOfRows(20_000);
  const all = of.finish(of.compute(plan));
  const look = of.lookUp(plan, { columns: new Array(8).fill(null), marks: [of.rowZero(plan)] });
  for (const row of [15_000, 3, 20_000, 0, 1, 14_999]) assert.equal(look(7, row), all.columns[7][row]);
});

test("the first cell without a number is told", () => {
  const plan = planOfRows(4_000);
  plan.own.columns = (row) => { row[6] = 0; row[7] = of.mul(row[2], -1e3); };
  const { ended, epochs } = of.finish(of.compute(plan));
  assert.deepEqual(ended, { row: 53, column: 4, why: "#NUM!" });
  assert.ok(Number.isNaN(epochs.at(-1).rmse));
});
