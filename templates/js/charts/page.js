// Puts the charts of a run's page where the writer left room for them (data-figure), and keeps them at the runs as they are.
const { at: figureAt, update, writeLegend } = gd.figure;

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
