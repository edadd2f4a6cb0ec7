// Charts of lines over the places of a section, which are rows of a table or iterations of a training: what is there beside
// what should be. They follow the cursor of their section.
const { plot } = gd;
const { dotAt, uprightAt, LETTER } = gd.frame;

// An axis for values that need not reach 0.
const axisFor = (values) => {
  const span = plot.extent(values);
  if (!span) return { low: 0, high: 1 };
  const [low, high] = span;
  const room = high > low ? 0 : Math.abs(low) / 10 || 1;
  return { low: low - room, high: high + room };
};
// A line through the values at all places; what is no number is a gap.
const lineOf = ({ xs }, colour, name, values) =>
  ({ colour, name, values, points: xs.map((x, at) => [x, Number.isFinite(values[at]) ? values[at] : NaN]) });
const valuesOf = (series) => series.flatMap(({ points }) => points.map((point) => point[1]));
// A chart of lines of a section.
const chartOf = (section, series, more) => ({
  kind: "places", shape: "panel", section, series,
  x: { low: section.xs[0], high: section.xs.at(-1), counts: true, exact: true },
  y: axisFor(valuesOf(series)), ...more,
});
// The numbers of such charts.
const tableOf = (section, caption, columns) => () => ({
  caption, columns: [{ head: section.unit, values: section.xs }, ...columns.map(({ name, values }) => ({ head: name, values: values.map((value) => value ?? undefined) }))],
});
gd.places = { axisFor, valuesOf, lineOf, chartOf, tableOf };

// Where something is wrong for the first time.
const drawFirst = ({ first }, frame) => {
  if (!first || !frame.holds(first.x, frame.y.domain()[0])) return;
  const x = frame.placeX(first.x);
  const isLate = x + (first.name.length + 1) * LETTER > frame.left + frame.size[0];
  frame.inside.append("path").attr("class", "first-wrong").attr("d", `M${x} ${frame.top}v${frame.size[1]}`);
  frame.over.append("text").attr("class", "lost").attr("x", x + (isLate ? -6 : 6)).attr("y", frame.top + 13)
    .attr("text-anchor", isLate ? "end" : "start").text(first.name);
};

const clamp = (at, count) => Math.min(Math.max(at, 0), count - 1);
gd.kinds.places = {
  draw: (chart, frame) => {
    drawFirst(chart, frame);
    gd.drawLines(chart, frame);
  },
  first: ({ section }) => section.at,
  move: ({ section }, at, by) => clamp(at + by, section.xs.length),
  point: ({ section: { xs } }, frame, x) => {
    const distance = (at) => Math.abs(frame.placeX(xs[at]) - x);
    return xs.reduce((best, _, at) => distance(at) < distance(best) ? at : best, 0);
  },
  title: ({ section }, at) => `${section.unit} ${section.xs[at]}`,
  x: ({ section }, at) => section.xs[at],
  values: ({ series }, at) => series.map(({ colour, name, values }) => ({ colour, name, value: values[at] })),
  dots: ({ section, series }, at, frame) => series.map(({ colour, values }) =>
    typeof values[at] === "number" ? dotAt(frame, section.xs[at], values[at], colour) : null),
  row: ({ section }, at) => [section, at],
  chosen: ({ section }, frame) => [uprightAt(frame, section.xs[section.at])],
};
