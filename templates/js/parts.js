// The sections that look into one step: their numbers come from the formulas that the page carries.
const failed = (value) => typeof value === "string";
const number = (value) => Number.isFinite(value) ? value : "#NUM!";
const power = (base, exponent) => {
  if (exponent === 2) return number(base * base);
  if (base === 0 && exponent <= 0) return exponent === 0 ? "#NUM!" : "#DIV/0!";
  return number(base ** exponent);
};
const sigmoid = (u) => 1 / (1 + Math.exp(Math.min(-u, 700)));
const FUNCTIONS = {
  "+": (a, b) => number(a + b), "-": (a, b) => number(a - b), "*": (a, b) => number(a * b), "^": power,
  "/": (a, b) => b === 0 ? "#DIV/0!" : number(a / b), neg: (a) => -a,
  sqrt: (a) => number(Math.sqrt(a)), exp: (a) => number(Math.exp(a)), ln: (a) => number(Math.log(a)),
  log10: (a) => number(Math.log10(a)), sin: (a) => number(Math.sin(a)), cos: (a) => number(Math.cos(a)),
  tan: (a) => number(Math.tan(a)), tanh: (a) => number(Math.tanh(a)), sigmoid: (a) => number(sigmoid(a)),
  relu: (a) => Math.max(0, a), softplus: (a) => number(Math.max(a, 0) + Math.log(1 + Math.exp(-Math.abs(a)))),
  abs: Math.abs, sign: (a) => Math.sign(a) + 0, floor: Math.floor, min: Math.min, max: Math.max,
  mod: (a, b) => b === 0 ? "#DIV/0!" : a % b !== 0 && a % b < 0 !== b < 0 ? a % b + b : a % b,
  pi: () => Math.PI, e: () => Math.E, sum: (a) => a, norm: Math.abs,
};
const COMPARISONS = {
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
  "=": (a, b) => a === b, "<>": (a, b) => a !== b,
};

// The value of a formula as lists, ["+", "a", 1], where `find` knows the names: a number, or the text of an error.
gd.evaluate = (formula, find) => {
  if (typeof formula === "number") return formula;
  if (typeof formula === "string") return find(formula);
  const [name, ...rest] = formula;
  if (name === "if") {
    const [sign, left, right, then, otherwise] = rest;
    const [l, r] = [gd.evaluate(left, find), gd.evaluate(right, find)];
    if (failed(l) || failed(r)) return failed(l) ? l : r;
    return gd.evaluate(COMPARISONS[sign](l, r) ? then : otherwise, find);
  }
  const values = rest.map((one) => gd.evaluate(one, find));
  const error = values.find(failed);
  return error === undefined ? FUNCTIONS[name](...values) : error;
};

// All that the formulas of a run say in a row, by name.
gd.compute = (run, row, index) => {
  const known = new Map();
  const column = (name) => {
    if (run.column.has(name)) return gd.value(run, run.column.get(name), row);
    if (name.startsWith("prev.")) return gd.value(run, run.column.get(name.slice(5)), row - 1);
    return run.inputs.get(name);
  };
  const find = (name) => {
    const value = known.has(name) ? known.get(name) : column(name);
    return value === null || value === undefined ? "#NUM!" : value;
  };
  for (const program of [gd.parts.shared, gd.parts.runs[index].program]) {
    for (const [name, formula] of program) known.set(name, gd.evaluate(formula, find));
  }
  return find;
};

const WAYS = {
  s: (value, text) => value > 0 ? `+${text}` : text,
  p: (value, text) => value < 0 ? `(${text})` : text,
  t: (value) => gd.show(value, 3),
  v: (value) => value === 1 ? "agrees" : "differs: look closer",
};
// A number in two parts, so that the points of a column stand below each other.
const putAtPoint = (place, text) => {
  const point = text.search(/[.·]/);
  const [whole, fraction] = place.children;
  whole.textContent = point < 0 ? text : text.slice(0, point);
  fraction.textContent = point < 0 ? "" : text.slice(point);
};

