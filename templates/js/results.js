// What each optimizer came to: the table and the sentence of the file, and those of what is set for as long as that is
// something else.
const { made } = gd.build;
const table = $("#results-caption")?.closest("table");
const section = $("#summary")?.closest("section");
const [caption, body] = table ? [$("caption", table), $("tbody", table)] : [];
const inFile = table && { caption: caption.textContent, rows: [...body.children], told: $$(".finding, .warning", section) };
const now = made("p", { class: "finding", role: "status", hidden: "" });

const weights = gd.program.weights.length;
// How many numbers a row has: weights, two errors, a dialect's own, and how far off the exact line the weights are.
const more = inFile ? inFile.rows[0].children.length - 4 - weights : 0;
const hasExact = more >= weights;
const hasOwnError = more - (hasExact ? weights : 0) === 1;
const numbersOf = (run) => {
  const last = run.epochs.at(-1);
  if (!last) return [];
  // In scaled columns the exact line is not that of these units.
  const exact = gd.program.units ? null : gd.problem.exactLine();
  const off = hasExact ? Array.from(last.weights, (weight, at) => exact ? weight - exact.weights[at] : undefined) : [];
  return [...last.weights, last.rmse, last.online_rmse, ...hasOwnError ? [last.root_of_sum] : [], ...off];
};
const hyperOf = (run) => engine.optimizers.get(run.name).hyper.flatMap(({ id, symbol }, at) => [at ? ", " : "",
  made("span", {}, gd.math.inline(gd.math.symbol(symbol), gd.math.sign("="), gd.math.numberOf(run.inputs.get(id))))]);
const nameOf = (run) => {
  const known = inFile.rows[gd.sheets.findIndex(({ name }) => name === run.name)];
  return made("th", { scope: "row", class: "label stick" }, ...known ? [known.firstElementChild.firstElementChild.cloneNode(true)] : [gd.key(run), run.name]);
};
const rowsNow = () => {
  const all = gd.runs.map(numbersOf);
  const count = Math.max(...all.map((numbers) => numbers.length));
  const writers = Array.from({ length: count }, (_, at) => gd.table.writerOf(all.map((numbers) => numbers[at]).filter(Number.isFinite)));
  const starts = new Set([0, weights, weights + 2, weights + 2 + Number(hasOwnError)]);
  const cell = (value, at) => made("td", {
    class: `${starts.has(at) ? "starts" : ""}${value === undefined || Number.isFinite(value) ? "" : " error"}`, title: value === undefined ? "" : gd.shown(value),
  }, value === undefined ? "" : Number.isFinite(value) ? writers[at](value) : gd.shown(value));
  return gd.runs.map((run, at) => made("tr", {}, nameOf(run), made("td", { class: "label hyper" }, ...hyperOf(run)), ...all[at].map(cell)));
};
const toldNow = () => {
  const wrong = gd.runs.filter((run) => run.ended).map((run) => `${run.name} diverged at ${gd.row_head} ${run.ended.row}.`);
  const ends = gd.runs.filter((run) => Number.isFinite(gd.track.last(run))).sort((one, other) => gd.track.last(one) - gd.track.last(other));
  const best = ends.length ? `${ends[0].title} comes closest to the data, with an RMSE of ${gd.show(gd.track.last(ends[0]), 6)}.` : "no optimizer comes to a result.";
  return [`As it is set now, ${best}`, ...wrong].join(" ");
};

if (inFile) {
  $(".finding", section).after(now);
  gd.on((run, row, index, changed) => {
    const isAsInFile = gd.isAsInFile();
    if (!changed || gd.runs.some((one) => one.partial)) return;
    for (const one of inFile.told) one.hidden = !isAsInFile;
    now.hidden = isAsInFile;
    body.replaceChildren(...isAsInFile ? inFile.rows : rowsNow());
    caption.textContent = isAsInFile ? inFile.caption : `${inFile.caption}, as it is set now`;
    now.textContent = isAsInFile ? "" : toldNow();
  });
}
