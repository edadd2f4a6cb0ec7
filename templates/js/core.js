// What the page's parts share: the runs, the chosen run and row, and how numbers are shown.
// The page is whole without this script; it adds exploration.
Object.assign(gd, JSON.parse(document.getElementById("gd-store").textContent));
const engine = gd.engine(gd.program);

// What is set: as in the file, until somebody changes it.
gd.settings = engine.defaults();

// The runs of what is set, in their order. `sheet` is what the workbook has of a run: its cells and formulas; null for
// an optimizer that is not in the file.
const compute = () => {
  gd.runs = gd.settings.optimizers.map((name) => {
    const run = engine.run(gd.settings, name);
    run.sheet = gd.sheets.find((sheet) => sheet.name === name) ?? null;
    run.column = new Map(run.ids.map((id, index) => [id, index]));
    return run;
  });
};

// The value of a column in a row: a number, the text of an error, or null where the cell holds nothing. Row 0 has the
// start values.
gd.value = (run, column, row) => run.value(column, row);

// The row of a run that is nearest to the wanted one.
gd.nearest = (run, wanted) => Math.min(Math.max(Math.round(wanted) || 1, 1), run.rows);

// The value of what fills a slot of a formula.
gd.slot = (run, [kind, index], row) => {
  if (kind === "c") return gd.value(run, index, row);
  if (kind === "p") return gd.value(run, index, row - 1);
  if (kind === "i") return gd.shown(run.inputs.get(run.sheet.inputs[index].id) ?? run.sheet.inputs[index].value);
  return null;
};

// A number with the digits that matter: seven of them, and before the point all. The whole one is `String(number)`.
gd.show = (value, digits = 7) => {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) {
    const [mantissa, exponent] = value.toExponential(Math.min(digits, 5) - 1).split("e");
    const raised = [...exponent.replace("+", "")].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"["0123456789".indexOf(c)] ?? "⁻").join("");
    return `${mantissa.replace(/\.?0+$/, "")}·10${raised}`.replace("-", "−");
  }
  const rounded = size < 10 ** (digits - 1) ? Number(value.toPrecision(digits)) : Math.sign(value) * Math.round(size);
  const text = String(Number.isInteger(value) ? value : rounded);
  return text.replace("-", "−");
};

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
// Sets what is given, computes the runs anew and tells all parts.
gd.set = (changes) => {
  const name = gd.runs[gd.state.run].name;
  gd.settings = { ...gd.settings, ...changes };
  compute();
  const index = Math.max(gd.runs.findIndex((run) => run.name === name), 0);
  gd.state = { run: index, row: gd.nearest(gd.runs[index], gd.state.row) };
  tell(true);
};
compute();

// A step has an address: #adam/step=30.
gd.address = () => `#${encodeURIComponent(gd.runs[gd.state.run].name)}/${gd.row_head}=${gd.state.row}`;
gd.read = () => {
  const match = /^#([^/]+)\/(?:step|row)=(\d+)$/.exec(location.hash);
  if (!match) return false;
  let name = match[1];
  try { name = decodeURIComponent(name); } catch { return false; }
  const run = gd.runs.findIndex((one) => one.name === name);
  if (run < 0) return false;
  gd.select(run, Number(match[2]), true);
  return true;
};

// Shorthands for the page's elements.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const SVG = "http://www.w3.org/2000/svg";
const svgElement = (name, attributes = {}) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const element = (name, attributes = {}, text = "") => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};
