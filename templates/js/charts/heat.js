// Heat maps: a cell for each combination of two varied values, coloured by its final RMSE.
const { LETTER } = gd.frame;

// A cell that is not as wide has no text; how wide and high cells are, and how many columns a phone has room for.
const [LEAST_WIDTH, WIDEST, HEIGHT, MOST_ON_PHONE, COLOURS, WIDE_SPAN] = [36, 96, 30, 6, 8, 30];
const NARROW = 520;

// The colours of a span of errors, by equal factors where it is wide: where each begins, and the colour of an error.
const coloursOf = ([low, high]) => {
  const logarithmic = low > 0 && high / low > WIDE_SPAN;
  const edge = (step) => logarithmic ? low * (high / low) ** (step / COLOURS) : low + (high - low) * step / COLOURS;
  const edges = d3.range(1, COLOURS).map(edge);
  return { logarithmic, edge, count: high > low ? COLOURS : 1, of: (error) => edges.filter((one) => error > one).length };
};
// A number with three digits.
const short = (number) => {
  const exponent = number === 0 ? 0 : Math.floor(Math.log10(Math.abs(number)) + 1e-12);
  return exponent < -3 || exponent > 4 ? gd.show(number, 1) : number.toFixed(Math.max(2 - exponent, 0));
};
gd.heat = { coloursOf, short };

const longest = (texts) => Math.max(...texts.map((text) => text.length)) * LETTER;
const turned = ({ columns, rows, cells }) => ({ columns: rows, rows: columns, cells: cells[0].map((_, at) => cells.map((row) => row[at])) });

// The cells that are within the ends of the axes.
const sliced = ({ columns, rows, cells }, x, y) => {
  const part = (all, { low, high }) => all.slice(Math.round(low), Math.round(high));
  return {
    columns: { ...columns, values: part(columns.values, x) }, rows: { ...rows, values: part(rows.values, y) },
    cells: part(cells, y).map((row) => part(row, x)),
  };
};
// Where the cells are; on a phone many values have room below each other only.
const frameOf = (chart, width) => {
  const isLong = chart.grid.cells[0].length > MOST_ON_PHONE && chart.grid.cells.length < chart.grid.cells[0].length;
  const isTurned = width < NARROW && isLong;
  const grid = isTurned ? turned(chart.grid) : sliced(chart.grid, chart.x, chart.y);
  const { columns, rows, cells } = grid;
  const left = Math.max(longest(rows.values), (rows.name.length + 2) * LETTER) + 16;
  const top = 46;
  const cell = Math.min((width - left - 4) / columns.values.length, WIDEST);
  const high = cell < LEAST_WIDTH ? Math.max(cell, 10) : HEIGHT;
  const size = [cell * columns.values.length, high * rows.values.length];
  const height = top + size[1] + 4;
  const svg = d3.create("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("paint-order", "stroke")
    .attr("aria-labelledby", `${chart.id}-title ${chart.id}-desc`);
  svg.append("title").attr("id", `${chart.id}-title`).text(chart.title);
  svg.append("desc").attr("id", `${chart.id}-desc`).text(chart.description);
  const middle = ([row, column]) => [left + (column + 0.5) * cell, top + (row + 0.5) * high];
  const scale = ({ low, high }, from, length) => d3.scaleLinear().domain([Math.round(low), Math.round(high)]).range([from, from + length]);
  const axes = isTurned ? {} : { x: scale(chart.x, left, size[0]), y: scale(chart.y, top, size[1]) };
  const frame = { ...axes, svg, width, height, left, top, size, grid, cell, high, middle, cells, placeX: (x) => x, placeY: (y) => y, shows: () => true };
  for (const name of ["inside", "over", "chosen", "hover"]) frame[name] = svg.append("g").attr("class", name === "over" ? "" : name);
  return frame;
};

const drawHeads = ({ svg, left, top, cell, high, grid: { columns, rows } }) => {
  const write = (name, x, y, anchor, text) => svg.append("text").attr("class", name).attr("x", x).attr("y", y).attr("text-anchor", anchor).text(text);
  write("title", left, 14, "start", `${columns.name} →`);
  write("title", left - 10, top - 8, "end", `${rows.name} ↓`);
  const across = Math.max(Math.ceil((longest(columns.values) + 8) / cell), 1);
  columns.values.forEach((text, at) => { if (at % across === 0) write("tick", left + (at + 0.5) * cell, top - 8, "middle", text); });
  const down = Math.max(Math.ceil(14 / high), 1);
  rows.values.forEach((text, at) => { if (at % down === 0) write("tick", left - 10, top + (at + 0.5) * high + 4.5, "end", text); });
};
const drawCell = (frame, chart, run, [x, y]) => {
  const { cell, high } = frame;
  const group = frame.inside.append("g").attr("class", run.rmse === null ? "cell lost" : `cell heat-${chart.colours.of(run.rmse)}`).attr("data-run", run.index);
  group.append("rect").attr("x", x - cell / 2).attr("y", y - high / 2).attr("width", cell).attr("height", high);
  const text = cell < LEAST_WIDTH ? "" : run.rmse !== null ? short(run.rmse) : cell > 66 ? "diverged" : "div.";
  if (text) group.append("text").attr("x", x).attr("y", y + 4.5).attr("text-anchor", "middle").text(text);
};
const draw = (chart, frame) => {
  drawHeads(frame);
  const { cell, high, cells } = frame;
  let best = null;
  cells.forEach((row, at) => row.forEach((index, column) => {
    const place = frame.middle([at, column]);
    drawCell(frame, chart, chart.runs[index], place);
    if (index === chart.best) best = place;
  }));
  for (const name of best ? ["frame outer", "frame"] : []) {
    frame.over.append("rect").attr("class", name).attr("x", best[0] - cell / 2).attr("y", best[1] - high / 2).attr("width", cell).attr("height", high);
  }
};

const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
const runAt = (chart, [row, column]) => chart.runs[chart.frame.cells[row][column]];
gd.kinds.heat = {
  across: true,
  frameOf,
  draw,
  first: () => [0, 0],
  move: ({ frame: { cells } }, [row, column], by, across) => [clamp(row + across, cells.length), clamp(column + by, cells[0].length)],
  point: (chart, frame, x, y) => [clamp(Math.floor((y - frame.top) / frame.high), frame.cells.length),
    clamp(Math.floor((x - frame.left) / frame.cell), frame.cells[0].length)],
  title: (chart, at) => runAt(chart, at).with,
  x: (chart, at) => chart.frame.middle(at)[0],
  values: (chart, at) => {
    const { rmse, mark } = runAt(chart, at);
    return [{ name: "RMSE", value: rmse ?? mark }, ...rmse !== null && mark ? [{ name: mark, value: "" }] : []];
  },
  dots: (chart, at, frame) => {
    const [x, y] = frame.middle(at);
    return [svgElement("rect", { x: x - frame.cell / 2, y: y - frame.high / 2, width: frame.cell, height: frame.high, class: "here" })];
  },
  row: (chart, at) => [runAt(chart, at).index],
};
