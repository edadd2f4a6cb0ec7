// Puts the charts of a run's page where the writer left room for them (data-figure), and keeps them at the runs as they are.

// A figure in the page: its legend, its charts, what its numbers say, and the table behind it.
const figureAt = (figure) => {
  const { figure: id } = figure.dataset;
  const caption = $("figcaption", figure);
  const legend = element("ul", { class: "legend", "aria-hidden": "true" });
  const place = element("div");
  const noticed = element("p", { class: "noticed", hidden: "" });
  figure.prepend(legend, place, noticed);
  const table = gd.numbersTable(figure, id);
  caption.append(gd.savers(figure, id, table.content));
  const [section, entry] = [figure.closest("section"), $$(".contents a").find((link) => link.hash === `#${id}`).parentNode];
  return { id, section, entry, caption, legend, place, noticed, charts: [], told: $("[data-told]", caption), table };
};

const writeLegend = (legend, entries) => legend.replaceChildren(...entries.map((entry) => {
  const item = element("li");
  item.append(gd.key(entry), entry.name);
  return item;
}));

const update = (figure) => {
  const made = gd.figures[figure.id]();
  // There may be nothing to show, until an optimizer is added that has it.
  figure.section.hidden = !made;
  figure.entry.hidden = !made;
  if (!made) return;
  const { charts, legend, told, table } = made;
  figure.place.className = charts.length > 1 || charts[0].shape === "panel" || charts[0].shape === "tall" ? "multiples" : "single";
  while (figure.charts.length > charts.length) figure.charts.pop().remove();
  while (figure.charts.length < charts.length) {
    figure.charts.push(gd.chart(figure.place.appendChild(element("div", { class: "plots" }))));
  }
  writeLegend(figure.legend, legend);
  figure.told.textContent = told;
  figure.noticed.hidden = !made.noticed;
  figure.noticed.textContent = made.noticed ?? "";
  figure.table.update(table);
  charts.forEach((content, at) => figure.charts[at].update(content));
  return made;
};

// The way of the weights stands beside the explorer too, so that it is seen while a reader goes from step to step.
const companion = $(".companion");
const beside = companion && {
  legend: companion.appendChild(element("ul", { class: "legend", "aria-hidden": "true", hidden: "" })),
  chart: gd.chart(companion.appendChild(element("div", { class: "plots" }))),
};
const updateBeside = ({ charts: [content], legend }) => {
  companion.hidden = false;
  // Where its lines are weights, the optimizers' buttons do not say which colour is which.
  beside.legend.hidden = content.byRun;
  writeLegend(beside.legend, legend);
  beside.chart.update({ ...content, id: "beside", shape: "square", right: undefined, name: `${content.name}, beside the steps` });
};

const figures = $$("[data-figure]").map(figureAt);
let drawn = null;
gd.on(() => {
  // A long computation is drawn when it is done.
  if (drawn === gd.runs || gd.runs.some((run) => run.partial)) return;
  drawn = gd.runs;
  for (const figure of figures) {
    const made = update(figure);
    if (figure.id === "way" && made && beside) updateBeside(made);
  }
});
