// What the page's parts share: the runs, the chosen run and row, and how numbers are shown.
// The page is whole without this script; it adds exploration.
const source = document.currentScript.textContent;
Object.assign(gd, JSON.parse(document.getElementById("gd-store").textContent));
const engine = gd.engine(gd.program);

// What is set: as in the file, until somebody changes it.
gd.settings = engine.defaults();

// Whether all numbers that are set are those of the file.
const isAsInFile = () => engine.controls(gd.settings).every((control) => control.value === control.default);

// Whether all that is set is as in the file.
gd.isAsInFile = () => isAsInFile() && !Object.keys(gd.settings).some(gd.movedSample)
  && gd.settings.optimizers.join(",") === engine.defaults().optimizers.join(",");

// A run for the page's parts. `sheet` is what the workbook has of it, its cells and formulas: null where it has other
// columns there or none; `in_workbook` says whether its numbers are those of that sheet. `colour` is the number of its colour: run-0, run-1, ...
const shownRun = (run) => {
  const at = gd.sheets.findIndex((sheet) => sheet.name === run.name);
  run.sheet = at >= 0 && run.as_in_file ? gd.sheets[at] : null;
  run.in_workbook = gd.workbook !== null && run.sheet !== null && isAsInFile();
  run.colour = at >= 0 ? at : gd.sheets.length + gd.settings.optimizers.filter((name) =>
    !gd.sheets.some((sheet) => sheet.name === name)).indexOf(run.name);
  if (at >= 0) run.title = gd.sheets[at].title;
  return run;
};

// The runs of what is set, in their order. Those of a long computation have their rows at once, and all else when a
// worker has computed it.
let stop = () => {};
const compute = () => {
  stop();
  const plans = gd.settings.optimizers.map((name) => engine.plan(gd.settings, name));
  if (!gd.isLong(plans)) {
    const began = performance.now();
    gd.runs = plans.map((plan) => shownRun(engine.computed(plan)));
    performance.measure("gdtrace computes", { start: began });
    gd.progress(1);
    return;
  }
  gd.runs = plans.map((plan) => shownRun(engine.begun(plan)));
  gd.progress(0);
  const done = new Map();
  stop = gd.elsewhere(gd.program, source, gd.settings, plans, (name, computed) => {
    done.set(name, computed);
    if (done.size < plans.length) return;
    gd.runs = plans.map((plan) => shownRun(engine.runOf(plan, done.get(plan.name))));
    gd.state.row = gd.nearest(gd.runs[gd.state.run], gd.state.row);
    tell(true);
  }, gd.progress);
};

// How much of a long computation is done, in words at the foot of the window.
gd.progress = (share) => {
  const place = document.getElementById("computing");
  place.hidden = share >= 1;
  place.textContent = share >= 1 ? "" : `Computing the runs: ${Math.floor(share * 100)} %`;
};

// Runs of a kind have the same formulas.
gd.kindOf = (run) => `${run.name} ${engine.program.frames.indexOf(run.plan.frame)}`;

// The value of a column in a row: a number, the text of an error, or null where the cell holds nothing. Row 0 has the
// start values.
gd.value = (run, column, row) => run.value(column, row);

// The row of a run that is nearest to the wanted one.
gd.nearest = (run, wanted) => Math.min(Math.max(Math.round(wanted) || 1, 1), run.rows);

// The chosen run and row. Parts listen with gd.on and are told at every change and once at the start; `changed` says
// whether the runs are new ones.
const listeners = [];
gd.state = { run: 0, row: 1 };
gd.on = (listener) => listeners.push(listener);
const tell = (changed) => {
  const { run, row } = gd.state;
  for (const listener of listeners) listener(gd.runs[run], row, run, changed);
};
gd.select = (run, row, silent) => {
  const index = Math.min(Math.max(run, 0), gd.runs.length - 1);
  gd.state = { run: index, row: gd.nearest(gd.runs[index], row) };
  tell(false);
  if (!silent) history.replaceState(null, "", gd.address());
};
// Sets what is given, or where that is null all as in the file, computes the runs anew and tells all parts. Throws, and
// changes nothing, where it cannot be set.
gd.set = (changes, silent) => {
  const { name } = gd.runs[gd.state.run];
  gd.settings = changes ? engine.changed(gd.settings, changes) : engine.defaults();
  compute();
  const index = Math.max(gd.runs.findIndex((run) => run.name === name), 0);
  gd.state = { run: index, row: gd.nearest(gd.runs[index], gd.state.row) };
  tell(true);
  if (!silent) history.replaceState(null, "", gd.address());
};

// What is set and shown has an address: #run=adam&step=30&adam.lr=0.3, with what is not as in the file.
const encoded = (text) => encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":");
gd.address = (row = gd.state.row) => {
  const parts = [["run", gd.runs[gd.state.run].name], [gd.row_head, row]];
  const standard = engine.defaults();
  for (const control of engine.controls(gd.settings)) {
    if (control.value !== control.default) parts.push([control.key, control.value]);
  }
  for (const key of Object.keys(gd.settings)) if (gd.movedSample(key)) parts.push([key, gd.settings[key]]);
  const names = gd.settings.optimizers.join(",");
  if (names !== standard.optimizers.join(",")) parts.push(["optimizers", names]);
  return `#${parts.map(([key, value]) => `${encoded(key)}=${encoded(String(value))}`).join("&")}`;
};
// What an address sets; null where it is that of a place in the page. What cannot be set is left as it is.
const readAddress = (hash) => {
  if (!hash.includes("=")) return null;
  const [set, shown] = [{}, {}];
  for (const part of hash.slice(1).split("&")) {
    let [key, value] = part.split(/=(.*)/s);
    try { [key, value] = [decodeURIComponent(key), decodeURIComponent(value ?? "")]; } catch { continue; }
    (["run", "step", "row"].includes(key) ? shown : set)[key] = value;
  }
  return { set, shown };
};
gd.read = () => {
  const address = readAddress(location.hash);
  if (!address) return false;
  let settings = engine.defaults();
  for (const key of Object.keys(address.set).sort((one, other) => (other === "optimizers") - (one === "optimizers"))) {
    try { settings = engine.changed(settings, { [key]: address.set[key] }); } catch { /* It is as in the file. */ }
  }
  const isNew = JSON.stringify(settings) !== JSON.stringify(gd.settings);
  gd.settings = settings;
  if (isNew) compute();
  const index = gd.runs.findIndex((one) => one.name === address.shown.run);
  const run = index < 0 ? 0 : index;
  gd.state = { run, row: gd.nearest(gd.runs[run], Number(address.shown.step ?? address.shown.row)) };
  tell(isNew);
  return true;
};
compute();
