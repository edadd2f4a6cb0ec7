// The trainings of a comparison: the loss and the weights by iteration, each gradient beside the derivative that it should
// be, and the cells of an iteration as a picture. All of it follows one cursor.
const { valuesOf, lineOf, chartOf, tableOf } = gd.places;
const [HERE, MENDED] = ["the sheet", "with the right derivatives"];

const sectionOf = (training) => ({ ...training, xs: training.iterations, unit: "iteration", at: 0, weight: Math.max(training.weights.findIndex((one) => one.is_wrong), 0) });
// The sheet's values, and where they would be others those with the right derivatives.
const linesOf = (section, { values, mended }) => [lineOf(section, 0, HERE, values), ...mended ? [lineOf(section, 1, MENDED, mended)] : []];
const ends = (values) => [values.find(Number.isFinite), values.findLast(Number.isFinite)].map((value) => gd.show(value, 6));

const lossFigure = (section) => {
  const { id, loss } = section;
  const lines = linesOf(section, loss);
  const [from, to] = ends(loss.values);
  const told = `The loss goes from ${from} to ${to}.${loss.mended ? ` With the right derivatives it would end at ${ends(loss.mended)[1]}.` : ""}`;
  return {
    charts: [chartOf(section, lines, { id: `${id}-loss-chart`, shape: "wide", y: gd.plot.axisOf(valuesOf(lines)), titles: ["iteration", loss.name], name: "The loss by iteration", title: `${loss.name} by iteration`, description: told })],
    legend: lines.length > 1 ? lines : [], told, table: tableOf(section, "The loss by iteration", lines),
  };
};

const weightFigure = (section) => {
  const { id, xs } = section;
  const weight = section.weights[section.weight];
  const { name, gradient, derivative } = weight;
  const lines = linesOf(section, weight);
  const has = lineOf(section, 0, weight.mended ? HERE : "the gradient", gradient);
  const should = derivative ? [lineOf(section, 1, `the derivative of the loss${section.factor}`, derivative)] : [];
  const wrong = weight.first === null ? null : { x: xs[weight.first], name: "first wrong" };
  const [from, to] = ends(weight.values);
  const told = `${name} goes from ${from} to ${to}.${wrong ? ` In iteration ${wrong.x} its gradient is ${gd.show(gradient[weight.first])} where the derivative is ${gd.show(derivative[weight.first])}.` : ""}`;
  const charts = [chartOf(section, lines, { id: `${id}-weight-chart`, titles: ["iteration", name], name: `${name} by iteration`, title: `The weight ${name} by iteration`, description: told })];
  if (gradient.some(Number.isFinite)) {
    charts.push(chartOf(section, [has, ...should], {
      id: `${id}-gradient-chart`, first: wrong, titles: ["iteration", `gradient of ${name}`], name: `The gradient of ${name}`, title: `The gradient of ${name} and the derivative that it should be`, description: told,
    }));
  }
  const legend = [{ colour: 0, name: HERE }, ...should.length ? [{ colour: 1, name: weight.mended ? `${MENDED}; of the gradient, the derivative at the sheet’s weights` : "the derivative of the loss" }] : []];
  return { charts, legend: legend.length > 1 ? legend : [], told, table: tableOf(section, `${name} and its gradient`, [...lines.map((line) => ({ ...line, name: `${name}, ${line.name}` })), { ...has, name: "gradient" }, ...should]) };
};

const weightChooser = (section, show) => {
  const line = element("p", { class: "chooser" });
  const { box, select } = chooserOf("Weight", section.weights.map(({ name, is_wrong: isWrong }) => isWrong ? `${name}, wrong` : name), (weight) => {
    section.weight = weight;
    show();
  });
  select.value = section.weight;
  line.append(box);
  return line;
};

