// What the page offers to whoever scripts it, and to checks: window.gdtrace.
//
//     gdtrace.state()                  // what is set, with the keys of the address
//     gdtrace.set({"adam.lr": 0.3})    // sets some of it; what was computed is computed anew
//     await gdtrace.ready()            // waits for a long computation
//     gdtrace.results()                // {name: {final: {a: ...}, start_rmse, rmse: [by epoch], ended}}
//     gdtrace.rows("adam")             // {header: [row 0, row 1, ...]}: numbers, texts of errors, null for an empty cell
//     gdtrace.program("adam", "Keras") // {code, prints}: the run as a program, and its lines; {sentence}: why there is none
const runOf = (name) => {
  const run = gd.runs.find((one) => one.name === name);
  if (run) return run;
  throw new Error(`there is no run ${name}; there are ${gd.runs.map((one) => one.name).join(", ")}`);
};
const rmse = (epochs) => epochs.map((epoch) => gd.shown(epoch.rmse));
window.gdtrace = Object.freeze({
  state: () => structuredClone(gd.settings),
  set: (changes) => gd.set(changes),
  ready: () => new Promise((resolve) => {
    const look = () => gd.runs.some((run) => run.partial) ? setTimeout(look, 20) : resolve();
    look();
  }),
  results: () => Object.fromEntries(gd.runs.map((run) => [run.name, {
    final: { ...run.final }, start_rmse: gd.shown(run.start_rmse), rmse: rmse(run.epochs), ended: run.ended,
  }])),
  program: (name, library) => gd.programOf(runOf(name), library),
  rows: (name) => {
    const run = runOf(name);
    const columns = run.headers.map(() => []);
    for (let row = 0; row <= run.rows; row += 1) columns.forEach((values, column) => values.push(run.value(column, row)));
    return Object.fromEntries(run.headers.map((header, column) => [header, columns[column]]));
  },
});
