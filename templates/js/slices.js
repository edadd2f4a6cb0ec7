// A function along one of its names: the values about a point, and the axes that suit them. Needs no page.

const PLACES = 240;
// How far from 0 a value may be moved and is drawn: to a round number, twice as far as it is, or to 3.
const reachOf = (value) => {
  const wanted = 2 * Math.abs(value);
  if (!(wanted > 3)) return 3;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 3, 5, 10].map((mark) => mark * power).find((reach) => reach >= wanted) ?? wanted;
};
// Points of `of`, a function of all values, where the one at a place goes from low to high; NaN where it has no value.
const sliceOf = (of, point, place, [low, high]) => Array.from({ length: PLACES + 1 }, (_, step) => {
  const x = low + (high - low) * step / PLACES;
  const value = of(point.map((one, at) => at === place ? x : one));
  return [x, Number.isFinite(value) ? value : NaN];
});
// The height that shows most of a curve: a pole would leave nothing to be seen of the rest.
const heightOf = (points, here) => {
  const sorted = points.map((point) => point[1]).filter(Number.isFinite).sort((one, other) => one - other);
  if (!sorted.length) return { low: 0, high: 1 };
  const share = (part) => sorted[Math.round(part * (sorted.length - 1))];
  const room = 1.5 * (share(0.9) - share(0.1));
  const ends = [Math.max(sorted[0], share(0.1) - room), Math.min(sorted.at(-1), share(0.9) + room), ...Number.isFinite(here) ? [here] : []];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return high > low ? { low, high } : { low: low - 1, high: high + 1 };
};
// The points with a gap where a curve leaves at one end and comes back at the other.
const withGaps = (points, { low, high }) => points.flatMap((point, at) => {
  const before = at > 0 ? points[at - 1][1] : NaN;
  const jumps = before > high && point[1] < low || before < low && point[1] > high;
  return jumps ? [[point[0], NaN], point] : [point];
});
// (g(x + h) − g(x − h))/2h, with the h of the engine.
const WIDTH = 6.055454452393343e-6;
const centralOf = (of, point, place) => {
  const width = WIDTH * Math.max(Math.abs(point[place]), 1);
  const [left, right] = [point[place] - width, point[place] + width];
  const [below, above] = [left, right].map((x) => of(point.map((one, at) => at === place ? x : one)));
  if (!Number.isFinite(below)) return below;
  return Number.isFinite(above) ? (above - below) / (right - left) : above;
};
gd.slices = { reachOf, sliceOf, heightOf, withGaps, centralOf };
