// The charts of a sweep, put where the writer left room for them.
const { plot } = gd;
const { crossAt } = gd.frame;
const { sweep } = gd;
const colours = gd.heat.coloursOf(sweep.extremes);
for (const curve of sweep.curves) curve.id = `curve-${curve.axis}`;
for (const map of sweep.maps) map.id = `map-${map.block}`;

// What a run came to, the command that traces it, and the run itself, below the chart in which it was chosen.
const picked = new Map();
let shown = null;
const open = (index) => {
  const run = sweep.runs[index];
  const box = picked.get(shown);
  for (const other of picked.values()) other.hidden = other !== box;
  const text = run.rmse === null ? `${run.mark}.` : `RMSE ${gd.show(run.rmse, 6)}${run.mark ? `, ${run.mark}` : ""}.`;
  const pre = element("pre", { class: "command" });
  pre.append(element("code", {}, sweep.commands[index] ?? sweep.command));
  box.replaceChildren(element("p", { role: "status" }, `${sweep.blocks[run.block]} with ${run.with}: ${text} This command traces it:`), pre);
  gd.open(index, box);
  history.replaceState(null, "", `#run=${index}`);
};

const curveOf = ({ id, axis, blocks }) => {
  const { name, logarithmic } = sweep.axes[axis];
  const of = (block) => sweep.runs.filter((run) => run.block === block && run.values[axis] !== null);
  const xs = blocks.flatMap((block) => of(block).map((run) => run.values[axis]));
  const [low, high] = plot.extent(xs);
  const lost = (block) => {
    const runs = of(block);
    const begin = (isFine) => runs[runs.findLastIndex(isFine) + 1]?.values[axis];
    const [diverged, away] = [begin((run) => run.rmse !== null), begin((run) => run.rmse !== null && !run.away)];
    if (away !== undefined && away === diverged) return `diverges from ${name} ${away}`;
    return away === undefined ? "beyond the chart" : `moves away from ${name} ${away}`;
  };
  const series = blocks.map((block) => ({
    run: block, colour: block, name: sweep.blocks[block], lost: lost(block), points: of(block).map((run) => [run.values[axis], run.rmse ?? NaN]),
  }));
  const [least, most] = sweep.extremes;
  const y = least > 0 && most / least > 30 ? { low: least, high: most, logarithmic: true } : { low: 0, high: most, logarithmic: false };
  return {
    id, kind: "swept", shape: "wide", name: `Final RMSE over ${name}`, title: `Final RMSE over ${name}, a line for each optimizer`, description: sweep.finding,
    titles: [name, "final RMSE, in the unit of y"], x: { low, high, logarithmic: logarithmic && low > 0 }, y, series, axis, blocks,
    at: null, xs: [...new Set(xs)].sort((one, other) => one - other), everyPoint: true, namesLost: true, right: blocks.length < 12 ? 112 : undefined,
    reference: sweep.below ? { value: sweep.below, name: `converged: ${gd.show(sweep.below, 6)}` } : null,
  };
};
const runsAt = (chart, x) => sweep.runs.filter((run) => chart.blocks.includes(run.block) && run.values[chart.axis] === x);
gd.kinds.swept = {
  draw: (chart, frame) => {
    gd.drawLines(chart, frame);
    const isLost = (run) => chart.blocks.includes(run.block) && run.rmse === null && run.values[chart.axis] !== null;
    for (const run of sweep.runs.filter((one) => isLost(one) && frame.shows(frame.placeX(one.values[chart.axis]), frame.top))) {
      frame.over.append("g").attr("class", `marks run-${run.block}`).append("path").attr("class", "exit").attr("d", crossAt([frame.placeX(run.values[chart.axis]), frame.top]));
    }
    const best = sweep.runs[sweep.best];
    if (best && chart.blocks.includes(best.block) && frame.holds(best.values[chart.axis], best.rmse)) {
      const [cx, cy] = frame.at(best.values[chart.axis], best.rmse);
      frame.over.append("circle").attr("class", "best").attr("cx", cx).attr("cy", cy).attr("r", 9);
    }
  },
  first: () => 0,
  move: (chart, at, by) => Math.min(Math.max(at + by, 0), chart.xs.length - 1),
  point: (chart, frame, x) => {
    const distance = (at) => Math.abs(frame.placeX(chart.xs[at]) - x);
    return chart.xs.reduce((best, _, at) => distance(at) < distance(best) ? at : best, 0);
  },
  title: (chart, at) => `${chart.titles[0]} ${chart.xs[at]}`,
  x: (chart, at) => chart.xs[at],
  values: (chart, at) => runsAt(chart, chart.xs[at]).map((run) => ({ colour: run.block, name: sweep.blocks[run.block], value: run.rmse ?? run.mark })),
  dots: (chart, at, frame) => runsAt(chart, chart.xs[at]).map((run) => run.rmse === null ? null : gd.frame.dotAt(frame, chart.xs[at], run.rmse, run.block)),
  choose: open,
  row: (chart, at) => [[...runsAt(chart, chart.xs[at])].sort((one, other) => (one.rmse ?? Infinity) - (other.rmse ?? Infinity))[0].index],
};

