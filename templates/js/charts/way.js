// The way of the weights: of two over the lines of equal loss, of one along its curve.
const { plot } = gd;
const { markAt, crossAt, discAt, dash, dotAt } = gd.frame;
const { problem } = gd;

// How many epochs are marked on a way, the corners of a grid along a side, and what such a grid may cost in losses.
const MOST_EPOCHS = 12;
const [MOST_CELLS, FEWEST_CELLS, MOST_LOSSES] = [72, 16, 600_000];
const LABEL_LETTER = 6.6;

// The lines of equal height as polygons of places: exact ellipses of a bowl, else found on a grid.
const contoursOf = (frame, bowl) => {
  const [[a0, a1], [b0, b1]] = [frame.x.domain(), frame.y.domain()];
  const cells = Math.min(Math.max(Math.floor(Math.sqrt(MOST_LOSSES / gd.samples)), FEWEST_CELLS), MOST_CELLS);
  const loss = bowl ? lossOf(bowl) : problem.loss;
  const heights = [];
  for (let row = 0; row <= cells; row += 1) {
    for (let column = 0; column <= cells; column += 1) {
      heights.push(problem.height(loss([a0 + (a1 - a0) * column / cells, b0 + (b1 - b0) * row / cells])));
    }
  }
  const [low, high] = plot.extent(heights) ?? [0, 1];
  const levels = plot.levelsOf(bowl ? problem.height(bowl.lowest) : low, high);
  if (bowl) {
    return levels.map((level) => ({
      level, rings: [gd.series.ellipseOf(bowl, problem.isSquared() ? level * level : level).map(([a, b]) => [frame.x(a), frame.y(b)])],
    }));
  }
  // Where the loss is no number, it is as good as infinitely high. A corner of the grid is the middle of a cell of d3's.
  const grid = d3.contours().size([cells + 1, cells + 1]).thresholds(levels.map((level) => -level))(heights.map((one) => Number.isFinite(one) ? -one : -Number.MAX_VALUE));
  const place = ([column, row]) => [frame.left + (column - 0.5) / cells * frame.size[0], frame.top + frame.size[1] * (1 - (row - 0.5) / cells)];
  return grid.map(({ value, coordinates }) => ({ level: -value, rings: coordinates.flat().map((ring) => ring.map(place)) }));
};
const lossOf = ({ centre, lowest, hessian: [aa, ab, bb] }) => ([one, other]) => {
  const [a, b] = [one - centre[0], other - centre[1]];
  return lowest + (aa * a * a + 2 * ab * a * b + bb * b * b) / 2;
};

// Where the label of each line stands: far from the ways and the other labels.
const labelPlaces = (frame, contours, ways) => {
  const near = ways.flat().filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const stride = Math.max(Math.ceil(near.length / 500), 1);
  const some = near.filter((_, index) => index % stride === 0);
  const taken = [];
  return contours.map(({ text, rings }) => {
    const half = text.length * LABEL_LETTER / 2 + 4;
    // A label is wide and low: what is beside it must be further away.
    const square = (at, other, wide) => ((at[0] - other[0]) / wide) ** 2 + ((at[1] - other[1]) / 12) ** 2;
    const isInside = ([x, y]) => x > frame.left + half && x < frame.left + frame.size[0] - half && y > frame.top + 8 && y < frame.top + frame.size[1] - 8;
    let best = { score: 1, at: null };
    for (const at of rings.flat().filter(isInside)) {
      let score = Math.min(...taken.map((one) => Math.sqrt(square(at, one, 2 * half)) / 1.2), 6);
      for (const one of some) {
        if (score <= best.score) break;
        score = Math.min(score, Math.sqrt(square(at, one, half)));
      }
      if (score > best.score) best = { score, at };
    }
    if (best.at) taken.push(best.at);
    return best.at;
  });
};

const drawContours = (chart, frame, ways) => {
  const contours = contoursOf(frame, chart.bowl).map((one) => ({ ...one, text: gd.show(one.level, 3) }));
  // The unit stands once, at the outermost line, which has the most room.
  const outermost = contours.reduce((one, other) => one && one.level > other.level ? one : other, null);
  if (outermost) outermost.text = `${problem.heightName()} ${outermost.text}`;
  for (const { level, rings } of [...contours].sort((one, other) => other.level - one.level)) {
    frame.inside.append("path").attr("class", "contour").attr("data-level", level)
      .attr("d", rings.map((ring) => `${plot.pathOf(ring)}z`).join(""));
  }
  const ordered = [...contours].sort((one, other) => one.level - other.level);
  labelPlaces(frame, ordered, ways).forEach((at, index) => {
    if (!at) return;
    frame.over.append("text").attr("class", "level").attr("text-anchor", "middle").attr("x", at[0]).attr("y", at[1] + 4).text(ordered[index].text);
  });
};

const drawStart = (frame, [a, b]) => {
  if (!frame.holds(a, b)) return;
  frame.over.append("path").attr("class", "spot start-spot").attr("d", discAt(frame.at(a, b), 6));
};
const epochEnds = (run) => {
  const count = Math.floor(run.rows / gd.samples);
  const stride = Math.max(Math.ceil(count / MOST_EPOCHS), 1);
  const epochs = d3.range(1, count + 1).filter((epoch) => epoch % stride === 0 || epoch === count);
  return epochs.map((epoch) => gd.track.weights(run, epoch * gd.samples));
};

