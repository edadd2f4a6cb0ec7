// The page of derivatives at any point: a function and its derivatives along a variable, where the point can be dragged, and
// all numbers of the matrices, their checks and the gates. Very long formulas are not computed here.
const { PLACES, valueAt, placeAt } = gd.slider;
const { reachOf, sliceOf, heightOf, withGaps, centralOf } = gd.slices;
const ROWS = 13;

const given = gd.point;
const section = { at: 0, point: given ? [...given] : (gd.names ?? []).map(() => 1), function: 0, variable: 0 };
section.reach = section.point.map(reachOf);
const move = (...places) => {
  for (const [place, value] of places) {
    if (!Number.isFinite(value)) continue;
    section.point[place] = value;
    section.reach[place] = Math.max(section.reach[place], Math.abs(value));
  }
  gd.select(section);
};
const short = (value) => Number(value.toPrecision(3));

// A curve with the point on it.
const pointOf = (chart) => [section.point[chart.place], chart.of(section.point)];
gd.kinds.slice = {
  draw: (chart, frame) => {
    frame.inside.append("path").attr("class", "curve").attr("d", gd.plot.pathOf(withGaps(chart.points, chart.y).map(([x, y]) => frame.at(x, y))));
    const [x, y] = pointOf(chart);
    if (!Number.isFinite(y)) return;
    const slope = chart.slope?.(section.point);
    if (Number.isFinite(slope)) {
      const ends = frame.x.domain().map((end) => [frame.x(end), frame.y(y + slope * (end - x))]);
      frame.inside.append("path").attr("class", "start").attr("d", `M${ends.map((end) => end.map((one) => one.toFixed(1)).join(" ")).join("L")}`);
    }
    const [cx, cy] = frame.at(x, y);
    frame.over.append("circle").attr("class", "spot start-spot").attr("cx", cx).attr("cy", cy).attr("r", 6.5);
  },
  first: (chart) => gd.kinds.slice.nearest(chart, section.point[chart.place]),
  nearest: ({ points }, x) => points.reduce((best, point, at) => Math.abs(point[0] - x) < Math.abs(points[best][0] - x) ? at : best, 0),
  move: ({ points }, at, by) => Math.min(Math.max(at + by, 0), points.length - 1),
  point: (chart, frame, x) => gd.kinds.slice.nearest(chart, frame.x.invert(x)),
  title: (chart, at) => `${chart.titles[0]} = ${gd.show(chart.points[at][0], 4)}`,
  x: ({ points }, at) => points[at][0],
  values: (chart, at) => [{ name: chart.titles[1], value: chart.points[at][1] }],
  dots: (chart, at, frame) => [gd.frame.dotAt(frame, ...chart.points[at])],
  row: (chart, at) => {
    move([chart.place, short(chart.points[at][0])]);
    return null;
  },
  handles: (chart, frame) => [{ at: frame.at(...pointOf(chart)), move: (x) => move([chart.place, short(x)]) }],
};

