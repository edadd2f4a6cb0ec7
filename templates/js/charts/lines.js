// Charts of lines over steps or epochs.
const { plot } = gd;
const { markAt, crossAt, dash, dotAt, uprightAt, LETTER } = gd.frame;

// A line that goes up and down the chart more often than this is drawn as a band.
const MOST_TRAVEL = 20;
// How many marks a line has, about, and how many where there are more than so many lines.
const [ENOUGH_MARKS, FEW_MARKS, MANY_LINES] = [7, 2, 10];
const LINE_HEIGHT = 17;
const MOST_LOST = 8;
const LONGEST_NAME = 13;

// The points of a line from just before the chart to just behind it.
const withinOf = (frame, points) => {
  if (!frame.chart.zoomed) return points;
  const [low, high] = frame.x.domain();
  const [from, behind] = [points.findIndex((point) => point[0] >= low), points.findIndex((point) => point[0] > high)];
  return from < 0 ? [] : points.slice(Math.max(from - 1, 0), behind < 0 ? points.length : behind + 1);
};
const isSeen = (frame, [x, y]) => Number.isFinite(y) && frame.holds(x, y);

// Where a line leaves the chart for good, if it does: the place on the edge.
const exitOf = (frame, points) => {
  let last = points.length - 1;
  while (last >= 0 && !isSeen(frame, points[last])) last -= 1;
  if (last === points.length - 1) return null;
  const [x, y] = points[last + 1];
  const isUp = !(y < frame.y.domain()[0]);
  const edge = isUp ? frame.top : frame.top + frame.size[1];
  if (last < 0) return { at: [frame.placeX(x), edge], last: 0 };
  const [from, to] = [frame.at(...points[last]), frame.at(x, Number.isFinite(y) ? y : Infinity)];
  const share = Number.isFinite(to[1]) && to[1] !== from[1] ? (edge - from[1]) / (to[1] - from[1]) : 1;
  return { at: [from[0] + (to[0] - from[0]) * share, edge], last: last + 1 };
};

const drawLine = (chart, frame, series) => {
  const { colour, faint } = series;
  const shown = plot.thin(withinOf(frame, series.points), Math.max(frame.size[0] * 0.8, 100));
  const places = shown.map(([x, y]) => Number.isFinite(y) ? frame.at(x, y) : [NaN, NaN]);
  const within = places.map(([x, y]) => [x, Math.min(Math.max(y, frame.top), frame.top + frame.size[1])]);
  const isDense = plot.travel(within) > MOST_TRAVEL * frame.size[1];
  const style = faint ? "faint" : isDense ? "dense" : `dash-${dash(colour)}`;
  frame.inside.append("g").attr("class", `run-${colour}`).append("path").attr("class", `series ${style}`).attr("d", plot.pathOf(places));
};

const drawMarks = (chart, frame, series, count) => {
  const { colour } = series;
  const points = withinOf(frame, series.points);
  const stride = chart.everyPoint && points.length <= 12 ? 1 : Math.max(Math.ceil(points.length / count), 1);
  // Lines that run together have their marks in different places.
  const places = 4 * ENOUGH_MARKS / count;
  const from = stride === 1 ? 0 : Math.floor(stride * (colour % places) / places);
  const marks = points.filter((point, at) => at >= from && (at - from) % stride === 0 && isSeen(frame, point));
  frame.over.append("g").attr("class", `marks run-${colour}`).append("path").attr("d", marks.map((point) => markAt(colour, frame.at(...point))).join(""));
};

// Names at the ends of the lines.
const drawNames = (chart, frame) => {
  const ends = chart.series.filter((one) => !one.faint && one.points.length && isSeen(frame, one.points.at(-1)));
  const wanted = ends.map((one) => frame.at(...one.points.at(-1))[1]);
  const places = plot.spread(wanted, LINE_HEIGHT, frame.top, frame.top + frame.size[1]);
  ends.forEach(({ name }, index) => {
    const text = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
    frame.over.append("text").attr("class", "name").attr("x", frame.left + frame.size[0] + 12).attr("y", places[index] + 4.5).text(text);
  });
};

// What became of the lines that leave, below each other and right of where they do, so that no line goes through the texts.
const drawLost = (chart, frame) => {
  const lost = chart.series.filter((one) => !one.faint).map((series) => ({ series, exit: exitOf(frame, series.points) })).filter((one) => one.exit);
  for (const { series, exit } of lost) {
    frame.over.append("g").attr("class", `marks run-${series.colour}`).append("path").attr("class", "exit").attr("d", crossAt(exit.at));
  }
  if (!chart.namesLost || !lost.length) return;
  const texts = lost.slice(0, MOST_LOST).map(({ series }) => `${series.name}: ${series.lost}`);
  if (lost.length > MOST_LOST) texts.push(`and ${lost.length - MOST_LOST} more`);
  const last = Math.max(...lost.map((one) => one.exit.at[0])) + 12;
  const longest = Math.max(...texts.map((text) => text.length));
  const fits = last + longest * LETTER < frame.left + frame.size[0];
  texts.forEach((text, index) => {
    frame.over.append("text").attr("class", "lost").attr("text-anchor", fits ? "start" : "end")
      .attr("x", fits ? last : frame.left + frame.size[0]).attr("y", frame.top + 17 + index * LINE_HEIGHT).text(text);
  });
};

const drawReference = ({ reference }, frame) => {
  if (!reference || !frame.holds(frame.x.domain()[0], reference.value)) return;
  const y = frame.placeY(reference.value);
  frame.inside.append("line").attr("class", "reference").attr("x1", frame.left).attr("x2", frame.left + frame.size[0]).attr("y1", y).attr("y2", y);
  frame.over.append("text").attr("class", "lost").attr("x", frame.left + 6).attr("y", y - 6).text(reference.name);
};

const drawLines = (chart, frame) => {
  drawReference(chart, frame);
  for (const series of chart.series) drawLine(chart, frame, series);
  const front = chart.series.filter((one) => !one.faint);
  const count = front.length > MANY_LINES ? FEW_MARKS : ENOUGH_MARKS;
  for (const series of front) drawMarks(chart, frame, series, count);
  if (!chart.zoomed) drawLost(chart, frame);
  if (chart.right && !frame.isNarrow) drawNames(chart, frame);
};

gd.drawLines = drawLines;

// The value of a line at a step or epoch.
const valueAt = ({ value, points }, x) => value ? value(x) : points.length && x <= points.at(-1)[0] ? plot.nearestPoint(points, x)[1] : null;

const stepped = (low) => ({
  draw: drawLines,
  first: (chart) => low === 0 ? 0 : Math.min(gd.state.row, chart.x.high),
  move: (chart, at, by) => Math.min(Math.max(at + by, low), chart.x.high),
  point: (chart, frame, x) => Math.min(Math.max(Math.round(frame.x.invert(x)), low), chart.x.high),
  title: (chart, at) => `${chart.unit} ${at}`,
  x: (chart, at) => at,
  values: (chart, at) => chart.series.map((series) => ({ ...series, value: valueAt(series, at) })),
  dots: (chart, at, frame) => chart.series.map((series) => {
    const value = valueAt(series, at);
    return typeof value === "number" ? dotAt(frame, at, value, series.colour) : null;
  }),
  row: (chart, at) => [gd.state.run, low === 0 ? Math.max(at, 1) * gd.samples : at],
  chosen: (chart, frame, run, row) => [uprightAt(frame, low === 0 ? row / gd.samples : row)],
});
gd.kinds.steps = stepped(1);
gd.kinds.epochs = stepped(0);
