// The sections that look into one step: their numbers come from the formulas that the page carries.
const failed = (value) => typeof value === "string";

// All that the formulas of a run say in a row, by name: numbers, or the texts of errors.
const computed = (run, row) => {
  const known = new Map();
  const column = (name) => {
    const place = name.startsWith("prev.") ? run.column.get(name.slice(5)) : run.column.get(name);
    if (place !== undefined) return run.cell(place, name.startsWith("prev.") ? row - 1 : row);
    return run.inputs.get(name);
  };
  // What holds nothing has no number.
  const find = (name) => {
    const value = known.has(name) ? known.get(name) : column(name);
    return value === undefined || value === -Infinity ? NaN : value;
  };
  const of = (place) => find(gd.parts.names[place]);
  for (const program of [gd.parts.shared, gd.parts.runs[run.name]]) {
    for (const [name, formula] of program) known.set(name, gd.printed.parts[formula](of));
  }
  return (name) => gd.shown(find(name));
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
// The bars of a chart of weights, which stand there for the first run alone.
const makeBars = (chart) => {
  const [count, wide] = [Number(chart.dataset.bars), Number(chart.dataset.bar)];
  const kinds = chart.dataset.corrected === "true" ? [["before", 3], ["after", 1]] : [["before", 3]];
  for (let back = count - 1; back >= 0; back -= 1) {
    for (const [kind, inset] of kinds) {
      const x = (count - 1 - back) * wide + inset;
      $(".bars", chart).prepend(svgElement("rect", { class: kind, "data-back": back, x, width: wide - 2 * inset }));
    }
  }
};

// What the sections show of a run: of the first it stands in the page, of the others in templates.
const contents = new Map();
const contentOf = (index) => {
  if (!contents.has(index)) {
    const parts = index === 0 ? ["split", "remembered"].map((id) => [id, $(`#${id}-content`).cloneNode(true)])
      : $$(`template[data-run="${index}"]`).map((blank) => [blank.dataset.section, blank.content]);
    contents.set(index, parts);
  }
  return contents.get(index);
};
if ($(".follows .part")) contentOf(0);
let partsOf = null;
gd.on((run, row) => {
  const parts = $$(".follows .part");
  if (parts.length === 0) return;
  // The formulas are those of the runs as the file has them.
  for (const part of parts) part.closest("section").hidden = !run.sheet;
  if (!run.sheet) return;
  const index = gd.sheets.indexOf(run.sheet);
  if (partsOf !== index) {
    // Row 1 of the first run stands there already.
    if (partsOf !== null || index !== 0) {
      for (const [id, content] of contentOf(index)) {
        $(`#${id}-content`).replaceChildren(...content.cloneNode(true).childNodes);
      }
    }
    partsOf = index;
  }
  const find = computed(run, row);
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
      if (!$("[data-back]", chart)) makeBars(chart);
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
