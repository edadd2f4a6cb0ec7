// Puts the charts of a run's page where the writer left room for them (data-figure), and keeps them at the runs as they are.

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
  gd.writeLegend(beside.legend, legend);
  beside.chart.update({ ...content, id: "beside", shape: "square", right: undefined, name: `${content.name}, beside the steps` });
};

const figures = $$("[data-figure]").map((place) => {
  const entry = $$(".contents a").find((link) => link.hash === `#${place.dataset.figure}`).parentNode;
  return { ...gd.figureAt(place), room: [place.closest("section"), entry] };
});
let drawn = null;
gd.on(() => {
  // A long computation is drawn when it is done.
  if (drawn === gd.runs || gd.runs.some((run) => run.partial)) return;
  drawn = gd.runs;
  for (const figure of figures) {
    const made = gd.figures[figure.id]();
    // There may be nothing to show, until an optimizer is added that has it.
    for (const place of figure.room) place.hidden = !made;
    if (!made) continue;
    gd.showFigure(figure, made);
    if (figure.id === "way" && beside) updateBeside(made);
  }
});
