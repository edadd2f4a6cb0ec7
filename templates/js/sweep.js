// The page of a sweep: curves over one varied value and heat maps over two. A point or a cell opens its run, which is computed here.
const source = document.currentScript.textContent;
Object.assign(gd, JSON.parse(document.getElementById("gd-store").textContent));
const engine = gd.engine(gd.program);
gd.settings = engine.defaults();
gd.runs = [];
gd.state = { run: 0, row: 1 };
gd.value = (run, column, row) => run.value(column, row);
// The steps of the run that is open: parts listen, and are told when another is chosen.
const listeners = [];
gd.on = (listener) => listeners.push(listener);
gd.select = (run, row) => {
  gd.state = { run, row: Math.min(Math.max(Math.round(row), 1), gd.runs[run].rows) };
  for (const listener of listeners) listener(gd.runs[run], gd.state.row);
};
gd.sweep.runs.forEach((run, index) => { run.index = index; });
