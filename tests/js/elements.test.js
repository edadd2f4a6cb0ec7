// How numbers are shown.

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

const gd = load(["elements.js"]);

test("what stands behind the point of a number is all of it", () => {
  const parts = (value) => gd.atPoint(gd.show(value));
  assert.deepEqual(parts(12.5), ["12", ".5"]);
  assert.deepEqual(parts(12), ["12", ""]);
  assert.deepEqual(parts(1e-5), ["1", "·10⁻⁵"]);
  assert.deepEqual(parts(-1.5e-5), ["−1", ".5·10⁻⁵"]);
});
