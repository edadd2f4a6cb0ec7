// The charts: values at the pointer or under the arrow keys, and the chosen step on every one of them.
// They are drawn without this script; an element with data-chart has what they show, each of its drawings
// (data-plot) the place and the axes of its plot.
// The way of the weights stands beside the explorer too, so that it is seen while a reader goes from step to step.
const companion = $(".companion");
const wayFigure = $("[data-chart]", $("section[aria-labelledby=way]"));
if (companion && wayFigure) {
  const copy = wayFigure.cloneNode(true);
  for (const wide of $$(".wide", copy)) wide.remove();
  for (const one of $$("*", copy)) {
    for (const { name, value } of [...one.attributes]) {
      if (value.includes("way-narrow")) one.setAttribute(name, value.replaceAll("way-narrow", "beside-narrow"));
    }
  }
  copy.dataset.name = $("#way").textContent.replace(/\?$/, ", beside the steps");
  companion.append(copy);
  // Where its lines are weights, the optimizers' buttons do not say which colour is which.
  const legend = $(".legend", wayFigure.closest("figure"));
  if (legend && JSON.parse(wayFigure.dataset.chart).kind === "epochs") companion.prepend(legend.cloneNode(true));
  companion.hidden = false;
}

const charts = $$("[data-chart]").map((root) => {
  const [first] = $$("[data-plot]", root);
  return first && { root, ...JSON.parse(root.dataset.chart), at: null };
}).filter(Boolean);

const axis = (low, high, logarithmic, from, size) => {
  const scale = logarithmic ? (value) => Math.log10(Math.max(value, Number.MIN_VALUE)) : (value) => value;
  const [start, end] = [scale(low), scale(high)];
  return {
    low, high,
    place: (value) => from + size * Math.min(Math.max((scale(value) - start) / (end - start), -3), 4),
    value: (place) => {
      const value = start + (end - start) * (place - from) / size;
      return logarithmic ? 10 ** value : value;
    },
  };
};

for (const chart of charts) {
  chart.plots = $$("[data-plot]", chart.root).map((holder) => {
    const [left, top, width, height, ...axes] = holder.dataset.plot.split(" ").map(Number);
    const svg = $("svg", holder);
    const chosen = svg.appendChild(svgElement("g", { class: "chosen", "aria-hidden": "true" }));
    const hover = svg.appendChild(svgElement("g", { class: "hover", "aria-hidden": "true" }));
    return {
      holder, svg, chosen, hover, left, top, width, height,
      x: axis(axes[0], axes[1], axes[2], left, width), y: axis(axes[3], axes[4], axes[5], top + height, -height),
    };
  });
  chart.tip = chart.root.appendChild(element("div", { class: "tip", role: "status", hidden: "" }));
  const name = chart.root.dataset.name ?? $("h2", chart.root.closest("section"))?.textContent ?? "chart";
  chart.root.tabIndex = 0;
  chart.root.setAttribute("role", "group");
  chart.root.setAttribute("aria-label", `${name.replace(/\?$/, "")}: the arrow keys show values, Enter chooses the ${gd.row_head}.`);
}

const shownPlot = (chart) => chart.plots.find((plot) => plot.holder.offsetWidth > 0) ?? chart.plots[0];

// The value of a line at a step or epoch: of its column where it has one, else of its nearest point.
const nearestPoint = (points, x) => {
  let best = points[0];
  for (const point of points) if (Math.abs(point[0] - x) < Math.abs(best[0] - x)) best = point;
  return best;
};
const lineValue = (series, x) => {
  if (series.column === undefined) return nearestPoint(series.points, x)[1];
  const run = gd.runs[series.run];
  return x > run.rows ? null : gd.value(run, series.column, gd.nearest(run, x));
};
// The value of a curve at any x.
const curveValue = (points, x) => {
  const next = Math.max(points.findIndex((point) => point[0] >= x), 1);
  const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]];
  return y0 === null || y1 === null ? null : y0 + (y1 - y0) * (x - x0) / (x1 - x0);
};

// The rows of a run, with the weights after each.
const ways = new Map();
const wayOf = (series) => {
  if (!ways.has(series.run)) {
    const run = gd.runs[series.run];
    const points = [];
    for (let row = 1; row <= run.rows; row += 1) {
      points.push([row, ...series.columns.map((column) => gd.value(run, column, row))]);
    }
    ways.set(series.run, points);
  }
  return ways.get(series.run);
};