const heatOf = ({ id, block, columns, rows, cells }) => {
  const [across, down] = [columns, rows].map((axis) => ({ name: sweep.axes[axis].name, values: sweep.values[block][axis] }));
  const name = sweep.blocks[block];
  return {
    id, kind: "heat", name: `${name}: ${across.name} against ${down.name}`, title: `Final RMSE of ${name} over ${across.name} and ${down.name}`,
    description: sweep.finding, grid: { columns: across, rows: down, cells }, x: { low: 0, high: across.values.length, exact: true, counts: true },
    y: { low: 0, high: down.values.length, exact: true, counts: true }, best: sweep.bests[block], colours, runs: sweep.runs,
  };
};
// What stands for which colour.
const scaleOf = ({ cells }) => {
  const list = element("ul", { class: "steps-of-colour" });
  const add = (name, text) => {
    const item = list.appendChild(element("li"));
    item.append(element("span", { class: `swatch ${name}` }), text);
  };
  list.append(element("li", { class: "what" }, "RMSE"));
  const [low, high] = sweep.extremes;
  const runs = cells.flat().map((index) => sweep.runs[index]);
  const more = runs.some((run) => run.away) ? " and above" : "";
  d3.range(colours.count).forEach((step) => add(`heat-${step}`, step === 0 ? `${gd.heat.short(low)} to ${gd.heat.short(colours.edge(1))}`
    : step === colours.count - 1 ? `to ${gd.heat.short(high)}${more}` : `to ${gd.heat.short(colours.edge(step + 1))}`));
  if (runs.some((run) => run.rmse === null)) add("hatched", "diverged");
  add("framed", "best");
  return list;
};

gd.kinds.heat.choose = open;

for (const figure of $$("main > section > [data-figure]")) {
  const { figure: id } = figure.dataset;
  const [curve, map] = [sweep.curves, sweep.maps].map((all) => all.find((one) => one.id === id));
  const place = element("div", { class: "single" });
  const root = place.appendChild(element("div", { class: "plots" }));
  const box = element("div", { class: "picked", hidden: "" });
  figure.prepend(place, box);
  picked.set(id, box);
  for (const type of ["click", "keydown"]) root.addEventListener(type, () => { shown = id; }, true);
  if (map) box.before(scaleOf(map));
  else {
    const legend = element("ul", { class: "legend", "aria-hidden": "true" });
    gd.writeLegend(legend, curve.blocks.map((block) => ({ colour: block, name: sweep.blocks[block] })));
    figure.prepend(legend);
  }
  gd.chart(root).update(curve ? curveOf(curve) : heatOf(map));
}
// A link to a run opens it where it is first drawn.
const linked = sweep.runs[/^#run=(\d+)$/.exec(location.hash)?.[1]];
if (linked) {
  shown = [...sweep.maps, ...sweep.curves].find(({ block, blocks = [block] }) => blocks.includes(linked.block)).id;
  open(linked.index);
  picked.get(shown).scrollIntoView();
}
document.documentElement.classList.add("scripted");
