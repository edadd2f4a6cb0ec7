// What stands behind the drawings of a comparison and of derivatives.

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

const { network } = load(["network.js"]);
const { slices } = load(["slices.js"]);

// A loss of two outputs of one hidden cell, with data and weights: the loss is node 0.
const nodes = ["loss", "weight", "weight", "cell", "cell", "cell", "data"].map((kind) => ({ kind, name: kind }));
const edges = [[4, 0], [5, 0], [3, 4], [3, 5], [1, 3], [6, 3], [2, 5]];

test("each cell stands left of what is computed from it, the loss on the right", () => {
  const { corners, width, height } = network.layoutOf({ nodes, edges });
  assert.equal(corners.size, nodes.length);
  for (const [from, to] of edges) assert.ok(corners.get(from)[0] < corners.get(to)[0], `${from} and ${to}`);
  assert.ok([...corners.values()].every(([x, y]) => x >= 0 && y >= 0 && x < width && y < height));
  assert.equal(Math.max(...[...corners.values()].map(([x]) => x)), corners.get(0)[0]);
});

test("where there is not room for all, data are left out; too many cells are no picture", () => {
  const many = [...nodes, ...Array.from({ length: 40 }, () => ({ kind: "data", name: "x" }))];
  const all = [...edges, ...Array.from({ length: 40 }, (_, at) => [nodes.length + at, 3])];
  const { corners } = network.layoutOf({ nodes: many, edges: all });
  assert.ok([...corners.keys()].every((node) => many[node].kind !== "data"));
  const crowd = many.map(({ kind, name }) => ({ kind: kind === "data" ? "cell" : kind, name }));
  assert.equal(network.layoutOf({ nodes: crowd, edges: all }), null);
  assert.equal(network.layoutOf({ nodes: nodes.slice(0, 1), edges: [] }), null);
});

test("cells that refer to each other in a circle are no picture, and no end is waited for", () => {
  assert.equal(network.layoutOf({ nodes: nodes.slice(0, 3), edges: [[1, 0], [2, 1], [1, 2]] }), null);
});

test("a value is moved within round numbers about it", () => {
  assert.deepEqual([0, 1, -2, 30, 0.001, 400].map(slices.reachOf), [3, 3, 5, 100, 3, 1000]);
});

test("a pole hides nothing of the rest of a curve, and no line goes through it", () => {
  const points = slices.sliceOf(([x, a]) => a / x, [1, 2], 0, [-3, 3]);
  assert.equal(points.length, 241);
  assert.ok(Number.isNaN(points[120][1]));
  const axis = slices.heightOf(points, 2);
  assert.ok(axis.high < 40 && axis.high > 2 && axis.low < -2, JSON.stringify(axis));
  const through = slices.withGaps([[-1, -90], [1, 90], [2, 1]], { low: -10, high: 10 });
  assert.ok(Number.isNaN(through[1][1]) && through.length === 4);
  assert.deepEqual(slices.heightOf([[0, 4], [1, 4]], 4), { low: 3, high: 5 });
});

test("a central difference is that of the engine", () => {
  assert.ok(Math.abs(slices.centralOf(([x, y]) => x * x * y, [1, 2], 0) - 4) < 1e-9);
  assert.ok(Number.isNaN(slices.centralOf(([x]) => Math.log(x), [-1], 0)));
});