// The iteration at the cursor, to be changed with a slider.
const stepper = (section) => {
  const line = element("p", { class: "chooser" });
  const slider = element("input", { type: "range", id: `${section.id}-iteration`, min: 0, max: section.xs.length - 1 });
  const told = element("output", { for: slider.id });
  line.append(element("label", { for: slider.id }, "Iteration "), slider, told);
  slider.addEventListener("input", () => gd.select(section, Number(slider.value)));
  const show = () => {
    slider.value = section.at;
    told.textContent = ` ${section.xs[section.at]} of ${section.xs.at(-1)}`;
    slider.setAttribute("aria-valuetext", `iteration ${section.xs[section.at]}`);
  };
  return { line, show };
};

// What stands in a cell, and the derivative of the loss by it, at the cursor.
const numbersOf = ({ network, at }, node) => ({ value: network.values[at]?.[node] ?? null, slope: network.slopes[at]?.[node] ?? null, cell: network.cells[at]?.[node] ?? "" });
const tellNode = (section, node) => {
  const { value, slope, cell } = numbersOf(section, node);
  const { nodes, edges } = section.network;
  const named = (way, from) => edges.filter((edge) => edge[from] === node).map((edge) => nodes[edge[1 - from]].name).join(", ") || way;
  const { name } = nodes[node];
  const derivative = slope === null ? "" : `; the derivative of the loss by it is ${gd.show(slope)}`;
  return `${name}${cell && cell !== name ? `, ${cell}` : ""}${value === null ? "" : ` = ${gd.show(value)}`}${derivative}. Computed from ${named("nothing else", 1)}; goes into ${named("nothing else", 0)}.`;
};
const networkOf = (section, figure) => {
  const step = stepper(section);
  const place = element("div", { class: "plots" });
  const box = element("div", { class: "scroll", role: "region", "aria-label": "The picture, which scrolls", tabindex: "0" });
  box.append(place);
  const read = element("p", { class: "read", "aria-live": "polite" });
  const look = (node) => { read.textContent = node === null ? "Point at a cell, or use the arrow keys, to read its numbers." : tellNode(section, node); };
  look(null);
  const drawing = gd.drawNetwork(place, section.network, section.id, `The cells of ${section.name}`, look);
  if (drawing) {
    figure.prepend(box, read);
    $("figcaption", figure).append(gd.savers(figure, `${section.id}-network`, () => networkTable(section)));
    const details = $("details", figure);
    if (details) details.open = false;
  }
  figure.prepend(step.line);
  const rows = $$(".forward tbody tr", figure);
  return () => {
    step.show();
    drawing?.show((node) => {
      const { value, slope } = numbersOf(section, node);
      return [gd.show(value, 6), slope === null ? "" : `∂ ${gd.show(slope, 6)}`];
    });
    rows.forEach((row, node) => {
      const { value, slope, cell } = numbersOf(section, node);
      [row.cells[0], row.cells[3], row.cells[4]].forEach((place, at) => { place.textContent = [cell || "none", gd.show(value, 6), gd.show(slope, 6)][at]; });
    });
  };
};
const networkTable = (section) => {
  const nodes = d3.range(section.network.nodes.length);
  const all = nodes.map((node) => numbersOf(section, node));
  const column = (head, values) => ({ head, values });
  return { columns: [column("name", nodes.map((node) => section.network.nodes[node].name)), ...["cell", "value", "slope"].map((key) => column(key === "slope" ? "derivative" : key, all.map((one) => one[key])))] };
};

for (const training of gd.trainings) {
  const section = sectionOf(training);
  const root = document.getElementById(training.id).closest("section");
  const figureIn = (what) => $(`[data-figure="${training.id}-${what}"]`, root);
  if (training.loss) gd.showFigure(gd.figureAt(figureIn("loss")), lossFigure(section));
  const weights = gd.figureAt(figureIn("weight"));
  const show = () => gd.showFigure(weights, weightFigure(section));
  if (section.weights.length > 1) weights.legend.before(weightChooser(section, show));
  show();
  const figure = $(".network", root);
  if (!figure) continue;
  const follow = networkOf(section, figure);
  gd.on((changed) => { if (changed === section) follow(); });
  follow();
}