// A function over two variables as lines of equal height, with its gradient at the point.
const [GRID, ARROW, STEPS] = [48, 46, 40];
const rangesOf = ({ x, y }) => [[x.low, x.high], [y.low, y.high]];
const clampIn = ([low, high], value) => Math.min(Math.max(value, low), high);
gd.kinds.map = {
  across: true,
  draw: (chart, frame) => {
    const ranges = rangesOf(chart);
    const place = (point) => frame.at(...point.map((one, axis) => ranges[axis][0] + (one - 0.5) / (GRID - 1) * (ranges[axis][1] - ranges[axis][0])));
    for (const { value, coordinates } of d3.contours().size([GRID, GRID]).thresholds(chart.levels)(chart.heights)) {
      frame.inside.append("path").attr("class", "contour").attr("data-level", value)
        .attr("d", coordinates.flat().map((ring) => `${gd.plot.pathOf(ring.map(place))}z`).join(""));
    }
    const here = chart.places.map((at) => section.point[at]);
    const slopes = chart.slopes.map((of) => of(section.point));
    const [from, ahead] = [frame.at(...here), [frame.x(here[0] + slopes[0]) - frame.x(here[0]), frame.y(here[1] + slopes[1]) - frame.y(here[1])]];
    const length = Math.hypot(...ahead);
    if (length > 0 && Number.isFinite(length)) {
      const [dx, dy] = ahead.map((one) => one / length);
      const tip = [from[0] + dx * ARROW, from[1] + dy * ARROW];
      const wing = (side) => `M${tip}L${tip[0] - 9 * dx + side * 5 * dy} ${tip[1] - 9 * dy - side * 5 * dx}`;
      frame.over.append("path").attr("class", "curve gradient").attr("d", `M${from}L${tip}${wing(1)}${wing(-1)}`);
    }
    frame.over.append("circle").attr("class", "spot start-spot").attr("cx", from[0]).attr("cy", from[1]).attr("r", 6.5);
  },
  first: ({ places }) => places.map((at) => section.point[at]),
  move: (chart, [x, y], by, across) => {
    const [wide, high] = rangesOf(chart);
    return [clampIn(wide, x + by * (wide[1] - wide[0]) / STEPS), clampIn(high, y - across * (high[1] - high[0]) / STEPS)];
  },
  point: (chart, frame, x, y) => [frame.x.invert(x), frame.y.invert(y)],
  title: ({ titles }, at) => titles.map((name, axis) => `${name} = ${gd.show(at[axis], 3)}`).join(", "),
  x: (chart, at) => at[0],
  values: (chart, at) => [{ name: chart.what, value: gd.shown(chart.of(chart.withPoint(at))) }],
  dots: (chart, at, frame) => [gd.frame.dotAt(frame, ...at)],
  row: (chart, at) => {
    move(...chart.places.map((place, axis) => [place, short(at[axis])]));
    return null;
  },
  handles: (chart, frame) => [{
    at: frame.at(...chart.places.map((at) => section.point[at])),
    move: (...values) => move(...chart.places.map((place, axis) => [place, short(values[axis])])),
  }],
};
const mapOf = (f, at, other) => {
  const places = [at, other].map((one) => gd.variables[one]);
  const [one, two] = places.map((place) => ({ low: -section.reach[place], high: section.reach[place], exact: true }));
  const of = gd.printed.functions[f];
  const withPoint = (values) => section.point.map((value, place) => values[places.indexOf(place)] ?? value);
  const along = ({ low, high }) => d3.range(GRID).map((step) => low + (high - low) * step / (GRID - 1));
  const all = along(two).flatMap((y) => along(one).map((x) => [x, of(withPoint([x, y]))]));
  const { low, high } = heightOf(all);
  const titles = places.map((place) => gd.names[place]);
  const [what, title] = [gd.functions[f], `${gd.functions[f]} over ${titles.join(" and ")}`];
  return {
    id: "map", kind: "map", shape: "panel", places, of, what, withPoint, slopes: [entry(0, f, at), entry(0, f, other)], x: one, y: two, titles, name: title, title,
    description: "Lines of equal height, in a stronger colour where it is higher; the arrow is the gradient.",
    levels: gd.plot.levelsOf(low, high), heights: all.map(([, value]) => Number.isFinite(value) ? clampIn([low, high], value) : low),
  };
};