const drawWay = (chart, frame) => {
  const far = (place, from, size) => Math.abs(place - from) > 900 * size;
  const ways = chart.series.map(({ run }) => plot.thin(gd.track.way(gd.runs[run]), 3000).map(([, a, b]) =>
    far(frame.x(a), frame.left, frame.size[0]) || far(frame.y(b), frame.top, frame.size[1]) ? [NaN, NaN] : [frame.x(a), frame.y(b)]));
  drawContours(chart, frame, ways);
  chart.series.forEach(({ run, colour }, index) => {
    frame.inside.append("g").attr("class", `run-${colour}`).append("path").attr("class", `series walked dash-${dash(colour)}`).attr("d", plot.pathOf(ways[index]));
    const ends = epochEnds(gd.runs[run]).filter(([a, b]) => frame.holds(a, b));
    frame.over.append("g").attr("class", `marks run-${colour}`).append("path").attr("d", ends.map((point) => markAt(colour, frame.at(...point))).join(""));
  });
  drawStart(frame, chart.start);
  if (chart.bowl && frame.holds(...chart.bowl.centre)) frame.over.append("path").attr("class", "spot lowest").attr("d", crossAt(frame.at(...chart.bowl.centre)));
};

const drawCurve = (chart, frame) => {
  frame.inside.append("path").attr("class", "curve").attr("d", plot.pathOf(chart.points.map((point) => frame.at(...point))));
  for (const { run, colour } of chart.series) {
    const ends = epochEnds(gd.runs[run]).map(([weight]) => [weight, problem.height(problem.loss([weight]))]).filter((point) => frame.holds(...point));
    frame.over.append("g").attr("class", `marks run-${colour}`).append("path").attr("d", ends.map((point) => markAt(colour, frame.at(...point))).join(""));
  }
  drawStart(frame, [chart.start[0], problem.height(problem.loss(chart.start))]);
};

const along = {
  across: true,
  first: (chart) => ({ series: Math.max(chart.series.findIndex((one) => one.run === gd.state.run), 0), row: gd.state.row }),
  move: (chart, at, by, across) => {
    const series = (at.series + across + chart.series.length) % chart.series.length;
    const points = gd.track.way(gd.runs[chart.series[series].run]);
    const index = points.findIndex((point) => point[0] >= at.row);
    return { series, row: points[Math.min(Math.max((index < 0 ? points.length - 1 : index) + by, 0), points.length - 1)][0] };
  },
  point: (chart, frame, x, y) => {
    let best = { distance: Infinity, series: 0, row: 1 };
    chart.series.forEach((series, index) => {
      for (const point of gd.track.way(gd.runs[series.run])) {
        const distance = Math.hypot(frame.placeX(point[1]) - x, frame.placeY(along.height(chart, point)) - y);
        if (distance < best.distance) best = { distance, series: index, row: point[0] };
      }
    });
    return best;
  },
  height: (chart, point) => chart.kind === gd.kinds.curve ? plot.heightAt(chart.points, point[1]) : point[2],
  here: (chart, at) => plot.nearestPoint(gd.track.way(gd.runs[chart.series[at.series].run]), at.row),
  title: (chart, at) => `${chart.series[at.series].name}, after ${gd.row_head} ${along.here(chart, at)[0]}`,
  x: (chart, at) => along.here(chart, at)[1],
  values: (chart, at) => {
    const here = along.here(chart, at);
    const weights = here.slice(1, 1 + problem.weights.length);
    return [...problem.weights.map((name, index) => ({ name, value: weights[index] })),
      { name: problem.heightName(), value: problem.height(problem.loss(weights)) }];
  },
  dots: (chart, at, frame) => {
    const here = along.here(chart, at);
    return [dotAt(frame, here[1], along.height(chart, here), chart.series[at.series].colour, 6)];
  },
  row: (chart, at) => [chart.series[at.series].run, Math.max(at.row, 1)],
  chosen: (chart, frame, run, row) => {
    const ends = ["before", "after"].map((which) => [row, ...run.weights.map((one) => gd.value(run, one[which], row))]);
    if (ends.flat().some((value) => typeof value !== "number")) return [];
    const [from, to] = ends.map((end) => frame.at(end[1], along.height(chart, end)));
    return [svgElement("path", { d: `M${from}L${to}`, class: "taken", "clip-path": frame.clip }),
      svgElement("circle", { cx: to[0], cy: to[1], r: 8, class: `ring run-${run.colour}`, "clip-path": frame.clip })];
  },
};
// The start can be dragged. Digits beyond a pixel's would be noise.
const rounded = (value, scale) => {
  const [low, high] = scale.domain();
  return Number(value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(high - low)))));
};
const startHandle = (chart, frame, height) => [{
  at: frame.at(chart.start[0], height),
  move: (...place) => gd.change(Object.fromEntries(chart.start.map((_, index) =>
    [`start.${problem.weights[index]}`, rounded(place[index], [frame.x, frame.y][index])]))),
}];
gd.kinds.way = { ...along, draw: drawWay, handles: (chart, frame) => startHandle(chart, frame, chart.start[1]) };
gd.kinds.curve = {
  ...along, draw: drawCurve, handles: (chart, frame) => startHandle(chart, frame, problem.height(problem.loss(chart.start))),
};
