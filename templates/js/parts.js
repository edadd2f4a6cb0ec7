// The sections that look into the chosen step. Each is made once for a kind of run (its optimizer, its loss, its way to
// train) and then only follows; what is not looked at is written when there is nothing else to do.
const { trees } = gd;

const WAYS = {
  s: (value, text) => value > 0 ? `+${text}` : text,
  p: (value, text) => value < 0 ? `(${text})` : text,
  v: (value) => value === 1 ? "agrees" : "differs: look closer",
};
// Places for numbers, by name. A way says how one is written: `s` with its sign, `p` with parentheses round a negative one,
// `v` as a verdict.
gd.numberPlaces = () => {
  const all = [];
  const textAt = (made, name, way) => {
    all.push((find) => {
      const value = find(name);
      const text = (WAYS[way] ?? ((_, shown) => shown))(value, gd.show(value));
      if (made.textContent !== text) made.textContent = text;
    });
    made.dataset.v = name;
    return made;
  };
  return {
    of: textAt,
    text: (kind, name, way, attributes) => textAt(element(kind, attributes), name, way),
    math: (name, way) => textAt(gd.math.set("mn"), name, way),
    svg: (kind, name, attributes) => textAt(svgElement(kind, attributes), name),
    // A cell of a table, its point below those of other rows.
    cell: (name, way) => {
      const made = element("td", { "data-v": name });
      const [whole, fraction] = [element("span"), element("span", { class: "fraction" })];
      made.append(whole, fraction);
      all.push((find) => {
        const value = find(name);
        const text = (WAYS[way] ?? ((_, shown) => shown))(value, gd.show(value));
        [whole.textContent, fraction.textContent] = gd.atPoint(text);
        made.title = value ?? "";
      });
      return made;
    },
    also: (write) => all.push(write),
    write: (find) => { for (const write of all) write(find); },
  };
};

// Shorthands for what sections are made of. Parts are elements and texts.
const made = (kind, attributes, ...parts) => {
  const one = element(kind, attributes);
  one.append(...parts.filter((part) => part !== null && part !== undefined));
  return one;
};
const cells = (kind, all, attributes = {}) => all.map((one) => one instanceof Element && /^t[dh]$/.test(one.localName) ? one : made(kind, attributes, one));
// The cells of a column of numbers, whose points stand below each other; the style sheet has boxes of up to so many
// characters for what stands behind a point.
const WIDEST = 14;
const column = (values) => {
  const texts = values.map((value) => gd.atPoint(value === undefined ? "–" : gd.show(gd.shown(value))));
  const width = Math.min(Math.max(0, ...texts.map(([, fraction]) => fraction.length)), WIDEST);
  return texts.map(([whole, fraction], at) => made("td", values[at] === undefined ? {} : { title: gd.shown(values[at]) }, whole,
    width > 1 ? element("span", { class: `f${width}` }, fraction) : null));
};
const FEW_COLUMNS = 8;
gd.build = {
  made, column,
  label: (...parts) => made("td", { class: "label" }, ...parts),
  head: (...parts) => made("th", { scope: "row", class: "label" }, ...parts),
  row: (...all) => made("tr", {}, ...cells("td", all)),
  // A table that scrolls in its own box; `heads` beginning with < stand at the left. Many columns are fitted to paper.
  table: (name, heads, bodies, className = "numbers") => {
    const table = made("table", { class: className }, heads && made("thead", {}, made("tr", {}, ...heads.map((head) => head === ""
      ? element("td") : made("th", { scope: "col", ...typeof head === "string" && head.startsWith("<") ? { class: "label" } : {} },
        typeof head === "string" ? head.replace("<", "") : head)))), ...bodies);
    if (heads?.length > FEW_COLUMNS) table.classList.add("fitted");
    table.style.setProperty("--columns", heads?.length ?? 1);
    return made("div", { class: "scroll", role: "region", "aria-label": name, tabindex: "0" }, table);
  },
};

// What the formulas of a run's samples are, and what their names mean in a row.
const known = new WeakMap();
gd.sampleOf = (run) => {
  const { plan } = run;
  if (!known.has(plan.frame)) {
    known.set(plan.frame, { ...trees.ofSample(plan), weights: run.weights.map((_, at) => trees.name("w", at)) });
  }
  return known.get(plan.frame);
};
gd.weightsAt = (run, row) => run.weights.map(({ before }) => run.cell(before, row));
// The meaning of names for weights and a sample, which is counted from 0.
gd.meaningOf = (run, weights, sample) => ({ kind, at }) => kind === "w" ? weights[at] : kind === "d" ? run.plan.data[at][sample] : run.inputs.get(at);
gd.sampleIn = (run, row) => run.cell(run.sample, row) - 1;
// A name of the formulas of a sample as text and as mathematics.
gd.nameOf = ({ kind, at }) => kind === "w" ? gd.program.weights[at] : kind === "d" ? gd.program.data_names[at] : at;

// A section by its id: `of(run)` makes {parts, write(run, row)}.
const sections = [];
gd.section = (id, of) => {
  const place = $(`#${id}-content`);
  if (place) sections.push({ place, root: place.closest("section"), of, kind: null, view: null, seen: false, stale: true });
};
const write = (section) => {
  const [run, { row }] = [gd.runs[gd.state.run], gd.state];
  const kind = gd.kindOf(run);
  if (section.kind !== kind) {
    section.view = section.of(run);
    section.place.replaceChildren(...section.view.parts);
    section.kind = kind;
  }
  section.view.write(run, row);
  section.stale = false;
};
const writeStale = () => { for (const section of sections) if (section.stale) write(section); };
const PATIENCE = 250;
let waiting = 0;
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const section = sections.find(({ root }) => root === target);
    section.seen = isIntersecting;
    if (isIntersecting && section.stale) write(section);
  }
}, { rootMargin: "200px 0px" });
addEventListener("beforeprint", writeStale);
gd.on((run, row) => {
  for (const section of sections) {
    if (!section.view) seen.observe(section.root);
    section.stale = true;
    if (section.seen) write(section);
    $("[data-shows]", section.root).textContent = `${run.title}, ${gd.row_head} ${row}`;
  }
  clearTimeout(waiting);
  waiting = setTimeout(writeStale, PATIENCE);
});
