// The arithmetic of charts: what an axis covers and says, which points of a long line are drawn, where texts stand.
// Needs no page, so that it is tested without one.

// The lowest and the highest of the numbers among some values; null where there is none.
const extent = (values) => {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? null : [low, high];
};

// An axis for all values: logarithmic where it may be, none is negative and the positive ones of `from`, at which it then
// begins, differ much.
const axisOf = (all, { from = all, mayBeLogarithmic = true } = {}) => {
  const whole = extent(all);
  if (!whole) return { low: 0, high: 1, logarithmic: false };
  const [low, high] = whole;
  let least = Infinity;
  for (const value of from) if (value > 0 && value < least) least = value;
  if (mayBeLogarithmic && low >= 0 && Number.isFinite(least) && high / least > 30) {
    return { low: Math.max(least, high * 1e-30), high, logarithmic: true };
  }
  return { low: Math.min(low, 0), high: Math.max(high, 0), logarithmic: false };
};

// A scale of d3 for an axis, from the place `start` to `end`. Its ends are round unless they are counts.
const scaleOf = ({ low, high, logarithmic, exact }, [start, end], ticks) => {
  const top = high > low ? high : low + (logarithmic ? low : 1);
  const scale = (logarithmic ? d3.scaleLog() : d3.scaleLinear()).domain([low, top]).range([start, end]);
  if (!exact) {
    if (logarithmic) scale.domain([roundDown(low), roundUp(top)]); else scale.nice(ticks);
  }
  return scale;
};

// 1, 2 and 5 times a power of ten: the last one at or below a positive number, and the first one at or above.
const round = (value, fits, marks) => {
  const exponent = Math.floor(Math.log10(value));
  for (const [mark, shift] of marks) {
    const candidate = Number(`${mark}e${exponent + shift}`);
    if (fits(candidate)) return candidate;
  }
  return value;
};
const roundDown = (value) => round(value, (one) => one <= value, [[1, 1], [5, 0], [2, 0], [1, 0], [5, -1]]);
const roundUp = (value) => round(value, (one) => one >= value, [[5, -1], [1, 0], [2, 0], [5, 0], [1, 1], [2, 1]]);

// The values that are marked on an axis, about so many: on a logarithmic one 1, 2 and 5 times powers of ten, or where these
// are many the powers.
const ticksOf = (scale, logarithmic, count) => {
  if (!logarithmic) return scale.ticks(count);
  const [low, high] = scale.domain();
  const [first, last] = [Math.floor(Math.log10(low)) - 1, Math.ceil(Math.log10(high)) + 1];
  const powers = d3.range(first, last + 1).map((exponent) => Number(`1e${exponent}`));
  const isInside = (one) => one >= low * (1 - 1e-12) && one <= high * (1 + 1e-12);
  const marks = d3.range(first, last + 1).flatMap((exponent) => [1, 2, 5].map((mark) => Number(`${mark}e${exponent}`)));
  const all = marks.filter(isInside);
  // So short an axis has even steps.
  if (all.length < 3) return d3.scaleLinear().domain([low, high]).ticks(count);
  if (all.length <= count + 2) return all;
  const inside = powers.filter(isInside);
  return inside.filter((_, index) => index % Math.ceil(inside.length / count) === 0);
};

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const withPower = (tick) => {
  const [mantissa, exponent] = Number(tick.toPrecision(6)).toExponential().split("e");
  const power = `10${[...String(Number(exponent))].map((one) => RAISED[one]).join("")}`;
  if (mantissa === "1" || mantissa === "-1") return `${mantissa === "1" ? "" : "−"}${power}`;
  return `${mantissa.replace("-", "−")}×${power}`;
};
// The text at a tick of an axis.
const tickText = (tick, ticks, isLogarithmic) => {
  if (tick === 0) return "0";
  const logarithmic = isLogarithmic && !(ticks.length > 1 && ticks[1] < 1.9 * ticks[0]);
  const exponent = Math.floor(Math.log10(Math.abs(tick)) + 1e-9);
  const largest = Math.floor(Math.log10(Math.max(...ticks.map(Math.abs))) + 1e-9);
  const longest = ticks[0] < 0 ? 5 : 6;
  if (logarithmic ? exponent < -4 || exponent > 5 : largest < -4 || largest >= longest) return withPower(tick);
  const step = logarithmic ? tick : ticks.length > 1 ? ticks[1] - ticks[0] : tick;
  const decimals = Math.min(Math.max(-Math.floor(Math.log10(Math.abs(step)) + 1e-9), 0), 9);
  return tick.toFixed(decimals).replace("-", "−");
};

