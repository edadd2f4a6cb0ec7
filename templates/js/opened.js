// The run of a point or a cell of a sweep: computed here, and shown in the charts of a run's page.
const { sweep } = gd;

// What the numbers of the way to train are called in settings.
const WAYS = { "batch-size": "batch_size", l2: "l2", "weight-decay": "weight_decay", clip: "clip" };
const settingsOf = ({ block, values }) => {
  const name = gd.program.shown[block];
  const set = sweep.axes.flatMap((axis, at) => values[at] === null ? [] : [[WAYS[axis.name] ?? `${name}.${axis.name}`, values[at]]]);
  return { ...engine.defaults(), ...Object.fromEntries(set), optimizers: [name] };
};

const view = element("div", { class: "opened", hidden: "" });
const said = view.appendChild(element("p", { role: "status" }));
const place = view.appendChild(element("div"));
place.append(document.getElementById("figures-of-run").content);
const figures = $$("section", place).map((section) => ({ section, figure: gd.figureAt($("figure", section)) }));
const numbers = place.appendChild(element("details"));
const title = numbers.appendChild(element("summary"));
const box = numbers.appendChild(element("div", { class: "scroll", role: "region", "aria-label": "The chosen step", tabindex: "0" }));
const table = box.appendChild(element("table", { class: "numbers plain" }));
gd.on((run, row) => {
  title.textContent = `The numbers of ${gd.row_head} ${row}`;
  table.replaceChildren(...run.headers.map((header, column) => {
    const line = element("tr");
    line.append(element("th", { scope: "row", class: "label" }, header), element("td", {}, gd.show(run.value(column, row))));
    return line;
  }));
});
// The start and the samples are those of the sweep.
for (const kind of ["way", "curve", "fit"]) delete gd.kinds[kind].handles;

const show = (run, colour) => {
  gd.runs = [Object.assign(run, { colour, sheet: null })];
  place.hidden = false;
  const weights = Object.entries(run.final).map(([name, value]) => `${name} = ${gd.show(value)}`).join(", ");
  said.textContent = `The run itself, step by step. It ends at ${weights}.`;
  for (const { section, figure } of figures) {
    const made = gd.figures[figure.id]();
    section.hidden = !made;
    if (made) gd.showFigure(figure, made);
  }
  gd.select(0, 1);
};
let stop = () => {};
// Opens the run with this number below `parent`.
gd.open = (index, parent) => {
  stop();
  const run = sweep.runs[index];
  gd.settings = settingsOf(run);
  const plan = engine.plan(gd.settings, gd.program.shown[run.block]);
  parent.append(view);
  view.hidden = false;
  if (!gd.isLong([plan])) {
    show(engine.computed(plan), run.block);
    return;
  }
  place.hidden = true;
  stop = gd.elsewhere(gd.program, source, gd.settings, [plan], (_, computed) => show(engine.runOf(plan, computed), run.block),
    (share) => { if (share < 1) said.textContent = `Computing the run: ${Math.floor(share * 100)} %`; });
};
