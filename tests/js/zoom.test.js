// How far a chart can be zoomed.

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

const { zoom, plot } = load(["charts/plot.js", "charts/zoom.js"]);

test("an axis is not zoomed beyond the whole, nor too close", () => {
  const axis = { low: 0, high: 100, exact: true };
  assert.deepEqual(zoom.endsOf(axis, [40, 20]), [20, 40]);
  assert.deepEqual(zoom.endsOf(axis, [-30, 50]), [0, 50]);
  assert.equal(zoom.endsOf(axis, [50, 50.001]), null);
  assert.equal(zoom.endsOf({ ...axis, counts: true }, [50, 50.5]), null);
  assert.deepEqual(zoom.endsOf({ low: 1, high: 1e6, logarithmic: true }, [0.5, 1000]), [1, 1000]);
});

test("a zoomed chart has the ends of its axes as they are", () => {
  const chart = { x: { low: 0, high: 290, counts: true, exact: true }, y: { low: 0.3, high: 80, logarithmic: true }, zoomed: { x: [10, 20], y: [2.1, 2.9] } };
  const { x, y } = zoom.shown(chart);
  assert.deepEqual(plot.scaleOf(x, [0, 1], 5).domain(), [10, 20]);
  const scale = plot.scaleOf(y, [0, 1], 5);
  assert.deepEqual(scale.domain(), [2.1, 2.9]);
  // So little of a logarithmic axis has even steps, and says them.
  const ticks = plot.ticksOf(scale, true, 5);
  assert.ok(ticks.length > 2);
  assert.equal(new Set(ticks.map((tick) => plot.tickText(tick, ticks, true))).size, ticks.length);
  assert.equal(zoom.shown({ ...chart, zoomed: null }).x, chart.x);
});