// At most about `most` of the points, with the highest and the lowest of each stretch, so that nothing extreme is hidden;
// a gap stays one.
const thin = (points, most) => {
  if (points.length <= most) return points;
  const stretch = Math.ceil(points.length / (most / 2));
  const kept = [points[0]];
  for (let from = 0; from < points.length; from += stretch) {
    let [lowest, highest, gap] = [-1, -1, -1];
    for (let at = from; at < Math.min(from + stretch, points.length); at += 1) {
      const value = points[at][1];
      if (!Number.isFinite(value)) gap = at;
      else {
        if (lowest < 0 || value < points[lowest][1]) lowest = at;
        if (highest < 0 || value > points[highest][1]) highest = at;
      }
    }
    const ends = [...new Set([lowest, highest, gap])].filter((at) => at > 0).sort((one, other) => one - other);
    kept.push(...ends.map((at) => points[at]));
  }
  kept.push(points[points.length - 1]);
  return kept;
};

// How far a line goes up and down in all.
const travel = (points) => {
  let sum = 0;
  for (let at = 1; at < points.length; at += 1) {
    const step = Math.abs(points[at][1] - points[at - 1][1]);
    if (Number.isFinite(step)) sum += step;
  }
  return sum;
};

// Wanted places moved as little as is needed for a gap between any two of them, between `low` and `high` as long as there
// is room.
const spread = (wanted, gap, low, high) => {
  const order = wanted.map((_, index) => index).sort((one, other) => wanted[one] - wanted[other]);
  const places = [...wanted];
  let least = low;
  for (const index of order) {
    places[index] = Math.max(places[index], least);
    least = places[index] + gap;
  }
  let most = high;
  for (const index of order.reverse()) {
    places[index] = Math.min(places[index], most);
    most = places[index] - gap;
  }
  return places;
};

// A path through places, with gaps where one is no number.
const pathOf = (places) => {
  let [path, isDown] = ["", false];
  for (const [x, y] of places) {
    const seen = Number.isFinite(x) && Number.isFinite(y);
    if (seen) path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    isDown = seen;
  }
  return path;
};

// Round heights between two to draw lines of equal height at: 1, 2 and 5 times powers of ten, or where these are few,
// even steps.
const levelsOf = (low, high, most = 9) => {
  if (low >= 0 && high / Math.max(low, high / 300) > 12) {
    const from = Math.max(low, high / 300);
    const exponents = d3.range(Math.floor(Math.log10(from)), Math.floor(Math.log10(high)) + 1);
    const marks = exponents.flatMap((exponent) => [1, 2, 5].map((mark) => Number(`${mark}e${exponent}`)));
    return marks.filter((level) => level >= from && level > low && level < high).slice(-most);
  }
  return d3.scaleLinear().domain([low, high]).ticks(8).filter((level) => level > low && level < high);
};

// The point whose first number is nearest.
const nearestPoint = (points, x) => {
  let [low, high] = [0, points.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle][0] <= x) low = middle; else high = middle;
  }
  return Math.abs(points[high][0] - x) < Math.abs(points[low][0] - x) ? points[high] : points[low];
};

// The height of a curve through points at any x.
const heightAt = (points, x) => {
  const next = Math.max(points.findIndex((point) => point[0] >= x), 1);
  const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]];
  return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
};

gd.plot = { extent, axisOf, scaleOf, ticksOf, tickText, thin, travel, spread, pathOf, levelsOf, nearestPoint, heightAt };
