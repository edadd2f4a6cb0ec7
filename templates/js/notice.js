// What there is to notice in a run, found in its numbers: sentences, each with the run that it is about. Needs no page.

const dot = (one, other) => one.reduce((sum, value, at) => sum + value * other[at], 0);
const minus = (one, other) => one.map((value, at) => value - other[at]);

// How many of the first steps turn back on the step before, by more than a right angle.
const turns = (way, most = 60) => {
  const steps = way.slice(1, most + 1).map((weights, at) => minus(weights, way[at]));
  let back = 0;
  for (let at = 1; at < steps.length; at += 1) if (dot(steps[at], steps[at - 1]) < 0) back += 1;
  return { back, of: Math.max(steps.length - 1, 0) };
};

// Where a weight goes beyond its best value and comes back: the step that goes beyond, the farthest place, and the step
// that comes back; null where it does not, or by less than a share of the distance at the start.
const overshoot = (values, best, share = 0.02) => {
  const side = Math.sign(best - values[0]);
  const beyond = values.findIndex((value) => (value - best) * side > 0);
  if (side === 0 || beyond < 0) return null;
  let back = beyond;
  let farthest = values[beyond];
  while (back < values.length && (values[back] - best) * side > 0) {
    if ((values[back] - farthest) * side > 0) farthest = values[back];
    back += 1;
  }
  const distance = Math.abs(best - values[0]);
  if (back === values.length || Math.abs(farthest - best) < share * distance) return null;
  return { beyond, back, farthest };
};

// After how many updates the correction of an average's start, 1/(1 - beta^t), is within a share of 1.
const correctionEnds = (beta, share = 0.01) => Math.ceil(Math.log(share / (1 + share)) / Math.log(beta));

// The largest learning rate at which plain gradient descent on a parabola comes nearer: 2 over its steepest curvature.
const stableLimit = ([aa, ab, bb]) => 2 / ((aa + bb) / 2 + Math.hypot((aa - bb) / 2, ab));

// The first row at which two series of numbers differ, beyond the last digits; null where they agree.
const parts = (one, other, relative = 1e-12) => {
  const rows = Math.min(one.length, other.length);
  for (let row = 0; row < rows; row += 1) {
    const [a, b] = [one[row], other[row]];
    if (Number.isFinite(a) !== Number.isFinite(b) || Math.abs(a - b) > relative * Math.max(Math.abs(a), Math.abs(b))) return row;
  }
  return null;
};

gd.notice = { turns, overshoot, correctionEnds, stableLimit, parts };
