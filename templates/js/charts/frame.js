// The frame of a chart: an SVG with axes, and places for what is drawn within them.
const { plot } = gd;

// Sizes of charts by the width that there is: the height as a share of it, within bounds, and how many ticks the axes have,
// about, where there is much and little room.
const SHAPES = {
  wide: { share: 0.5, least: 300, most: 430, ticks: [[10, 6], [5, 5]] },
  square: { share: 0.7, least: 340, most: 560, ticks: [[8, 7], [5, 6]] },
  panel: { share: 0.62, least: 216, most: 260, ticks: [[6, 4], [5, 4]] },
  tall: { share: 0.92, least: 320, most: 380, ticks: [[6, 6], [5, 6]] },
};
const NARROW = 520;
const LETTER = 7.4;

// The marks that tell runs apart where colours cannot, as corners around a place; the first one is a disc.
const MARKS = [
  null,
  [[-3.6, -3.6], [3.6, -3.6], [3.6, 3.6], [-3.6, 3.6]],
  [[0, -4.8], [4.6, 3.4], [-4.6, 3.4]],
  [[0, -5.2], [5.2, 0], [0, 5.2], [-5.2, 0]],
  [[0, 4.8], [4.6, -3.4], [-4.6, -3.4]],
  [[-2.4, -4.2], [2.4, -4.2], [4.8, 0], [2.4, 4.2], [-2.4, 4.2], [-4.8, 0]],
];
const DASHES = 5;
const markAt = (colour, [x, y]) => {
  const corners = MARKS[colour % MARKS.length];
  if (!corners) return `M${(x - 4).toFixed(1)} ${y.toFixed(1)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`;
  return `${plot.pathOf(corners.map(([dx, dy]) => [x + dx, y + dy]))}z`;
};
const crossAt = ([x, y], arm = 5) =>
  plot.pathOf([[x - arm, y - arm], [x + arm, y + arm], [NaN, NaN], [x - arm, y + arm], [x + arm, y - arm]]);
const discAt = ([x, y], radius) => `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0z`;

// A name such as v_a with its index set lower.
const writeSymbol = (text, name) => {
  const [, before, index, after] = /^(.*?)_([^\s_]+)(.*)$/.exec(name) ?? [null, name, "", ""];
  text.append("tspan").text(before);
  if (index) text.append("tspan").attr("class", "index").attr("dy", 4).text(index);
  if (after) text.append("tspan").attr("dy", -4).text(after);
};

// The lines of a title that is too long for the room that there is.
const linesOf = (title, room) => title.split(" ").reduce((lines, word) => {
  const longer = `${lines.at(-1)} ${word}`;
  return longer.length * LETTER <= room ? [...lines.slice(0, -1), longer.trimStart()] : [...lines, word];
}, [""]).filter(Boolean);

