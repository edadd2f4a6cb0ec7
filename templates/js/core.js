// What the page's parts share: the stored numbers, the chosen run and row, and how numbers are shown.
// The page is whole without this script; it adds exploration.
"use strict";
(() => {
const gd = JSON.parse(document.getElementById("gd-store").textContent);

// Errors of cells are stored as NaN with the error's number in the lowest byte.
const ERRORS = ["#DIV/0!", "#NUM!"];

// So many rows of a run are decoded at a time, when the first of them is asked for: all of them at once would take
// longer than all else that the page does before it can be used. A multiple of three, so that the bytes of a block are
// whole letters of base64.
const BLOCK = 24;

for (const run of gd.runs) {
  run.blocks = [];
  // The places in a row of the columns that are stored; the others are found where they say.
  run.own = 0;
  for (const column of run.columns) if (!column.same) column.place = run.own++;
  // The ranges of stored rows: where each begins among them, and its first row that can be explained, which needs the
  // row above.
  let [before, above] = [0, 0];
  run.ranges = run.stored.map(([first, last]) => {
    const range = { first, last, before, explained: first === above + 1 ? first : first + 1 };
    before += last - first + 1;
    above = last;
    return range;
  });
  run.column = new Map(run.columns.map((column, index) => [column.id, index]));
  run.input = new Map(run.inputs.map((input) => [input.id, input.value]));
  run.kept = gd.problem.runs[gd.runs.indexOf(run)];
}

// The doubles of a block of stored rows.
const block = (run, index) => {
  if (!run.blocks[index]) {
    const letters = BLOCK * run.own * 8 / 3 * 4;
    const text = atob(run.values.slice(index * letters, (index + 1) * letters));
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
    run.blocks[index] = new DataView(bytes.buffer);
  }
  return run.blocks[index];
};

// The range of stored rows that a row is in.
const rangeOf = (run, row) => {
  let [low, high] = [0, run.ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (run.ranges[middle].last < row) low = middle + 1;
    else high = middle;
  }
  const range = run.ranges[low];
  return range && range.first <= row ? range : null;
};

// The value of a column in a row: a number, the text of an error, or null where nothing is stored. Row 0 has the
// start values.
gd.value = (run, column, row) => {
  if (row === 0) {
    const start = run.initial[column];
    return start === undefined ? null : start;
  }
  const { same, place } = run.columns[column];
  if (same) return gd.value(gd.runs[same.run], same.column, row - same.up);
  const range = rangeOf(run, row);
  if (!range) return null;
  const stored = range.before + row - range.first;
  const view = block(run, Math.floor(stored / BLOCK));
  const at = (stored % BLOCK * run.own + place) * 8;
  const number = view.getFloat64(at, true);
  return Number.isNaN(number) ? ERRORS[view.getUint8(at)] ?? "#NUM!" : number;
};

// Whether a row can be explained: it and the row above are stored.
gd.has = (run, row) => {
  const range = rangeOf(run, row);
  return range !== null && row >= range.explained;
};

// The row that can be explained nearest to the wanted one.
gd.nearest = (run, wanted) => {
  const row = Math.min(Math.max(Math.round(wanted) || 1, 1), run.rows);
  let nearest = 1;
  for (const { explained, last } of run.ranges) {
    const own = Math.min(Math.max(row, explained), last);
    if (explained <= last && Math.abs(own - row) < Math.abs(nearest - row)) nearest = own;
  }
  return nearest;
};

// The value of what fills a slot of a formula.
gd.slot = (run, [kind, index], row) => {
  if (kind === "c") return gd.value(run, index, row);
  if (kind === "p") return gd.value(run, index, row - 1);
  if (kind === "i") return run.inputs[index].value;
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

// The chosen run and row. Parts listen with gd.on and are told at every change and once at the start.
const listeners = [];
gd.state = { run: 0, row: 1 };
gd.on = (listener) => listeners.push(listener);
gd.select = (run, row, silent) => {
  const index = Math.min(Math.max(run, 0), gd.runs.length - 1);
  gd.state = { run: index, row: gd.nearest(gd.runs[index], row) };
  for (const listener of listeners) listener(gd.runs[index], gd.state.row, index);
  if (!silent) history.replaceState(null, "", gd.address());
};

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
