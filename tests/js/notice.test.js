// What there is to notice.

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

const { notice } = load(["notice.js"]);

test("steps that turn back are counted", () => {
  assert.deepEqual(notice.turns([[0, 0], [1, 0], [0, 0.1], [1, 0.2], [2, 0.3]]), { back: 2, of: 3 });
  assert.deepEqual(notice.turns([[0], [1], [2]]), { back: 0, of: 1 });
  assert.deepEqual(notice.turns([[0]]), { back: 0, of: 0 });
});

test("a weight that goes beyond its best value and comes back has overshot", () => {
  assert.deepEqual(notice.overshoot([0, 5, 12, 14, 9, 10], 10), { beyond: 2, back: 4, farthest: 14 });
  assert.deepEqual(notice.overshoot([20, 9, 8, 11], 10), { beyond: 1, back: 3, farthest: 8 });
  assert.equal(notice.overshoot([0, 5, 9], 10), null);
  assert.equal(notice.overshoot([0, 11, 12], 10), null, "it does not come back");
  assert.equal(notice.overshoot([0, 10.1, 9.9], 10), null, "by next to nothing");
});

test("the correction of Adam ends when its factor is within a hundredth of 1", () => {
  for (const beta of [0.5, 0.9, 0.999]) {
    const t = notice.correctionEnds(beta);
    assert.ok(1 / (1 - beta ** t) <= 1.01 && 1 / (1 - beta ** (t - 1)) > 1.01, `${beta} ${t}`);
  }
});

test("where two series part", () => {
  assert.equal(notice.parts([1, 2, 3], [1, 2, 3.1]), 2);
  assert.equal(notice.parts([1, 2, 0.1 + 0.2], [1, 2, 0.3]), null, "but for the last digit");
  assert.equal(notice.parts([1, NaN], [1, 4]), 1);
  assert.equal(notice.parts([NaN], [NaN]), null);
});

test("beyond the stable limit gradient descent on a parabola goes away", () => {
  const [aa, ab, bb] = [6, 1, 2];
  const limit = notice.stableLimit([aa, ab, bb]);
  const after = (lr) => {
    let [a, b] = [1, 1];
    for (let step = 0; step < 200; step += 1) [a, b] = [a - lr * (aa * a + ab * b), b - lr * (ab * a + bb * b)];
    return Math.hypot(a, b);
  };
  assert.ok(after(limit * 0.99) < 1 && after(limit * 1.01) > 1);
});