// An SVG of that width for a chart, with its axes. `at` places a point; values far off are kept near the edges, since a
// drawing cannot hold numbers of any size.
const frameOf = (chart, width) => {
  const shape = SHAPES[chart.shape];
  const height = Math.round(Math.min(Math.max(width * shape.share, shape.least), shape.most));
  const isNarrow = width < NARROW;
  const [xCount, yCount] = shape.ticks[Number(isNarrow)];
  const rough = plot.scaleOf(chart.y, [0, 1], yCount);
  const yTicks = plot.ticksOf(rough, chart.y.logarithmic, yCount);
  const yTexts = yTicks.map((tick) => plot.tickText(tick, yTicks, chart.y.logarithmic));
  const longest = Math.max(...yTexts.map((text) => text.length));
  const titles = linesOf(chart.titles[1], width);
  const [left, top, bottom] = [Math.max(longest * LETTER + 17, 32, chart.left ?? 0), 21 + 17 * titles.length, 48];
  // Numbers that would run into each other stand at every second tick, or fewer; the last one has room too.
  const least = isNarrow ? 12 : chart.right ?? 20;
  const share = plot.scaleOf(chart.x, [0, 1], xCount);
  const allTicks = plot.ticksOf(share, chart.x.logarithmic, xCount).filter((tick) => !chart.x.counts || Number.isInteger(tick));
  const widest = Math.max(...allTicks.map((tick) => plot.tickText(tick, allTicks, chart.x.logarithmic).length)) * LETTER;
  const right = Math.max(least, widest / 2 - (1 - share(allTicks.at(-1))) * (width - left) || 0);
  const apart = Math.min(...allTicks.slice(1).map((tick, at) => share(tick) - share(allTicks[at]))) * (width - left - right);
  const stride = Math.ceil((widest + 6) / apart) || 1;
  const xTicks = allTicks.filter((_, at) => at % stride === 0);
  const size = [width - left - right, height - top - bottom];
  const x = plot.scaleOf(chart.x, [left, left + size[0]], xCount);
  const y = plot.scaleOf(chart.y, [top + size[1], top], yCount);
  const far = (place, from, length) => Math.min(Math.max(place, from - 3 * length), from + 4 * length);
  const placeX = (value) => far(x(value), left, size[0]);
  const placeY = (value) => far(chart.y.logarithmic && value <= 0 ? top + 4 * size[1] : y(value), top, size[1]);
  const svg = d3.create("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("paint-order", "stroke")
    .attr("aria-labelledby", `${chart.id}-title ${chart.id}-desc`);
  svg.append("title").attr("id", `${chart.id}-title`).text(chart.title);
  svg.append("desc").attr("id", `${chart.id}-desc`).text(chart.description);
  const frame = {
    svg, width, height, left, top, size, isNarrow, x, y, chart, placeX, placeY,
    at: (one, other) => [placeX(one), placeY(other)],
    // Whether a place of the drawing is within the axes, and whether a point is.
    shows: (px, py) => px > left - 1 && px < left + size[0] + 1 && py > top - 1 && py < top + size[1] + 1,
    holds: (one, other) => one >= x.domain()[0] && one <= x.domain()[1] && other >= y.domain()[0] && other <= y.domain()[1],
  };
  svg.append("g").attr("class", "axis-y").attr("transform", `translate(${left},0)`)
    .call(d3.axisLeft(y).tickValues(yTicks).tickFormat((_, at) => yTexts[at]).tickSize(-size[0]).tickPadding(9));
  svg.append("g").attr("class", "axis-x").attr("transform", `translate(0,${top + size[1]})`)
    .call(d3.axisBottom(x).tickValues(xTicks).tickFormat((tick) => plot.tickText(tick, xTicks, chart.x.logarithmic))
      .tickSize(5).tickPadding(7).tickSizeOuter(0));
  titles.forEach((line, at) => svg.append("text").attr("class", "title").attr("x", 2).attr("y", 15 + 17 * at).call(writeSymbol, line));
  svg.append("text").attr("class", "title").attr("x", left + size[0] / 2).attr("y", height - 6)
    .attr("text-anchor", "middle").call(writeSymbol, chart.titles[0]);
  // Where the axes are and what they cover, for who reads numbers off the drawing.
  svg.attr("data-plot", [left, top, ...size, ...[[x, chart.x], [y, chart.y]].flatMap(([scale, axis]) => [...scale.domain(), Number(Boolean(axis.logarithmic))])].join(" "));
  const clip = `${chart.id}-clip`;
  svg.append("clipPath").attr("id", clip).append("rect").attr("x", left).attr("y", top - 1)
    .attr("width", size[0]).attr("height", size[1] + 2);
  frame.clip = `url(#${clip})`;
  frame.inside = svg.append("g").attr("clip-path", frame.clip);
  frame.over = svg.append("g");
  for (const name of ["chosen", "hover"]) frame[name] = svg.append("g").attr("class", name).attr("aria-hidden", "true");
  return frame;
};

gd.frame = { frameOf, markAt, crossAt, discAt, dash: (colour) => colour % DASHES, LETTER };

// A piece of a run's line with its mark, or of what is no run, to stand before its name.
gd.key = ({ colour, className }) => colour === undefined
  ? element("i", { class: `key ${className}`, "aria-hidden": "true" })
  : element("i", { class: `key run-${colour} dash-${colour % DASHES} mark-${colour % MARKS.length}`, "aria-hidden": "true" });