const entry = (matrix, row, column) => gd.printed.matrices[matrix][row][column];
const figureContent = () => {
  const { function: f, variable: at, point } = section;
  const place = gd.variables[at];
  const [name, x] = [gd.functions[f], gd.names[place]];
  const range = [-section.reach[place], section.reach[place]];
  const all = [
    { what: name, of: gd.printed.functions[f], slope: entry(0, f, at) }, { what: `∂${name}/∂${x}`, of: entry(0, f, at) },
    ...gd.printed.matrices[f + 1] ? [{ what: `∂²${name}/∂${x}²`, of: entry(f + 1, at, at) }] : [],
  ];
  const charts = all.map(({ what, of, slope }, index) => {
    const points = sliceOf(of, point, place, range);
    const description = `At ${x} = ${gd.show(point[place])} it is ${gd.show(gd.shown(of(point)))}`;
    return {
      id: `slice-${index}`, kind: "slice", shape: "panel", place, of, slope, points, x: { low: range[0], high: range[1], exact: true }, y: heightOf(points, of(point)),
      titles: [x, what], name: `${what} over ${x}`, title: `${what} over ${x}`, description,
    };
  });
  const isMapped = gd.variables.length > 1;
  if (isMapped) charts.push(mapOf(f, at, (at + 1) % gd.variables.length));
  const [value, derivative] = all.map(({ of }) => gd.show(gd.shown(of(point))));
  const others = gd.names.map((one, index) => index === place ? null : `${one} = ${gd.show(point[index])}`).filter(Boolean);
  return {
    charts, legend: [],
    told: `At ${x} = ${gd.show(point[place])}${others.length ? `, with ${others.join(", ")},` : ""} ${name} is ${value}, and its derivative by ${x} is ${derivative}: the slope of the dashed line.${isMapped ? ` On the map ${name} is higher where the colour is stronger, and the arrow is the gradient.` : ""}`,
    table: () => {
      const xs = d3.range(ROWS).map((row) => range[0] + (range[1] - range[0]) * row / (ROWS - 1));
      const values = (of) => xs.map((one) => gd.shown(of(point.map((old, index) => index === place ? one : old))));
      return { caption: `${name} and its derivatives over ${x}`, columns: [{ head: x, values: xs.map((one) => gd.show(one, 4)) }, ...all.map(({ what, of }) => ({ head: what, values: values(of) }))] };
    },
  };
};

// A slider and a number for each name, and what is drawn.
const controlOf = (name, place) => {
  const line = element("p", { class: "chooser" });
  const slider = element("input", { type: "range", min: 0, max: PLACES, "aria-label": `${name}, slider` });
  const number = element("input", { type: "number", step: "any", id: `value-${place}` });
  line.append(element("label", { for: number.id }, name), slider, number);
  const control = () => ({ range: [-section.reach[place], section.reach[place]] });
  slider.addEventListener("input", () => move([place, valueAt(control(), Number(slider.value))]));
  number.addEventListener("change", () => move([place, number.valueAsNumber]));
  const show = () => {
    slider.value = placeAt(control(), section.point[place]);
    slider.setAttribute("aria-valuetext", String(section.point[place]));
    if (number.valueAsNumber !== section.point[place]) number.value = section.point[place];
  };
  return { line, show };
};
const selectOf = (label, names, key) => names.length < 2 ? [] : [chooserOf(label, names, (at) => {
  section[key] = at;
  gd.select(section);
}).box];

// A number as mathematics.
const mathOf = (value) => {
  const shown = gd.shown(value);
  if (typeof shown !== "number") {
    return mathElement("mtext", [shown ?? ""], { class: "error" });
  }
  const text = gd.show(shown, 6);
  return text.startsWith("−") ? mathElement("mrow", [mathElement("mo", ["−"]), mathElement("mn", [text.slice(1)])]) : mathElement("mn", [text]);
};
// Puts a value behind the last sign of an equation.
const putValue = (math, value) => math?.lastElementChild.replaceWith(mathOf(value));