const dot = (plot, x, y, run, radius = 4.5) => {
  const [cx, cy] = [plot.x.place(x), plot.y.place(y)];
  if (!Number.isFinite(cx) || !Number.isFinite(cy) || cy < plot.top - 1 || cy > plot.top + plot.height + 1) return null;
  return svgElement("circle", { cx, cy, r: radius, class: run === null || run === undefined ? "dot" : `dot run-${run}` });
};
const upright = (plot, x) => {
  const place = plot.x.place(x);
  return svgElement("path", { d: `M${place} ${plot.top}v${plot.height}`, class: "cross-hair" });
};

// What each kind of chart does: which places the cursor has, where the pointer is, what is shown there. A cursor
// is a row, an epoch, a sample's index, or a run's series with a row.
const stepped = (low) => ({
  first: (chart) => low === 0 ? 0 : Math.min(gd.state.row, shownPlot(chart).x.high),
  move: (chart, at, by) => Math.min(Math.max(at + by, low), shownPlot(chart).x.high),
  point: (chart, plot, x) => Math.min(Math.max(Math.round(plot.x.value(x)), low), plot.x.high),
  title: (chart, at) => `${chart.unit} ${at}`,
  x: (chart, at) => at,
  values: (chart, at) => chart.series.map((series) => ({ ...series, value: lineValue(series, at) })),
  dots: (chart, at, plot) => chart.series.map((series) => {
    const value = lineValue(series, at);
    return typeof value === "number" ? dot(plot, at, value, series.run) : null;
  }),
  row: (chart, at) => [gd.state.run, low === 0 ? Math.max(at, 1) * gd.samples : at],
  chosen: (chart, plot, run, row) => [upright(plot, low === 0 ? row / gd.samples : row)],
});

const along = {
  first: (chart) => ({ series: chart.series.findIndex((one) => one.run === gd.state.run), row: gd.state.row }),
  move: (chart, at, by, across) => {
    const series = (at.series + across + chart.series.length) % chart.series.length;
    const points = wayOf(chart.series[series]);
    const index = points.findIndex((point) => point[0] >= at.row);
    return { series, row: points[Math.min(Math.max((index < 0 ? points.length - 1 : index) + by, 0), points.length - 1)][0] };
  },
  point: (chart, plot, x, y) => {
    let best = { distance: Infinity, series: 0, row: 1 };
    chart.series.forEach((series, index) => {
      for (const point of wayOf(series)) {
        if (typeof point[1] !== "number") continue;
        const distance = Math.hypot(plot.x.place(point[1]) - x, plot.y.place(along.height(chart, point)) - y);
        if (distance < best.distance) best = { distance, series: index, row: point[0] };
      }
    });
    return best;
  },
  height: (chart, point) => chart.kind === "curve" ? curveValue(chart.points, point[1]) : point[2],
  here: (chart, at) => nearestPoint(wayOf(chart.series[at.series]), at.row),
  title: (chart, at) => `${chart.series[at.series].name}, after ${chart.unit} ${along.here(chart, at)[0]}`,
  x: (chart, at) => along.here(chart, at)[1],
  values: (chart, at) => {
    const here = along.here(chart, at);
    const values = chart.names.map((name, index) => ({ name, value: index === 0 ? here[1] : along.height(chart, here) }));
    if (chart.bowl) {
      const [name, centre, lowest, [aa, ab, bb]] = chart.bowl;
      const [a, b] = centre.map((middle, index) => here[index + 1] - middle);
      const loss = lowest + (aa * a * a + 2 * ab * a * b + bb * b * b) / 2;
      values.push({ name, value: name === "RMSE" ? Math.sqrt(loss) : loss });
    }
    return values;
  },
  dots: (chart, at, plot) => {
    const here = along.here(chart, at);
    return [dot(plot, here[1], along.height(chart, here), chart.series[at.series].run, 6)];
  },
  row: (chart, at) => [chart.series[at.series].run, at.row],
  chosen: (chart, plot, run, row, index) => {
    const [before, after] = ["before", "after"].map((which) => run.weights.map((one) => gd.value(run, one[which], row)));
    const ends = [before, after].map((weights) => [row, ...weights]);
    if (ends.flat().some((value) => typeof value !== "number")) return [];
    const [from, to] = ends.map((end) => [plot.x.place(end[1]), plot.y.place(along.height(chart, end))]);
    const clip = $("[clip-path]", plot.svg).getAttribute("clip-path");
    return [svgElement("path", { d: `M${from}L${to}`, class: "taken", "clip-path": clip }),
      svgElement("circle", { cx: to[0], cy: to[1], r: 8, class: `ring run-${index}`, "clip-path": clip })];
  },
};

