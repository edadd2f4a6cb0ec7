// From places to values and back.

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

const { slider } = load(["slider.js"]);

test("an even slider", () => {
  const control = { range: [-10, 10], logarithmic: false };
  assert.equal(slider.valueAt(control, 0), -10);
  assert.equal(slider.valueAt(control, 500), 0);
  assert.equal(slider.valueAt(control, 1000), 10);
  assert.equal(slider.placeAt(control, 5), 750);
  assert.equal(slider.placeAt(control, 99), 1000);
});

test("a slider by factors comes back to the value that it showed", () => {
  const control = { range: [1e-7, 0.1], logarithmic: true };
  assert.equal(slider.valueAt(control, 500), 0.0001);
  for (const place of [1, 250, 333, 500, 999]) assert.ok(Math.abs(slider.placeAt(control, slider.valueAt(control, place)) - place) <= 1);
  assert.equal(slider.placeAt(control, 0), 0);
});

test("counts are whole", () => {
  const control = { range: [1, 40], logarithmic: false, whole: true };
  for (let place = 0; place <= 1000; place += 37) assert.ok(Number.isInteger(slider.valueAt(control, place)));
});