// The weight of a past gradient: read at the pointer or under the arrow keys.
const weightOf = (find, chart, back) => {
  const [beta, t] = [find(chart.dataset.decay), find("step")];
  const before = back < t ? (1 - beta) * beta ** back : 0;
  return { before, after: t > 0 ? before / (1 - beta ** t) : 0 };
};
const readBack = (chart, back) => {
  const read = chart.parentNode.querySelector(".read");
  for (const bar of $$("[data-back]", chart)) bar.classList.toggle("read-here", Number(bar.dataset.back) === back);
  if (back === null) {
    read.textContent = "Point at a bar, or use the arrow keys, to read its weight.";
    return;
  }
  const { before, after } = weightOf(gd.found, chart, back);
  const when = back === 0 ? "This step" : back === 1 ? "1 step ago" : `${back} steps ago`;
  const corrected = chart.dataset.corrected === "true" ? ` before the correction, ${gd.show(after, 6)} after it` : "";
  read.textContent = `${when}: ${gd.show(before, 6)}${corrected}.`;
};
const readable = (chart) => {
  const [left, wide] = [Number(chart.dataset.left), Number(chart.dataset.bar)];
  const bars = Math.max(...$$("[data-back]", chart).map((bar) => Number(bar.dataset.back)));
  let at = null;
  const go = (back) => { at = back; readBack(chart, back); };
  chart.tabIndex = 0;
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const x = (event.clientX - box.left) * chart.viewBox.baseVal.width / box.width - left;
    const back = bars - Math.floor(x / wide);
    go(back >= 0 && back <= bars ? back : null);
  });
  chart.addEventListener("pointerleave", () => go(null));
  chart.addEventListener("focus", () => { if (chart.matches(":focus-visible")) go(0); });
  chart.addEventListener("blur", () => go(null));
  chart.addEventListener("keydown", (event) => {
    const back = { ArrowLeft: (at ?? -1) + 1, ArrowRight: (at ?? 1) - 1, Home: bars, End: 0, Escape: null }[event.key];
    if (back === undefined) return;
    go(back === null ? null : Math.min(Math.max(back, 0), bars));
    event.preventDefault();
  });
  chart.reread = () => go(at);
};
let partsOf = null;
gd.on((run, row, index) => {
  const parts = $$(".follows .part");
  if (parts.length === 0) return;
  if (partsOf !== index) {
    // Row 1 of the first run stands there already.
    if (partsOf !== null || index !== 0) {
      for (const blank of $$(`template[data-run="${index}"]`)) {
        $(`#${blank.dataset.section}-content`).replaceChildren(blank.content.cloneNode(true));
      }
    }
    partsOf = index;
  }
  const find = gd.compute(run, row, index);
  gd.found = find;
  for (const part of parts) {
    for (const place of $$("[data-v]", part)) {
      const value = find(place.dataset.v);
      const way = WAYS[place.dataset.f];
      const text = way ? way(value, gd.show(value)) : gd.show(value);
      if (place.dataset.point === undefined) place.textContent = text;
      else putAtPoint(place, text);
    }
    for (const place of $$("[data-if]", part)) place.hidden = !find(place.dataset.if);
    for (const bar of $$("[data-bar][data-of]", part)) {
      const size = (name) => failed(find(name)) ? 0 : find(name);
      const largest = Math.max(...bar.dataset.of.split(" ").map((name) => Math.abs(size(name))));
      const wide = largest > 0 ? size(bar.dataset.bar) / largest * 100 : 0;
      bar.setAttribute("class", wide < 0 ? "minus" : "plus");
      bar.setAttribute("x", Math.min(100, 100 + wide));
      bar.setAttribute("width", Math.abs(wide));
    }
    for (const chart of $$(".weights", part)) {
      const [decay, t, base] = [find(chart.dataset.decay), find("step"), Number(chart.dataset.base)];
      const corrected = chart.dataset.corrected === "true";
      for (const bar of $$("[data-back]", chart)) {
        const back = Number(bar.dataset.back);
        const after = bar.classList.contains("after");
        let tall = back < t ? decay ** back : 0;
        if (corrected !== after) tall *= corrected ? 1 - decay ** t : 0;
        bar.setAttribute("y", base - tall * base);
        bar.setAttribute("height", tall * base);
      }
      if (!chart.reread) readable(chart);
      chart.reread();
    }
  }
  for (const row of $$("#limits-content [data-run]")) row.classList.toggle("chosen", Number(row.dataset.run) === index);
  for (const shows of $$("[data-shows]")) shows.textContent = `${run.title}, ${gd.row_head} ${row}`;
  for (const link of $("#explorer") ? $$(".elsewhere") : []) {
    link.setAttribute("href", "#explorer");
    link.hidden = false;
  }
});