// What the weights before a row predict, as a path.
const PLACES = 80;
const predictions = (chart, plot, run, row) => {
  const weights = new Map(run.weights.map(({ name, before }) => [name, gd.value(run, before, row)]));
  let path = "";
  for (let place = 0; place <= PLACES; place += 1) {
    const x = plot.x.low + (plot.x.high - plot.x.low) * place / PLACES;
    const y = gd.evaluate(gd.parts.prediction, (name) => name === chart.names[0] ? x : weights.get(name) ?? "#NUM!");
    if (typeof y === "number") path += `${path === "" ? "M" : "L"}${plot.x.place(x)} ${plot.y.place(y)}`;
  }
  return path;
};

const sampled = {
  first: () => 0,
  // From sample to sample in the order of their places.
  order: (chart) => chart.order ??= chart.samples.map((one, index) => index).sort((a, b) => chart.samples[a][1] - chart.samples[b][1]),
  move: (chart, at, by) => {
    const order = sampled.order(chart);
    return order[Math.min(Math.max(order.indexOf(at) + by, 0), order.length - 1)];
  },
  point: (chart, plot, x) => {
    let best = 0;
    chart.samples.forEach((sample, index) => {
      if (Math.abs(plot.x.place(sample[1]) - x) < Math.abs(plot.x.place(chart.samples[best][1]) - x)) best = index;
    });
    return best;
  },
  title: (chart, at) => {
    const [number, x, y] = chart.samples[at];
    const [xName, yName] = chart.names;
    return `sample ${number}: ${chart.kind === "fit" ? `${xName} = ${gd.show(x)}, ` : ""}${yName} = ${gd.show(y)}`;
  },
  x: (chart, at) => chart.samples[at][1],
  value: (chart, series, at) => chart.kind === "fit" ? curveValue(series.points, chart.samples[at][1]) : series.points[at][1],
  values: (chart, at) => chart.series.map((series) => ({ ...series, value: sampled.value(chart, series, at) })),
  dots: (chart, at, plot) => [
    chart.kind === "fit" ? dot(plot, chart.samples[at][1], chart.samples[at][2], null) : null,
    ...chart.series.map((series) => {
      const value = sampled.value(chart, series, at);
      return typeof value === "number" ? dot(plot, chart.samples[at][1], value, series.run) : null;
    }),
  ],
  // The row of the chosen epoch that sees the sample.
  row: (chart, at) => {
    const run = gd.runs[gd.state.run];
    const from = Math.floor((gd.state.row - 1) / gd.samples) * gd.samples;
    for (let row = from + 1; row <= from + gd.samples; row += 1) {
      if (gd.value(run, run.sample, row) === chart.samples[at][0]) return [gd.state.run, row];
    }
    return null;
  },
  chosen: (chart, plot, run, row, index) => {
    const number = gd.value(run, run.sample, row);
    const sample = chart.samples.find((one) => one[0] === number);
    const clip = $("[clip-path]", plot.svg).getAttribute("clip-path");
    const ring = (x, y) => svgElement("circle", { cx: plot.x.place(x), cy: plot.y.place(y), r: 8, class: "ring", "clip-path": clip });
    if (chart.kind === "against") {
      const predicted = gd.value(run, run.column.get("y_pred"), row);
      const target = gd.value(run, run.column.get("y"), row);
      return [target, predicted].every((value) => typeof value === "number") ? [ring(target, predicted)] : [];
    }
    const line = svgElement("path", { d: predictions(chart, plot, run, row), class: `current run-${index}`, "clip-path": clip });
    return sample ? [line, ring(sample[1], sample[2])] : [line];
  },
};

const KINDS = { steps: stepped(1), epochs: stepped(0), way: along, curve: along, fit: sampled, against: sampled };

// More values than this are not read at a glance: those nearest to the pointer are shown.
const MOST_VALUES = 12;