// The numbers of a matrix; where the page was written without a point, in a copy of its formulas.
const matrixAt = (matrix) => {
  const root = $$("[data-matrix]")[matrix];
  const rows = gd.printed.matrices[matrix];
  const listed = $$("[data-entry]", root);
  const formulas = $(".matrix", root);
  let numbers = $(".matrix.numeric", root);
  if (formulas && !numbers) {
    numbers = formulas.cloneNode(true);
    numbers.setAttribute("aria-label", `${root.dataset.matrix} at the point`);
    formulas.after(element("p", { class: "note" }, "At the point:"), numbers);
  }
  const from = (row) => matrix === 0 ? gd.printed.functions[row] : entry(0, matrix - 1, row);
  const check = $$("tbody tr", root);
  const writeCheck = () => {
    const cells = rows.flatMap((row, i) => row.map((of, j) => {
      const [value, central] = [of(section.point), centralOf(from(i), section.point, gd.variables[j])];
      return [value, central, Math.abs(value - central)];
    }));
    const writers = [0, 1].map((column) => gd.table.writerOf(cells.map((one) => one[column])));
    check.forEach((line, at) => cells[at].forEach((value, column) => {
      const shown = gd.shown(value);
      line.cells[column + 1].textContent = typeof shown !== "number" ? shown : column < 2 ? writers[column](shown) : gd.show(shown, 1);
      line.cells[column + 1].title = String(shown);
    }));
    const largest = Math.max(...cells.map((one) => one[2]).filter(Number.isFinite), -1);
    $("summary", root).textContent = largest > 0 ? `At most ${gd.show(largest, 1)} off the central differences` : largest === 0 ? "Central differences agree exactly" : "No central difference has a value";
  };
  return () => {
    if (numbers) $$("mtd", numbers).forEach((cell, at) => cell.replaceChildren(mathOf(rows.flat()[at](section.point))));
    for (const math of listed) {
      const [i, j] = math.dataset.entry.split(" ");
      putValue(math, rows[i][j](section.point));
    }
    if (check.length) writeCheck();
  };
};

// The gates of a function: what goes forward, the local derivatives, and what comes back.
const gatesAt = (gates, index) => {
  const table = $(`#gates-${index + 1}`).closest("section").querySelector("table");
  if (!table) return () => {};
  const rows = $$("tbody tr", table);
  if (!given) {
    const heads = $("thead tr", table);
    heads.cells[0].after(element("th", { scope: "col" }, "forward"));
    heads.append(element("th", { scope: "col" }, "at the point"));
    for (const row of rows) {
      row.cells[0].after(element("td"));
      row.append(element("td"));
    }
    gates.forEach(([, local], at) => $$(".local math", rows[at]).forEach((math, way) => { if (local[way]) math.append(mathElement("mo", ["="]), mathElement("mn")); }));
  }
  return () => {
    const values = gates.map(([forward, , backward]) => [forward(section.point), backward(section.point)]);
    const writers = [0, 1].map((column) => gd.table.writerOf(values.map((one) => one[column])));
    rows.forEach((row, at) => {
      const [, local] = gates[at];
      [row.cells[1], row.cells[row.cells.length - 1]].forEach((cell, column) => {
        const shown = gd.shown(values[at][column]);
        cell.textContent = typeof shown === "number" ? writers[column](shown) : shown;
        cell.title = String(shown);
      });
      $$(".local math", row).forEach((math, way) => { if (local[way]) putValue(math, local[way](section.point)); });
    });
  };
};

if (gd.printed) {
  const place = $("[data-figure]");
  const figure = gd.figureAt(place);
  const choosers = element("p", { class: "chooser" });
  choosers.append(...selectOf("Function", gd.functions, "function"), ...selectOf("along", gd.variables.map((at) => gd.names[at]), "variable"));
  const controls = gd.names.map(controlOf);
  const back = element("button", { type: "button" }, given ? "Back to the given point" : "Back to where all are 1");
  back.addEventListener("click", () => {
    section.point = given ? [...given] : gd.names.map(() => 1);
    gd.select(section);
  });
  const last = element("p", { class: "pager" });
  last.append(back);
  place.before(choosers, ...controls.map(({ line }) => line), last);
  const followers = [...gd.printed.matrices.map((_, matrix) => matrixAt(matrix)), ...gd.printed.gates.map(gatesAt)];
  const equations = $$(".functions li");
  const show = () => {
    for (const control of controls) control.show();
    gd.showFigure(figure, figureContent());
    for (const follow of followers) follow();
    equations.forEach((line, at) => putValue($("p math", line), gd.printed.functions[at](section.point)));
    $$(".lead .equation math").forEach((math, at) => putValue(math, section.point[at]));
    back.disabled = section.point.every((value, at) => value === (given?.[at] ?? 1));
  };
  gd.on(show);
  show();
}
