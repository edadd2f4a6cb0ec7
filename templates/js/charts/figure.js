// A figure of the page of a run: its legend, its charts, what its numbers say, and the table behind it.
const figureAt = (figure) => {
  const { figure: id } = figure.dataset;
  const caption = $("figcaption", figure);
  const legend = element("ul", { class: "legend", "aria-hidden": "true" });
  const place = element("div");
  const noticed = element("p", { class: "noticed", hidden: "" });
  figure.prepend(legend, place, noticed);
  const table = gd.numbersTable(figure, id);
  caption.append(gd.savers(figure, id, table.content));
  return { id, caption, legend, place, noticed, charts: [], told: $("[data-told]", caption), table };
};

const writeLegend = (legend, entries) => legend.replaceChildren(...entries.map((entry) => {
  const item = element("li");
  item.append(gd.key(entry), entry.name);
  return item;
}));

const update = (figure) => {
  const made = gd.figures[figure.id]();
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

gd.figure = { at: figureAt, update, writeLegend };