const showTip = (chart, at, pointer) => {
  const kind = KINDS[chart.kind];
  chart.at = at;
  const plot = shownPlot(chart);
  for (const one of chart.plots) {
    const marks = one === plot ? [upright(one, kind.x(chart, at)), ...kind.dots(chart, at, one)] : [];
    one.hover.replaceChildren(...marks.filter(Boolean));
  }
  // Where there is little room, without what stands in the background.
  const roomy = chart.root.clientWidth > 500;
  let values = kind.values(chart, at).filter((one) => one.value !== null && one.value !== undefined && (roomy || !one.faint));
  const all = values.length;
  if (all > MOST_VALUES) {
    const distance = (one) => typeof one.value === "number" ? Math.abs(plot.y.place(one.value) - (pointer?.y ?? plot.top + plot.height)) : Infinity;
    values = values.map((one) => [distance(one), one]).sort((one, other) => one[0] - other[0]).slice(0, MOST_VALUES).map((one) => one[1]);
  }
  const list = element("ul");
  for (const { run, name, value } of values) {
    const item = list.appendChild(element("li"));
    if (run !== null && run !== undefined) item.append(element("i", { class: `swatch run-${run}` }));
    item.append(element("span", {}, name), element("b", {}, gd.show(value, 6)));
  }
  if (all > MOST_VALUES) list.append(element("li", {}, `and ${all - MOST_VALUES} more`));
  chart.tip.replaceChildren(element("strong", {}, kind.title(chart, at)), list);
  chart.tip.style.left = "0";
  chart.tip.hidden = false;
  // Beside the cursor, on the side that has more room.
  const scale = plot.holder.offsetWidth / plot.svg.viewBox.baseVal.width;
  const x = Math.min(Math.max(plot.x.place(kind.x(chart, at)), plot.left), plot.left + plot.width) * scale;
  const wanted = x > plot.holder.offsetWidth / 2 ? x - 14 - chart.tip.offsetWidth : x + 14;
  chart.tip.style.left = `${Math.max(Math.min(wanted, chart.root.clientWidth - chart.tip.offsetWidth), 0)}px`;
  chart.tip.style.top = `${plot.top * scale + 4}px`;
};

const hideTip = (chart) => {
  chart.at = null;
  chart.tip.hidden = true;
  for (const plot of chart.plots) plot.hover.replaceChildren();
};

const choose = (chart) => {
  const chosen = chart.at === null ? null : KINDS[chart.kind].row(chart, chart.at);
  if (chosen) gd.select(...chosen);
};

for (const chart of charts) {
  const kind = KINDS[chart.kind];
  for (const plot of chart.plots) {
    const follow = (event) => {
      const box = plot.svg.getBoundingClientRect();
      const scale = plot.svg.viewBox.baseVal.width / box.width;
      const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      const room = 12;
      const inside = x > plot.left - room && x < plot.left + plot.width + room && y > plot.top - room && y < plot.top + plot.height + room;
      if (inside) showTip(chart, kind.point(chart, plot, x, y), { x, y }); else hideTip(chart);
    };
    plot.svg.addEventListener("pointermove", follow);
    plot.svg.addEventListener("pointerdown", follow);
    plot.svg.addEventListener("pointerleave", () => hideTip(chart));
    plot.svg.addEventListener("click", () => choose(chart));
  }
  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], PageUp: [-10, 0], PageDown: [10, 0], Home: [-1e9, 0], End: [1e9, 0] };
  chart.root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") hideTip(chart);
    else if (event.key === "Enter") choose(chart);
    else if (KEYS[event.key] && !(kind !== along && KEYS[event.key][1])) {
      const [by, across] = KEYS[event.key];
      showTip(chart, chart.at === null ? kind.first(chart) : kind.move(chart, chart.at, by, across));
    } else return;
    event.preventDefault();
  });
  chart.root.addEventListener("focus", () => {
    if (chart.root.matches(":focus-visible")) showTip(chart, chart.at ?? kind.first(chart));
  });
  chart.root.addEventListener("blur", () => hideTip(chart));
}

// Among many runs the chosen one stands out (see CROWD of the page's writer), in the charts that it is in.
const crowd = gd.runs.length <= 14 ? [] : charts
  .filter((chart) => chart.series.every((one) => one.run === null || one.faint || gd.runs[one.run]?.name === one.name))
  .flatMap((chart) => chart.plots.map((plot) => $$("[class*='run-']", plot.svg)));
let standsOut = null;
const standOut = (index) => {
  if (standsOut === index) return;
  standsOut = index;
  const isChosen = (group) => group.classList.contains(`run-${index}`);
  for (const groups of crowd) {
    const isHere = groups.some(isChosen);
    for (const group of groups) {
      group.classList.toggle("others", isHere && !isChosen(group));
      if (isChosen(group)) group.parentNode.append(group);
    }
  }
};

gd.on((run, row, index) => {
  standOut(index);
  for (const chart of charts) {
    for (const plot of chart.plots) plot.chosen.replaceChildren(...KINDS[chart.kind].chosen(chart, plot, run, row, index));
  }
});
