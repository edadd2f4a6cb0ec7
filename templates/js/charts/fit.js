// The data with what the weights predict; for a model of several inputs or outputs predictions over targets.
const { plot } = gd;
const { markAt, dash, dotAt } = gd.frame;
const { problem } = gd;

const drawDots = (frame, points) => {
  const path = points.map((point) => frame.at(...point)).filter((at) => at.every(Number.isFinite)).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`);
  frame.inside.append("path").attr("class", "samples").attr("d", path.join(""));
};

const drawCurve = (frame, { colour, className, points }) => {
  const places = points.map((point) => frame.at(...point));
  if (colour === undefined) {
    frame.inside.append("path").attr("class", className).attr("d", plot.pathOf(places));
    return;
  }
  frame.inside.append("g").attr("class", `run-${colour}`).append("path").attr("class", `series dash-${dash(colour)}`).attr("d", plot.pathOf(places));
  // Marks where those of other runs are not, along a line or a curve.
  const offset = 0.03 * (colour % 8) - 0.1;
  const [from, to] = [places[0], places.at(-1)];
  const marks = [0.2, 0.5, 0.8].map((part) => part + offset).map((part) => places.length === 2
    ? [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part] : places[Math.floor((places.length - 1) * part)]);
  const seen = marks.filter((place) => frame.shows(...place));
  frame.over.append("g").attr("class", `marks run-${colour}`).append("path").attr("d", seen.map((at) => markAt(colour, at)).join(""));
};

const drawFit = (chart, frame) => {
  for (const series of chart.series) drawCurve(frame, series);
  drawDots(frame, chart.samples.map(([, x, y]) => [x, y]));
};

const drawAgainst = (chart, frame) => {
  const ends = frame.x.domain().map((end) => frame.at(end, end));
  frame.inside.append("path").attr("class", "exact").attr("d", plot.pathOf(ends));
  for (const { colour, points } of chart.series) {
    if (colour === undefined) drawDots(frame, points);
    else {
      const seen = points.filter((point) => frame.holds(...point));
      frame.over.append("g").attr("class", `marks small run-${colour}`).append("path").attr("d", seen.map((point) => markAt(colour, frame.at(...point))).join(""));
    }
  }
};

// What the weights before a row predict, as a path.
const PLACES = 80;
const predictions = (frame, run, row) => {
  const weights = run.weights.map(({ before }) => gd.value(run, before, row));
  const [low, high] = frame.x.domain();
  const count = problem.line ? 1 : PLACES;
  const xs = d3.range(count + 1).map((place) => low + (high - low) * place / count);
  return plot.pathOf(xs.map((x) => frame.at(x, problem.predict(weights, x))));
};
const ringAt = (frame, x, y) => svgElement("circle", { cx: frame.placeX(x), cy: frame.placeY(y), r: 8, class: "ring", "clip-path": frame.clip });

const sampled = {
  first: () => 0,
  // From sample to sample in the order of their places.
  order: (chart) => chart.samples.map((_, index) => index).sort((one, other) => chart.samples[one][1] - chart.samples[other][1]),
  move: (chart, at, by) => {
    const order = sampled.order(chart);
    return order[Math.min(Math.max(order.indexOf(at) + by, 0), order.length - 1)];
  },
  point: (chart, frame, x) => {
    const distance = (index) => Math.abs(frame.placeX(chart.samples[index][1]) - x);
    return chart.samples.reduce((best, _, index) => distance(index) < distance(best) ? index : best, 0);
  },
  x: (chart, at) => chart.samples[at][1],
  values: (chart, at) => chart.series.map((series) => ({ ...series, value: chart.valueOf(series, at) })),
  // The row of the chosen epoch that sees the sample.
  row: (chart, at) => {
    const run = gd.runs[gd.state.run];
    const from = Math.floor((gd.state.row - 1) / gd.samples) * gd.samples;
    for (let row = from + 1; row <= from + gd.samples; row += 1) {
      if (gd.value(run, run.sample, row) === chart.samples[at][0]) return [gd.state.run, row];
    }
    return null;
  },
};
const dotsOf = (chart, at, frame) => chart.series.map((series) => {
  const value = chart.valueOf(series, at);
  return Number.isFinite(value) ? dotAt(frame, chart.samples[at][1], value, series.colour) : null;
});
// Samples can be dragged, where they are few enough to be taken hold of. Digits beyond a pixel's would be noise.
const MOST_HANDLES = 150;
const rounded = (value, [low, high]) => Number(value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(high - low)))));
const handles = ({ samples }, frame) => samples.length > MOST_HANDLES ? [] : samples.map(([number, x, y]) => ({
  at: frame.at(x, y),
  move: (toX, toY) => gd.change({
    [`${problem.data[0]}[${number}]`]: rounded(toX, frame.x.domain()), [`${problem.data[1]}[${number}]`]: rounded(toY, frame.y.domain()),
  }),
}));
gd.kinds.fit = {
  ...sampled,
  handles,
  draw: drawFit,
  title: ({ samples, titles }, at) => `sample ${samples[at][0]}: ${titles[0]} = ${gd.show(samples[at][1])}, ${titles[1]} = ${gd.show(samples[at][2])}`,
  dots: (chart, at, frame) => [dotAt(frame, chart.samples[at][1], chart.samples[at][2]), ...dotsOf(chart, at, frame)],
  chosen: (chart, frame, run, row) => {
    const number = gd.value(run, run.sample, row);
    const sample = chart.samples.find((one) => one[0] === number);
    const line = svgElement("path", { d: predictions(frame, run, row), class: `current run-${run.colour}`, "clip-path": frame.clip });
    return sample ? [line, ringAt(frame, sample[1], sample[2])] : [line];
  },
};
const targetOf = (output) => problem.titles.data[problem.target + output];
gd.kinds.against = {
  ...sampled,
  draw: drawAgainst,
  title: ({ samples }, at) => `sample ${samples[at][0]}: ${targetOf(samples[at][3])} = ${gd.show(samples[at][1])}`,
  dots: dotsOf,
  chosen: (chart, frame, run, row) => d3.range(problem.outputs).flatMap((output) => {
    const target = problem.data[problem.target + output];
    const [y, predicted] = [target, `${target}_pred`].map((id) => gd.value(run, run.column.get(id), row));
    return [y, predicted].every((value) => typeof value === "number") ? [ringAt(frame, y, predicted)] : [];
  }),
};
