// The arithmetic of charts.

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

const { plot } = load(["charts/plot.js"]);
const ticks = (axis, count = 5) => {
  const scale = plot.scaleOf(axis, [0, 1], count);
  return { scale, ticks: plot.ticksOf(scale, axis.logarithmic, count) };
};
const texts = (axis, count) => {
  const all = ticks(axis, count).ticks;
  return all.map((tick) => plot.tickText(tick, all, axis.logarithmic));
};

test("a linear axis ends at round numbers around its values", () => {
  assert.deepEqual(ticks({ low: 0, high: 83.4 }).ticks, [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(texts({ low: 0, high: 0.5 }), ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
  assert.deepEqual(texts({ low: -2e5, high: 0 }, 2), ["−2×10⁵", "−10⁵", "0"]);
  assert.deepEqual(ticks({ low: 3, high: 3 }).scale.domain(), [3, 4]);
});

test("a logarithmic axis has powers of ten, or fills a short one", () => {
  const long = ticks({ low: 0.03, high: 90, logarithmic: true }, 6);
  assert.deepEqual(long.scale.domain(), [0.02, 100]);
  assert.deepEqual(long.ticks, [0.1, 1, 10, 100]);
  assert.deepEqual(ticks({ low: 2.4, high: 90, logarithmic: true }, 6).ticks, [2, 5, 10, 20, 50, 100]);
  const wide = ticks({ low: 1e-9, high: 1e200, logarithmic: true }, 6);
  assert.ok(wide.ticks.length <= 7 && wide.ticks[0] >= 1e-9);
  assert.deepEqual(texts({ low: 0.01, high: 90, logarithmic: true }, 6), ["0.01", "0.1", "1", "10", "100"]);
  assert.equal(plot.tickText(1e10, [1e10], true), "10¹⁰");
});

test("an axis is logarithmic where positive values differ much, and begins at those it is told", () => {
  assert.deepEqual(plot.axisOf([0, 1, 100]), { low: 1, high: 100, logarithmic: true });
  assert.deepEqual(plot.axisOf([5, 10]), { low: 0, high: 10, logarithmic: false });
  assert.deepEqual(plot.axisOf([-1, 1000]), { low: -1, high: 1000, logarithmic: false });
  assert.deepEqual(plot.axisOf([0.001, 100], { from: [2, 100] }), { low: 2, high: 100, logarithmic: true });
  assert.deepEqual(plot.axisOf([NaN, Infinity]), { low: 0, high: 1, logarithmic: false });
});

test("thinning keeps the ends, what is extreme, and gaps", () => {
  const points = Array.from({ length: 100_000 }, (_, at) => [at, at === 4321 ? 9 : at === 77_777 ? -9 : at === 50_000 ? NaN : 1]);
  const kept = plot.thin(points, 600);
  assert.ok(kept.length < 1000, String(kept.length));
  for (const at of [0, 4321, 50_000, 77_777, 99_999]) assert.ok(kept.includes(points[at]), String(at));
  assert.deepEqual(kept, [...kept].sort((one, other) => one[0] - other[0]));
});

test("a path has gaps where there is no number", () => {
  assert.equal(plot.pathOf([[0, 1], [2, 3], [4, NaN], [5, 6]]), "M0.0 1.0L2.0 3.0M5.0 6.0");
});

test("texts that would stand on each other are moved apart, within the chart", () => {
  const places = plot.spread([10, 11, 98], 17, 0, 100);
  assert.deepEqual(places, [10, 27, 98]);
  const low = plot.spread([95, 96, 97], 17, 0, 100);
  assert.deepEqual([...low].sort((one, other) => one - other), [66, 83, 100]);
});

test("levels are round, and few", () => {
  assert.deepEqual(plot.levelsOf(0, 83), [0.5, 1, 2, 5, 10, 20, 50]);
  assert.deepEqual(plot.levelsOf(3, 8), [3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5]);
});

test("the nearest point and the height of a curve", () => {
  const points = [[0, 0], [10, 20], [20, 10]];
  assert.deepEqual(plot.nearestPoint(points, 14), [10, 20]);
  assert.deepEqual(plot.nearestPoint(points, 16), [20, 10]);
  assert.equal(plot.heightAt(points, 5), 10);
  assert.equal(plot.heightAt(points, 15), 15);
});
